import Ledger
import Settlement
import Tokens

/// Templates: published by developers, reviewed, used to open orders.
///
/// Answers at 0x…d104, where the deposits for reviews are too. Everything is read from the state; only
/// parsed texts, which their ids never let change, are kept in memory.
public final class TemplateRegistry {
    let state: State
    let tokens: TokenLedger
    let orders: OrderBook
    let governance: Governance
    let entities: EntityRegistry
    let shelf: TemplateShelf

    private var parsed = TemplateCache()

    init(
        state: State, tokens: TokenLedger, orders: OrderBook, governance: Governance,
        entities: EntityRegistry
    ) {
        self.state = state
        self.tokens = tokens
        self.orders = orders
        self.governance = governance
        self.entities = entities
        shelf = TemplateShelf(state: state, tokens: tokens)
    }

    // MARK: Reading

    /// How many templates were published; their places are 0 to one less.
    public var count: UInt64 { shelf.count }

    /// The id of the template at a place among all, nil if there are not so many.
    public func id(at index: UInt64) -> Hash32? { shelf.id(at: index) }

    /// Where a template stands, nil if there is none.
    public func find(_ id: Hash32) -> StoredTemplate? { shelf.find(id) }

    /// How much a template is used.
    public func use(of id: Hash32) -> TemplateUse { shelf.use(of: id) }

    /// A template's canonical JSON, of which its id is the Keccak-256; empty if there is none.
    public func content(of id: Hash32) -> [UInt8] { shelf.content(of: id) }

    /// Compares the deposits of all drafts with what the contract holds.
    ///
    /// Reads every template: for audits and tests.
    ///
    /// - Returns: what does not add up, nil if all is well.
    public func fault() -> String? {
        var deposits: UInt128 = 0
        for index in 0..<count {
            guard let id = id(at: index), let template = find(id) else {
                return "template \(index) is counted but not stored"
            }
            guard template.index == index else { return "template \(id) stands in two places" }
            guard template.status == .draft || template.deposit == 0 else {
                return "template \(id) is no draft and keeps a deposit"
            }
            deposits += template.deposit
        }
        let balance = tokens.balance(of: .templates, in: .dip)
        return balance == deposits
            ? nil : "0x…d104 has \(balance), deposits for reviews are \(deposits)"
    }

    // MARK: Texts

    /// A published template, parsed; charged for as if it had to be.
    func parsed(_ id: Hash32) throws(Rejection) -> Template {
        let content = content(of: id)
        try state.gas.charge(TemplateGas.reading(content.count))
        if let template = parsed[id] { return template }
        let template = try Self.parse(content)
        parsed.add(template, id)
        return template
    }

    static func parse(_ json: [UInt8]) throws(Rejection) -> Template {
        do throws(TemplateFault) {
            return try Template(parsing: json)
        } catch {
            throw .templateRefused(pointer: error.pointer, why: error.why)
        }
    }
}
