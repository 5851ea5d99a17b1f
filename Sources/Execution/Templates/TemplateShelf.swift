import Ledger
import Tokens

/// All templates of a state and the deposits for their reviews.
///
/// What the contract and governance have in common: finding a template, and changing where it stands.
struct TemplateShelf {
    let state: State
    let tokens: TokenLedger

    // MARK: Reading

    /// How many templates were published.
    var count: UInt64 {
        state.object(TemplateKey.count).map { believed($0) { try $0.read() } } ?? 0
    }

    /// The id of the template at a place among all, from 0.
    func id(at index: UInt64) -> Hash32? {
        state.object(TemplateKey.place(index)).flatMap { Hash32($0) }
    }

    /// A template, nil if there is none.
    func find(_ id: Hash32) -> StoredTemplate? {
        state.object(TemplateKey.record(id)).map { bytes in
            believed { try StoredTemplate(decoding: bytes) }
        }
    }

    /// How much a template is used.
    func use(of id: Hash32) -> TemplateUse {
        state.object(TemplateKey.use(id)).map { bytes in
            believed { try TemplateUse(decoding: bytes) }
        }
            ?? TemplateUse()
    }

    /// A template's canonical JSON; empty if there is none.
    func content(of id: Hash32) -> [UInt8] { state.object(TemplateKey.content(id)) ?? [] }

    // MARK: Writing

    /// Puts a new template on the shelf, behind all others.
    func add(_ template: StoredTemplate, _ id: Hash32, content: [UInt8]) {
        var writer = ByteWriter(capacity: 8)
        writer.write(template.index + 1)
        state.setObject(TemplateKey.count, writer.bytes)
        state.setObject(TemplateKey.place(template.index), id.bytes)
        state.setObject(TemplateKey.content(id), content)
        set(template, id)
    }

    /// Overwrites where a template stands.
    func set(_ template: StoredTemplate, _ id: Hash32) {
        state.setObject(TemplateKey.record(id), template.bytes)
    }

    /// Overwrites how much a template is used.
    func set(_ use: TemplateUse, of id: Hash32) {
        state.setObject(TemplateKey.use(id), use.bytes)
    }

    /// Lets a template stand otherwise, and gives back what is left of a draft's deposit: nothing is paid
    /// from it any more.
    ///
    /// - Throws: nothing as long as the contract has what it holds.
    func move(
        _ template: inout StoredTemplate, _ id: Hash32, to status: ITemplates.Status
    ) throws(Rejection) {
        template.status = status
        record(.statusChanged(id: id, status: status))
        guard template.deposit > 0 else { return set(template, id) }
        let rest = template.deposit
        template.deposit = 0
        set(template, id)
        try tokens.transfer(rest, of: .dip, from: .templates, to: template.developer)
    }

    /// Why a template cannot be suspended, nil if it can.
    func refusalToSuspend(_ id: Hash32) -> String? {
        switch find(id)?.status {
        case nil, .some(.none): "there is no template \(id)"
        case .rejected: "the template was rejected"
        case .suspended: "the template is suspended already"
        case .draft, .active, .deprecated: nil
        }
    }

    /// Takes a template out of use; orders that were opened from it go on.
    func suspend(_ id: Hash32) throws(Rejection) {
        guard var template = find(id) else { return }
        try move(&template, id, to: .suspended)
    }

    /// Notes an effect of the running transaction or block.
    func record(_ effect: TemplateEffect) {
        state.record(effect.tag) { effect.write(to: &$0) }
    }
}
