import Ledger
import Settlement
import YAML

/// Bindings as people write them, turned into those that the ledger takes.
///
/// Accounts are labels or addresses, amounts have a decimal point, times may be `+30d`. Everything keeps its
/// place, so that what the template has against it is told with the line of the file.
struct BindingsFile {
    /// What the template is bound to, as the ledger takes it.
    let document: DocumentNode
    /// Claims that are pledged to the order in the same step.
    let pledges: [IOrders.Pledge]

    /// How names and numbers are understood.
    struct Reading {
        let currency: Currency
        /// The last block's time, from which distances count.
        let now: UInt64
        /// Who pays where nobody is named as the role that does; nil: nobody.
        var signer: Address?
        /// Finds an account.
        let account: (String) throws -> Address
    }

    /// Turns a document of roles, parameters, `token`, `document` or `documentFile`, `dueAt`, `pledges`
    /// and `note`.
    ///
    /// - Throws: ``SourceFault`` for a value that cannot be understood; a name that the template does not
    ///   know stays as it is, for the template to refuse.
    init(
        _ human: DocumentNode, for template: Template, _ reading: Reading
    ) throws(SourceFault) {
        guard case .object(let members) = human.value else {
            throw SourceFault("an object of roles and parameters was expected", at: human.start)
        }
        var found: [DocumentNode.Member] = []
        var pledges: [IOrders.Pledge] = []
        let reader = BindingsReader(reading: reading)
        for member in members {
            let node = member.node
            if let role = template.roles.first(where: { $0.name == member.name }) {
                found.append(.init(member.name, at: member.place, try reader.role(node, role)))
            } else if let value = template.parameters.first(where: { $0.name == member.name }) {
                let bound = try reader.parameter(node, value)
                found.append(.init(member.name, at: member.place, bound))
            } else {
                switch member.name {
                case "note": break
                case "pledges": pledges = try reader.pledges(node)
                case "token":
                    let address = reading.currency.address.hex
                    found.append(.init("token", at: member.place, node.with(.string(address))))
                case "dueAt":
                    found.append(.init("dueAt", at: member.place, try reader.time(node)))
                case "document", "documentFile":
                    let hash = try reader.document(node, isFile: member.name == "documentFile")
                    found.append(.init("document", at: member.place, hash))
                default: found.append(member)
                }
            }
        }
        if let signer = reading.signer, let payer = template.roles.first(where: \.pays)?.name,
            !found.contains(where: { $0.name == payer })
        {
            found.append(.init(payer, DocumentNode(.string(signer.hex))))
        }
        if !found.contains(where: { $0.name == "token" }) {
            found.append(.init("token", DocumentNode(.string(reading.currency.address.hex))))
        }
        document = DocumentNode(.object(found), at: human.place)
        self.pledges = pledges
    }

    /// The token that a document names; nil where it names none.
    static func token(_ human: DocumentNode) -> String? { human["token"]?.text }
}

extension DocumentNode {
    /// Where it starts; the first line where it comes from no text.
    var start: TextPlace { place ?? TextPlace(line: 1, column: 1) }

    /// Another value at the same place.
    func with(_ value: Value) -> DocumentNode { DocumentNode(value, at: place) }

    /// A string, or the digits of a number.
    var text: String? {
        switch value {
        case .string(let text): text
        case .number(let number): String(number)
        default: nil
        }
    }

    /// The member of that name; nil where there is none, or this is no object.
    subscript(name: String) -> DocumentNode? {
        guard case .object(let members) = value else { return nil }
        return members.first { $0.name == name }?.node
    }
}
