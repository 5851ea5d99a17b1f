import Execution
import FuzzTargets
import Ledger
import Node
import Settlement
import Tokens

extension FuzzTarget {
    /// Bytes as a history: who calls which function of which contract with what, block after block.
    ///
    /// After each block all that must always hold of money and orders is looked at.
    static let calls = FuzzTarget(
        "calls", seeds: { [[UInt8](0..<64), [UInt8](repeating: 3, count: 40)] }
    ) {
        (bytes) throws(FuzzFinding) in
        var history = CallHistory(Array(bytes.prefix(2048)))
        defer { history.end() }
        try history.run()
    }
}

/// Plays such a history on a ledger in memory.
private struct CallHistory {
    private static let functions: [(contract: Address?, item: InterfaceItem)] =
        ContractInterface.all.flatMap { contract in
            contract.items.filter { $0.kind == .function }.map { (contract.address, $0) }
        }
    private static let keys = (0..<4).map { LedgerSamples.sampleKey($0) }

    private let source = MemorySource()
    private let machine: Machine
    private var bytes: ByteReader
    private var time: UInt64 = 1_000_000
    private var nonces = [UInt64](repeating: 0, count: keys.count)
    private var cells: [CellKey: UInt128] = [:]

    init(_ bytes: [UInt8]) {
        self.bytes = ByteReader(bytes)
        let (machine, block) = Machine.begin(LedgerSamples.genesis, state: State(source: source))
        self.machine = machine
        take(block)
    }

    private mutating func take(_ block: ExecutedBlock) {
        source.write(block.changes)
        for change in block.changes.cells { cells[change.key] = change.cell.amount }
    }

    mutating func run() throws(FuzzFinding) {
        while bytes.remaining > 0, machine.tip.height < 40 {
            time += 1000 * UInt64(byte())
            let count = Int(byte() % 8)
            var transactions: [VerifiedTransaction] = []
            for _ in 0..<count {
                if let transaction = transaction() { transactions.append(transaction) }
            }
            let encoded = Body.encode(
                version: 1, height: machine.tip.height + 1, parent: machine.tip.body,
                timeMillis: time, leader: Self.keys[1].address, transactions: transactions)
            guard let body = try? Body(decoding: encoded),
                let block = try? machine.execute(body, transactions)
            else { throw FuzzFinding("calls: a body of ours was refused") }
            take(block)
            try check()
        }
    }

    /// Lets go of the ledger.
    func end() { machine.state.end() }

    private func check() throws(FuzzFinding) {
        var sums = MoneySums()
        // Any order: sums do not know it.
        for (key, amount) in cells { sums.add(key, amount) }
        let faults = sums.faults(machine.tokens) + Audit(machine.orders).orderFaults()
        if let fault = faults.first { throw FuzzFinding("calls: \(fault)") }
    }

    // MARK: From bytes

    private mutating func byte() -> UInt8 { (try? bytes.read(UInt8.self)) ?? 0 }

    private mutating func transaction() -> VerifiedTransaction? {
        let sender = Int(byte()) % Self.keys.count
        let (contract, item) = Self.functions[Int(byte()) % Self.functions.count]
        guard let types = try? ABIType.arguments(of: item.signature),
            let data = ABIValue.encode(
                types.map { value($0, depth: 0) }, as: types, selector: item.selector)
        else { return nil }
        let to = contract ?? machine.tokens.issued(0).map { machine.tokens.address(of: $0) } ?? .dip
        let transaction = Transaction(
            chainID: LedgerSamples.chainID, nonce: nonces[sender], maxFeePerGas: 1_000_000_000,
            gasLimit: 5_000_000, to: to, value: 0, data: data)
        nonces[sender] += 1
        return try? .verify(
            transaction.sign(with: Self.keys[sender]), chainID: LedgerSamples.chainID)
    }

    /// A value that is more often meaningful than any bytes would be.
    private mutating func value(_ type: ABIType, depth: Int) -> ABIValue {
        switch type {
        case .uint(let bits):
            let byte = byte()
            switch byte {
            case 0xff: return .number(Hash32(word: bits >= 128 ? .max : (1 << UInt128(bits)) - 1))
            case 0xf0...0xfe:
                return .uint(bits >= 64 ? UInt128(time / 1000) + UInt128(byte & 15) : 1)
            case 0xe0...0xef: return .uint(bits >= 16 ? 10_000 : 1)
            default: return .uint(UInt128(byte & 31) & ((1 << UInt128(min(bits, 127))) - 1))
            }
        case .int: return .uint(UInt128(byte() & 31))
        case .address: return .address(address())
        case .bool: return .bool(byte() & 1 == 1)
        case .fixedBytes(let count): return .bytes([UInt8](repeating: byte(), count: count))
        case .bytes, .string:
            let text = [UInt8](repeating: UInt8(ascii: "a") + byte() % 26, count: Int(byte() % 40))
            return type == .string ? .string(String(decoding: text, as: UTF8.self)) : .bytes(text)
        case .array(let element, let count):
            let count = count ?? (depth > 2 ? 0 : Int(byte() % 4))
            return .list((0..<count).map { _ in value(element, depth: depth + 1) })
        case .tuple(let types): return .list(types.map { value($0, depth: depth + 1) })
        }
    }

    private mutating func address() -> Address {
        let byte = byte()
        switch byte {
        case 0..<16: return .contract(0xd100 + UInt16(byte & 15))
        case 16..<32: return .zero
        case 32..<96:
            let token = machine.tokens.issued(UInt32(byte & 1))
            return token.map { machine.tokens.address(of: $0) } ?? .dip
        default: return Self.keys[Int(byte) % Self.keys.count].address
        }
    }
}
