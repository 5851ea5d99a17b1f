import Execution
import Foundation
import Ledger
import Settlement
import Tokens

/// What a unit of gas buys at worst: calls with the arguments, and on the state, that make them dearest for the node.
///
/// One core, in memory; orders that a node would have to read are read from a store in memory.
struct GasWork {
    /// One call at its worst.
    struct Row: Codable {
        var name: String
        /// The gas that one transaction of it used.
        var gas: UInt64
        /// Nanoseconds of the processor for a unit of gas.
        var nanoseconds: Double
        /// Bytes of the block's records for a unit of gas.
        var recordBytes: Double
        /// Bytes of changed state in the block for a unit of gas.
        var changeBytes: Double
        /// Bytes of memory that the node took beyond what it had, at most, for a unit of gas.
        var memoryBytes: Double
    }

    /// A call, and by which account.
    struct Call {
        var by = 0
        var to: Address
        var value: UInt128 = 0
        var data: [UInt8]
        var gas: UInt64 = 4_000_000_000
    }

    let accounts = Accounts(count: 600, seed: 11)
    private let signer = Signer()
    private let genesis: Genesis
    private let source = MemorySource()
    private(set) var machine: Machine
    private var nonces: [UInt64]
    var time: UInt64 = 1_764_000_000_000
    private(set) var rows: [Row] = []

    /// Account 0 is the operator of the first bank, account 1 its checker.
    ///
    /// - Parameter bankCount: 1, or 2 with ``otherBank`` as the second one's operator.
    init(bankCount: Int = 1) {
        nonces = Array(repeating: 0, count: accounts.addresses.count)
        genesis = Genesis(
            chainID: Genesis.developmentChainID, timeMillis: time,
            allocations: accounts.addresses.prefix(20).map {
                .init(account: $0, amount: Amount(1 << 100))
            }, rules: Rules(gasPrice: 0, blockGasLimit: .max, stepLimit: 1_000_000),
            validators: [0, Self.otherBank].prefix(bankCount).map { [accounts] in
                .init(name: "Bank \($0)", address: accounts.addresses[$0])
            },
            certificateQuorum: UInt16(bankCount), checkpointInterval: 0)
        machine = Machine.begin(genesis, state: State(source: source)).machine
        store()
    }

    /// Measures each call in turn.
    static func measure() throws -> [Row] {
        var work = Self()
        try work.orderRows()
        try work.crowdRows()
        try work.claimRows()
        try work.tokenRows()
        try work.bankRows()
        try work.decisionRows()
        var cut = Self()
        try cut.cutRows()
        try cut.partyRows()
        try cut.belowRows()
        try cut.signedRows()
        var keys = Self(bankCount: 2)
        try keys.keyRows()
        return work.rows + cut.rows + keys.rows
    }

    /// A table for people, or one JSON array.
    static func text(_ rows: [Row], json: Bool) throws -> String {
        if json { return String(decoding: try JSONEncoder().encode(rows), as: UTF8.self) }
        let lines = rows.map {
            String(
                format: "%11d  %8.2f  %8.3f  %8.3f  %8.2f  ", $0.gas, $0.nanoseconds,
                $0.recordBytes, $0.changeBytes, $0.memoryBytes) + $0.name
        }
        let head = "        gas    ns/gas    record    change    memory  (bytes for a unit of gas)"
        return (["calls at their worst, one core, in memory:", head] + lines)
            .joined(separator: "\n")
    }

    // MARK: Running

    /// Executes a block of calls.
    /// - Returns: the block, and the seconds that executing took, signatures left out.
    @discardableResult
    mutating func run(
        _ calls: [Call], mayFail: Bool = false
    ) throws -> (block: ExecutedBlock, seconds: Double) {
        time += 1000
        var raws: [VerifiedTransaction] = []
        for call in calls {
            let raw = signer.sign(
                accounts.key(call.by), nonce: nonces[call.by], to: call.to, value: call.value,
                data: call.data, gas: call.gas)
            nonces[call.by] += 1
            raws.append(try .verify(raw, chainID: Genesis.developmentChainID))
        }
        let (block, seconds) = try machine.executeTimed(raws, timeMillis: time)
        if !mayFail { try block.checkAllDone() }
        return (block, seconds)
    }

    /// Executes calls in blocks of a few hundred.
    mutating func all(_ calls: [Call]) throws {
        for start in stride(from: 0, to: calls.count, by: 500) {
            try run(Array(calls[start..<min(start + 500, calls.count)]))
        }
    }

    /// Measures a block of calls, or its start, which counts for so much gas.
    mutating func add(
        _ name: String, _ calls: [Call], mayFail: Bool = false, gas given: UInt64? = nil
    ) throws {
        let memory = Memory()
        let (block, seconds) = try run(calls, mayFail: mayFail)
        let used = given ?? block.header.gasUsed
        let gas = Double(used)
        let changes = block.changes.objects.reduce(56 * block.changes.cells.count) {
            $0 + 9 + $1.key.count + ($1.value?.count ?? 0)
        }
        rows.append(
            Row(
                name: name, gas: used / UInt64(max(calls.count, 1)),
                nanoseconds: seconds * 1e9 / gas,
                recordBytes: Double(block.records.count) / gas,
                changeBytes: Double(changes) / gas, memoryBytes: Double(memory.growth) / gas))
    }

    /// The same call so often in one transaction.
    func batch(_ calls: [Call]) -> Call {
        var writer = ABIWriter(selector: IBatch.Function.execute.rawValue, words: 1)
        writer.write(array: calls.map { IBatch.Call(to: $0.to, data: $0.data, value: $0.value) })
        return Call(by: calls[0].by, to: .batch, data: writer.finish())
    }

    func address(_ index: Int) -> Address { accounts.addresses[index] }

    /// Lets go of everything in memory, as a node that starts again, so that orders are read anew.
    mutating func forget() {
        store()
        machine.state.end()
        machine = Machine(
            genesis: genesis, state: State(source: source, height: machine.tip.height),
            tip: machine.tip)
    }

    private func store() { source.write(machine.state.collectChanges()) }
}
