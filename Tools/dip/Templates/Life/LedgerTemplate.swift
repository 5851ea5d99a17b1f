import JSON
import Ledger
import Settlement

/// A template as the ledger has it.
struct LedgerTemplate {
    /// What `dip_template` says of it.
    let json: JSON
    let template: Template

    var id: Hash32 { template.id }

    /// `0x` and the first eight digits: enough for people to name it by.
    var shortID: String { Self.short(id.hex) }

    static func short(_ hex: String) -> String { String(hex.prefix(10)) }

    var status: String { json["status"]?.string ?? "?" }

    /// How many reviewers are for it, and against it.
    static func votes(_ json: JSON) -> (yes: Int, no: Int) {
        let reviews = json["reviews"]?.elements ?? []
        let yes = reviews.count { $0["approved"]?.bool == true }
        return (yes, reviews.count - yes)
    }
}

extension Session {
    /// The templates of the ledger, in the order of publication.
    ///
    /// - Parameters:
    ///   - filter: `status`, `industry`, `role` and `developer`, as `dip_templates` takes them.
    ///   - most: how many at most.
    /// - Returns: each as the node describes it, without its text.
    /// - Throws: what a call throws.
    func templates(_ filter: JSON, atMost most: Int) async throws -> ListPart {
        try await ListPart("templates", atMost: most) { from, limit in
            try await call("dip_templates", from, .integer(limit), filter)
        }
    }

    /// A template by its id, the first digits of it, or its name in any language.
    ///
    /// - Throws: ``Failure`` where none or several are meant, and where the node's text is not the one that
    ///   the id is the hash of: whoever signs must see what the ledger would do.
    func template(_ text: String) async throws -> LedgerTemplate {
        let id = try await templateID(text)
        let json = try await call("dip_template", .string(id.hex))
        guard !json.isNull else {
            throw Failure.failed(
                "there is no template \(id.hex); 'dip template list --status all' shows those there are"
            )
        }
        guard let content = json["json"]?.string else { throw strange("dip_template", json) }
        let template: Template
        do throws(TemplateFault) {
            template = try Template(parsing: Array(content.utf8))
        } catch {
            throw Failure.failed(
                "template \(id.hex) is not understood by this program: "
                    + Output.clean(error.description))
        }
        guard template.id == id else {
            throw Failure.failed(
                "the node's text of template \(id.hex) is another one's: do not trust this node")
        }
        return LedgerTemplate(json: json, template: template)
    }

    /// The template that an order was opened from; nil where it was opened from none.
    func template(ofOrder order: JSON) async throws -> LedgerTemplate? {
        guard let id = order["template"]?.string.flatMap({ Hash32(hex: $0) }), id != .zero else {
            return nil
        }
        return try await template(id.hex)
    }

    private func templateID(_ text: String) async throws -> Hash32 {
        if text.utf8.count == 66, text.hasPrefix("0x"), let id = Hash32(hex: text) { return id }
        let matches = try await templates(.object([]), atMost: 100_000)
            .elements.filter { Self.matches($0, text) }
        // A later version may have the name of the one that it replaces.
        let active = matches.filter { $0["status"]?.string == "active" }
        let meant = active.isEmpty ? matches : active
        let shown = Output.clean(text, atMost: 80)
        guard let first = meant.first else {
            throw Failure.failed(
                "there is no template \"\(shown)\"; 'dip template list --status all' shows those there "
                    + "are")
        }
        guard meant.count == 1 else {
            let ids = meant.compactMap { $0["id"]?.string }.joined(separator: ", ")
            throw Failure.failed("\(meant.count) templates are called \"\(shown)\": \(ids)")
        }
        guard let id = first["id"]?.string.flatMap({ Hash32(hex: $0) }) else {
            throw strange("dip_templates", first)
        }
        return id
    }

    private static func matches(_ json: JSON, _ text: String) -> Bool {
        if text.hasPrefix("0x"), text.utf8.count >= 6 {
            return json["id"]?.string?.hasPrefix(text.lowercased()) == true
        }
        let names = (json["names"]?.object ?? []).compactMap(\.value.string)
        return ([json["name"]?.string].compactMap { $0 } + names).contains(text)
    }
}
