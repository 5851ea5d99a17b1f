import Execution
import Gateway
import JSON
import Ledger
import Settlement

/// Templates: which there are, where they stand, what they cost and earn.
extension RPCMethods {
    mutating func addTemplates(_ context: RPCContext) {
        offloaded("dip_templates", isLong: true) { (request, writer) throws(RPCError) in
            try context.writeTemplates(try request.params(), to: &writer)
        }
        offloaded("dip_template") { (request, writer) throws(RPCError) in
            let id = try request.params().hash(0, "id")
            guard let record = context.reading({ TemplateRecord(id, $0) }) else {
                return writer.null()
            }
            let found = TemplateObject(id, record)
            writer.object { writer in
                found.write(to: &writer)
                writer.member("json", string: String(decoding: record.content, as: UTF8.self))
            }
        }
    }
}

/// What the ledger has of a template.
private struct TemplateRecord {
    let stored: StoredTemplate
    let use: TemplateUse
    /// Its canonical JSON.
    let content: [UInt8]

    /// A template, nil if there is none.
    init?(_ id: Hash32, _ machine: Machine) {
        guard let stored = machine.templates.find(id) else { return nil }
        self.stored = stored
        use = machine.templates.use(of: id)
        content = machine.templates.content(of: id)
    }
}

/// What is written of a template's text.
private struct TemplateSummary {
    let name: String
    let names: [(language: String, name: String)]
    let industry: String?
    let roles: [String]
    let royalty: UInt128

    init(_ template: Template) {
        name = template.name
        names = template.locales.compactMap { locale in
            locale.name.map { (locale.language, $0) }
        }
        industry = template.industry
        roles = template.roles.map(\.name)
        royalty = template.royalty
    }
}

/// A template as `dip_*` methods write it; made while blocks go on, since parsing takes a while.
///
/// A long list has many of them at once, so that neither the text nor what it parses to is kept.
private struct TemplateObject {
    let id: Hash32
    let stored: StoredTemplate
    let use: TemplateUse
    /// What its text says; nil only for one that this program does not understand.
    let summary: TemplateSummary?

    init(_ id: Hash32, _ record: TemplateRecord) {
        self.id = id
        stored = record.stored
        use = record.use
        summary = (try? Template(parsing: record.content)).map { TemplateSummary($0) }
    }

    /// Writes the members that there are for every template.
    func write(to writer: inout JSONWriter) {
        writer.member("id", hash: id)
        writer.member("index", number: stored.index)
        writer.member("status", string: "\(stored.status)")
        if let summary { write(summary, to: &writer) }
        writer.member("developer", address: stored.developer)
        writer.member("publishedAt", number: stored.publishedAt)
        if stored.replaces != .zero { writer.member("replaces", hash: stored.replaces) }
        if stored.replacedBy != .zero { writer.member("replacedBy", hash: stored.replacedBy) }
        writer.member("uses", number: use.orders)
        writer.member("earned", amount: use.earned)
        writer.member("deposit", amount: stored.deposit)
        writer.member("reviewFee", amount: stored.reviewFee)
        writer.member("reviewsRequired", number: stored.reviewsRequired)
        writer.key("reviews")
        writer.array(of: stored.reviews) { writer, review in
            writer.object { writer in
                writer.member("reviewer", address: review.reviewer)
                writer.member("approved", bool: review.approved)
                writer.member("report", hash: review.report)
            }
        }
        writer.member("outcomes", number: stored.bounds.outcomes)
        writer.member("openGas", number: stored.bounds.openGas)
        writer.member("settleGas", number: stored.bounds.settleGas)
    }

    private func write(_ summary: TemplateSummary, to writer: inout JSONWriter) {
        writer.member("name", string: summary.name)
        writer.key("names")
        writer.object { writer in
            for (language, name) in summary.names { writer.member(language, string: name) }
        }
        if let industry = summary.industry { writer.member("industry", string: industry) }
        writer.key("roles")
        writer.array(of: summary.roles) { $0.string($1) }
        writer.member("royalty", amount: summary.royalty)
    }
}

/// Which templates a list is to have.
private struct TemplateFilter {
    var status: String?
    var industry: String?
    var role: String?
    var developer: Address?

    init(_ json: JSON?) throws(RPCError) {
        guard let json, !json.isNull else { return }
        guard let members = json.object else {
            throw .invalidParams("filter: expected an object")
        }
        for member in members where !member.value.isNull {
            guard let text = member.value.string else {
                throw .invalidParams("filter.\(member.name): expected a string")
            }
            switch member.name {
            case "status":
                let states = ITemplates.Status.allCases.dropFirst().map { "\($0)" }
                guard states.contains(text) else {
                    throw .invalidParams(
                        "filter.status: expected one of \(states.joined(separator: ", "))")
                }
                status = text
            case "industry": industry = text
            case "role": role = text
            case "developer":
                guard let account = member.value.address else {
                    throw .invalidParams("filter.developer: expected an address")
                }
                developer = account
            default:
                throw .invalidParams(
                    "filter.\(member.name): expected status, industry, role or developer")
            }
        }
    }

    /// Industries go from the general to the special, so that `C` stands for all that begin with it.
    func wants(_ object: TemplateObject) -> Bool {
        if let status, "\(object.stored.status)" != status { return false }
        if let developer, object.stored.developer != developer { return false }
        if let industry, object.summary?.industry?.hasPrefix(industry) != true { return false }
        if let role, object.summary?.roles.contains(role) != true {
            return false
        }
        return true
    }
}

extension RPCContext {
    /// How many bytes of templates one call parses.
    private static let templateBytesMax = 4 << 20

    fileprivate func writeTemplates(
        _ params: RPCParams, to writer: inout JSONWriter
    ) throws(RPCError) {
        let start = try params.start(0)
        let limit = try params.limit(1, absent: 100, most: 1_000)
        let filter = try TemplateFilter(params.find(2, "filter"))
        var found: [TemplateObject] = []
        var index = start
        var bytes = 0
        let count = reading { $0.templates.count }
        // One at a time, so that blocks do not wait for a long list.
        while index < count, found.count < limit, bytes < Self.templateBytesMax {
            let read = reading { machine in
                machine.templates.id(at: index).flatMap { id in
                    TemplateRecord(id, machine).map { (id, $0) }
                }
            }
            index += 1
            guard let (id, record) = read else { continue }
            bytes += record.content.count
            let object = TemplateObject(id, record)
            if filter.wants(object) { found.append(object) }
        }
        writer.object { writer in
            writer.key("templates")
            writer.array(of: found) { writer, object in
                writer.object { object.write(to: &$0) }
            }
            writer.member("count", number: count)
            if index < count { writer.member("next", number: index) }
        }
    }
}
