import Ledger
import Testing
import Tokens

@testable import Execution

/// A ledger in memory with one bank, reviewers, a developer and companies; work costs gas but no DIP, so that
/// what accounts have shows what templates cost.
struct Workshop {
    /// What a call came to.
    enum Answer: Equatable {
        case done([UInt8])
        case refused([UInt8])
        case skipped

        static func refused(_ rejection: Rejection) -> Answer { .refused(rejection.revertData) }
    }

    /// A call that somebody signs.
    struct Step {
        var key: Int
        var to = Address.templates
        var value: UInt128 = 0
        var data: [UInt8]
        var gasLimit: UInt64 = 20_000_000
    }

    let machine: Machine
    let keys = (0..<12).map { PrivateKey(Keccak256.hash("workshop \($0)").bytes)! }
    var time: UInt64 = 1_000_000
    /// The last block.
    var block: StoredBlock
    private var nonces: [Address: UInt64] = [:]

    static let bank = 0
    static let developer = 1
    static let reviewers = 2...5
    static let buyer = 6
    static let maker = 7
    static let inspector = 8
    static let stranger = 9

    static let wealth: UInt128 = 1_000_000 * Rules.oneDIP
    static let rules = Rules(
        gasPrice: 0, publicationFee: 1_000, reviewFee: 100, requiredReviews: 2,
        royaltyDeveloper: 7_000, royaltyReviewers: 1_000)
    /// Three reviews, one more than there are when everybody agrees.
    static let deposit: UInt128 = 300
    static let cost: UInt128 = 1_300

    /// Founds a ledger and admits the reviewers.
    init(rules: Rules = Workshop.rules) {
        let genesis = Genesis(
            chainID: Genesis.developmentChainID, timeMillis: 1_000_000,
            allocations: keys.map {
                Genesis.Allocation(account: $0.address, amount: Amount(Self.wealth))
            }, rules: rules, validators: [.init(name: "Bank", address: keys[0].address)],
            certificateQuorum: 1, checkpointInterval: 0)
        let begun = Machine.begin(genesis, state: State(source: EmptySource()))
        machine = begun.machine
        block = try! StoredBlock(decoding: begun.block.stored)
        for reviewer in Self.reviewers { decide(.admitReviewer(address(reviewer))) }
    }

    func address(_ index: Int) -> Address { keys[index].address }

    func balance(_ index: Int) -> UInt128 { balance(address(index)) }

    func balance(_ account: Address) -> UInt128 {
        machine.tokens.balance(of: account, in: .dip)
    }

    // MARK: Blocks

