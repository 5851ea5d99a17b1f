import Ledger
import Testing
import Tokens

@testable import Execution

/// A ledger in memory that several banks govern; their operators are accounts with DIP.
struct Council {
    /// What a call to governance came to.
    enum Answer: Equatable {
        case done([UInt8])
        case refused(String)
        case skipped
    }

    let machine: Machine
    let keys: [PrivateKey]
    var time: UInt64 = 1_000_000
    /// The last block.
    var block: StoredBlock
    private var nonces: [Address: UInt64] = [:]

    static let price: UInt128 = 1_000_000_000
    static let wealth: UInt128 = 1_000_000_000_000_000_000

    /// Founds a ledger; key `i` is bank `i + 1`'s operator, and there are keys for strangers behind them.
    init(banks: Int, treasury: UInt128 = 0, versionsKnown: ClosedRange<UInt16> = 1...1) {
        let keys = (0..<(banks + 20)).map { PrivateKey(Keccak256.hash("council \($0)").bytes)! }
        self.keys = keys
        let genesis = Genesis(
            chainID: Genesis.developmentChainID, timeMillis: 1_000_000,
            allocations: keys.map {
                Genesis.Allocation(account: $0.address, amount: Amount(Self.wealth))
            } + [.init(account: .treasury, amount: Amount(treasury))], rules: Rules(),
            validators: (0..<banks).map {
                .init(
                    name: "Bank \($0 + 1)", address: Self.node($0), operator: keys[$0].address,
                    endpoint: "bank-\($0 + 1):4000")
            }, certificateQuorum: BankSet.defaultQuorum(of: banks), checkpointInterval: 0)
        let begun = Machine.begin(
            genesis, state: State(source: EmptySource()), versionsKnown: versionsKnown)
        machine = begun.machine
        block = try! StoredBlock(decoding: begun.block.stored)
    }

    /// The account of a node's key.
    static func node(_ index: Int) -> Address { Address(high: 7, middle: 7, low: UInt32(index)) }

    func address(_ index: Int) -> Address { keys[index].address }

    var height: UInt64 { machine.tip.height }
    var banks: [Address] { machine.bankSet.banks.map(\.operator) }

    // MARK: Blocks

    /// Executes a block of calls to governance, each by the key of that index.
    @discardableResult
    mutating func run(_ calls: [(key: Int, data: [UInt8])], to: Address = .treasury) -> [Answer] {
        time += 1000
        let transactions = calls.map { call -> VerifiedTransaction in
            let nonce = nonces[address(call.key), default: 0]
            nonces[address(call.key)] = nonce + 1
            let transaction = Transaction(
                chainID: Genesis.developmentChainID, nonce: nonce,
                maxFeePerGas: 1_000 * Self.price, gasLimit: 400_000, to: to, value: 0,
                data: call.data)
            return try! VerifiedTransaction.verify(
                transaction.sign(with: keys[call.key]), chainID: Genesis.developmentChainID)
        }
        let body = Body.encode(
            version: machine.versionActive(at: height + 1), height: height + 1,
            parent: machine.tip.body, timeMillis: time, leader: .zero, transactions: transactions)
        let executed = try! machine.execute(Body(decoding: body), transactions)
        block = try! StoredBlock(decoding: executed.stored)
        return calls.indices.map { index in
            let record = try! block.record(index)
            return switch record.outcome {
            case .done: .done(Array(record.output))
            case .refused: .refused(Self.reason(record.output))
            case .skipped: .skipped
            }
        }
    }

    /// Has somebody give DIP away.
    mutating func spend(_ amount: UInt128, by key: Int) {
        var writer = ABIWriter(selector: IDip.Function.transfer.rawValue, words: 2)
        writer.write(keys[keys.count - 1].address)
        writer.write(amount)
        #expect(
            run([(key, writer.finish())], to: .dip) == [.done(Hash32(word: 1 as UInt128).bytes)])
    }

    /// Executes empty blocks up to a height.
    mutating func advance(to height: UInt64) { while self.height < height { run([]) } }

    /// The text of a `BadProposal`, else the selector.
    static func reason(_ output: ArraySlice<UInt8>) -> String {
        if output.starts(with: Rejection.badProposal("").revertData.prefix(4)) {
            var reader = ABIReader(output.dropFirst(4))
            return (try? reader.string()) ?? "?"
        }
        if output.starts(with: Rejection.notBank(.zero).revertData.prefix(4)) { return "NotBank" }
        return Hex.encode(output.prefix(4))
    }

    // MARK: Calls

    static func propose(
        _ change: IGovernance.Change, from height: UInt64 = 0, expiry: UInt64 = .max
    ) -> [UInt8] {
        propose(change.kind, IGovernance.Proposal(change, from: height).data, expiry: expiry)
    }

    static func propose(
        _ kind: IGovernance.Kind, _ data: [UInt8], expiry: UInt64 = .max
    ) -> [UInt8] {
        var writer = ABIWriter(selector: IGovernance.Function.propose.rawValue, words: 3)
        writer.write(kind)
        writer.write(bytes: data)
        writer.write(expiry)
        return writer.finish()
    }

    static func vote(_ id: UInt64, _ yes: Bool = true) -> [UInt8] {
        var writer = ABIWriter(selector: IGovernance.Function.vote.rawValue, words: 2)
        writer.write(id)
        writer.write(yes)
        return writer.finish()
    }

    /// Proposes as bank 1's operator, and has as many others vote for it as a majority needs.
    /// - Returns: the proposal's id and what the proposal came to.
    @discardableResult
    mutating func pass(_ change: IGovernance.Change, from height: UInt64 = 0) -> Answer {
        let voters = banks.compactMap { bank in keys.firstIndex { $0.address == bank } }
        let answer = run([(voters[0], Self.propose(change, from: height))])[0]
        guard case .done(let output) = answer else { return answer }
        let id = UInt64(output.suffix(8).reduce(0 as UInt64) { $0 << 8 | UInt64($1) })
        for voter in voters.dropFirst().prefix(banks.count / 2) {
            let voted = run([(voter, Self.vote(id))])[0]
            guard case .done = voted else { return voted }
        }
        return answer
    }

    // MARK: Asking

    /// Asks governance something, on top of the last block.
    func ask(_ function: IGovernance.Function, _ id: UInt64? = nil) -> [UInt8] {
        var writer = ABIWriter(selector: function.rawValue, words: id == nil ? 0 : 1)
        if let id { writer.write(id) }
        let answer = machine.simulate(
            sender: .zero, to: .treasury, value: 0, data: writer.finish(), gasLimit: 1_000_000,
            now: time / 1000)
        return (try? answer.result.get()) ?? []
    }

    func outcome(_ id: UInt64) throws -> (IGovernance.Stage, UInt64) {
        var reader = ABIReader(ask(.outcome, id))
        return (try reader.read(), try reader.uint())
    }

    /// What the last block did itself, and its transactions.
    var effects: [GovernanceEffect] {
        (0...block.transactions.count).flatMap { index in
            EffectReader(try! block.record(index).effects).compactMap { effect in
                try? GovernanceEffect(tag: effect.tag, payload: effect.payload)
            }
        }
    }
}