    /// Executes a block of calls.
    @discardableResult
    mutating func run(_ steps: [Step]) -> [Answer] {
        time += 1000
        let transactions = steps.map { step -> VerifiedTransaction in
            let nonce = nonces[address(step.key), default: 0]
            nonces[address(step.key)] = nonce + 1
            let transaction = Transaction(
                chainID: Genesis.developmentChainID, nonce: nonce, maxFeePerGas: 1 << 40,
                gasLimit: step.gasLimit, to: step.to, value: step.value, data: step.data)
            return try! VerifiedTransaction.verify(
                transaction.sign(with: keys[step.key]), chainID: Genesis.developmentChainID)
        }
        let body = Body.encode(
            version: 1, height: machine.tip.height + 1, parent: machine.tip.body,
            timeMillis: time, leader: address(Self.bank), transactions: transactions)
        let executed = try! machine.execute(Body(decoding: body), transactions)
        block = try! StoredBlock(decoding: executed.stored)
        #expect(machine.templates.fault() == nil)
        #expect(sum == Self.wealth * UInt128(keys.count), "DIP was lost or made")
        #expect(
            balance(.treasury) == machine.economy.treasury(endowment: 0),
            "the treasury has something else than its totals say")
        return steps.indices.map { index in
            let record = try! block.record(index)
            return switch record.outcome {
            case .done: .done(Array(record.output))
            case .refused: .refused(Array(record.output))
            case .skipped: .skipped
            }
        }
    }

    /// All DIP that there is.
    private var sum: UInt128 {
        let contracts = (0xd100...0xd109 as ClosedRange<UInt16>).map { Address.contract($0) }
        return (keys.map(\.address) + contracts).reduce(0) { $0 + balance($1) }
    }

    /// Executes a block of one call.
    @discardableResult
    mutating func run(
        _ key: Int, value: UInt128 = 0, _ data: [UInt8], gasLimit: UInt64 = 20_000_000
    ) -> Answer {
        run([Step(key: key, value: value, data: data, gasLimit: gasLimit)])[0]
    }

    /// Has the bank decide something, which then holds.
    mutating func decide(_ change: IGovernance.Change) {
        run([Step(key: Self.bank, to: .treasury, data: Council.propose(change))])
        run([])
    }

    // MARK: Calls

    static func publish(_ json: String, replacing old: Hash32 = .zero) -> [UInt8] {
        var writer = ABIWriter(selector: ITemplates.Function.publish.rawValue, words: 2)
        writer.write(string: json)
        writer.write(word: old)
        return writer.finish()
    }

    static func review(_ id: Hash32, _ approve: Bool, report: Hash32 = Hash32(1, 2, 3, 4))
        -> [UInt8]
    {
        var writer = ABIWriter(selector: ITemplates.Function.review.rawValue, words: 3)
        writer.write(word: id)
        writer.write(approve)
        writer.write(word: report)
        return writer.finish()
    }

    static func deprecate(_ id: Hash32) -> [UInt8] {
        var writer = ABIWriter(selector: ITemplates.Function.deprecate.rawValue, words: 1)
        writer.write(word: id)
        return writer.finish()
    }

    static func open(
        _ id: Hash32, _ bindings: String, from sources: [IOrders.Pledge] = []
    ) -> [UInt8] {
        var writer = ABIWriter(selector: ITemplates.Function.open.rawValue, words: 3)
        writer.write(word: id)
        writer.write(string: bindings)
        writer.write(array: sources)
        return writer.finish()
    }

    /// Asks the contract something, on top of the last block.
    func ask(
        _ function: ITemplates.Function, _ id: Hash32? = nil, _ bindings: String? = nil
    ) -> Result<[UInt8], Rejection> {
        var writer = ABIWriter(
            selector: function.rawValue, words: (id == nil ? 0 : 1) + (bindings == nil ? 0 : 1))
        if let id { writer.write(word: id) }
        if let bindings { writer.write(string: bindings) }
        return machine.simulate(
            sender: address(Self.buyer), to: .templates, value: 0, data: writer.finish(),
            gasLimit: 100_000_000, now: time / 1000
        ).result
    }

    // MARK: Templates

    /// A maker delivers and an inspector says so; `name` makes it another template.
    static func template(
        _ name: String = "Delivery", royalty: String = "5", more: String = ""
    ) -> String {
        """
        {"language": 1, "name": "\(name)", "industry": "C34",
         "roles": {"buyer": {"pays": true}, "maker": {}, "inspector": {}},
         "parameters": {"price": {"type": "amount", "min": "1", "max": "1000000000"}},
         "gates": {"delivered": {"attest": ["inspector"], "by": "30d"}},
         "price": "price",
         "lines": [{"to": "maker", "rest": true, "gate": "delivered"}],\(more)
         "royalty": "\(royalty)"}
        """
    }

    /// A template with more combinations of outcomes and lines than a check plays.
    static var unplayable: String {
        let gates = (0..<5).map { "\"g\($0)\": {\"attest\": [\"inspector\"], \"by\": \"30d\"}" }
        let line = #"{"to": "maker", "fixed": "1", "gate": "g0"}"#
        return template().replacing(
            #""delivered": {"attest": ["inspector"], "by": "30d"}"#,
            with: gates.joined(separator: ", ")
        ).replacing("delivered", with: "g1").replacing(
            #""lines": ["#, with: #""lines": ["# + String(repeating: line + ", ", count: 40))
    }

    func bindings(price: String = "1000", token: Address = .dip, more: String = "") -> String {
        """
        {"token": "\(token)", "buyer": "\(address(Self.buyer))", "maker": "\(address(Self.maker))",
         "inspector": "\(address(Self.inspector))", "price": "\(price)"\(more)}
        """
    }

    /// Publishes a template as the developer.
    mutating func publish(
        _ json: String = Workshop.template(), replacing old: Hash32 = .zero,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> Hash32 {
        let answer = run(Self.developer, value: Self.cost, Self.publish(json, replacing: old))
        guard case .done(let output) = answer else {
            Issue.record("publishing: \(answer)", sourceLocation: sourceLocation)
            throw DecodingFault("refused")
        }
        return try #require(Hash32(output))
    }

    /// Publishes a template and has two reviewers approve it.
    mutating func activate(
        _ json: String = Workshop.template(), replacing old: Hash32 = .zero,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> Hash32 {
        let id = try publish(json, replacing: old, sourceLocation: sourceLocation)
        for reviewer in Self.reviewers.prefix(2) { run(reviewer, Self.review(id, true)) }
        #expect(status(id) == .active, sourceLocation: sourceLocation)
        return id
    }

    func status(_ id: Hash32) -> ITemplates.Status { machine.templates.find(id)?.status ?? .none }

    /// What the last block did to templates.
    var effects: [TemplateEffect] {
        (0...block.transactions.count).flatMap { index in
            EffectReader(try! block.record(index).effects).compactMap { effect in
                try? TemplateEffect(tag: effect.tag, payload: effect.payload)
            }
        }
    }

    /// The transfers of DIP in the last block: from, to, amount.
    var transfers: [String] {
        (0...block.transactions.count).flatMap { index in
            EffectReader(try! block.record(index).effects).compactMap { effect -> String? in
                guard effect.tag == TokenEffectTag.transfer,
                    case .transfer(_, let from, let to, let amount)? = try? TokenEffect(
                        tag: effect.tag, payload: effect.payload)
                else { return nil }
                return "\(name(from)) → \(name(to)) \(amount)"
            }
        }
    }

    private func name(_ account: Address) -> String {
        switch account {
        case .templates: "deposits"
        case .treasury: "treasury"
        default: keys.firstIndex { $0.address == account }.map { "\($0)" } ?? "?"
        }
    }
}
