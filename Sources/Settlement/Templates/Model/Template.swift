import Ledger

/// A contract that a company fills in: who takes part, what is agreed, and who gets what when.
///
/// A well-formed one: each name is known, each reference resolved, each bound of the language kept. It is
/// data, not a program, so that everything about it can be worked out before money is in it: what it can
/// do with any bindings is for ``check()`` to say. The language is `docs/formats/template.md`.
public struct Template: Sendable {
    /// Which version of the language it is written in.
    public let language: Int
    /// What it is called in its own language.
    public let name: String
    /// What it is for; may be empty.
    public let description: String
    /// What it is called in other languages, sorted by language.
    public let locales: [Locale]
    /// The section and division of ISIC or GB/T 4754 that it is for, such as `C34`; nil for any.
    public let industry: String?
    /// Who takes part, sorted by name.
    public let roles: [Role]
    /// What the parties agree, sorted by name.
    public let parameters: [Parameter]
    /// What lines wait for, each after the one that it follows, else sorted by name: the gates of the terms.
    public let gates: [GateRule]
    /// What the buyer owes, of the amounts among the parameters.
    public let price: LinearForm
    /// What bindings must keep to.
    public let require: [Requirement]
    /// Who gets what, in the order of the terms.
    public let lines: [LineRule]
    /// When the escrow should be full; nil where the bindings may say.
    public let due: Moment?
    /// What opening an order from it costs, in units of 10^-18 DIP.
    public let royalty: UInt128
    /// Roles whose accounts must be bound to a legal entity, as indices in ascending order.
    public let entityRoles: [Int]
    /// Worked examples, which are its tests.
    public internal(set) var examples: [Example]
    /// The one spelling of it: RFC 8785.
    public let canonicalBytes: [UInt8]
    /// Its text, for the places of faults.
    var document: DocumentNode

    /// The version of the language that this code reads.
    public static let languageVersion = 1

    /// Its name on the ledger: the Keccak-256 of its canonical bytes.
    public var id: Hash32 { Keccak256.hash(canonicalBytes) }

    var buyerIndex: Int {
        guard let index = roles.firstIndex(where: \.pays) else {
            preconditionFailure("a template has a role that pays")
        }
        return index
    }

    /// A fault of something in it, with its place in the text.
    func fault(_ pointer: String, _ why: String) -> TemplateFault {
        TemplateFault(pointer, why, at: document.place(of: pointer))
    }
}

extension Template: Equatable {
    /// Whether both have the same canonical bytes, and with them the same id.
    public static func == (left: Template, right: Template) -> Bool {
        left.canonicalBytes == right.canonicalBytes
    }
}

/// The bounds of the language, which keep everything about a template exact and cheap.
extension Template {
    /// The most bytes of a template.
    public static let bytesLimit = 65_536
    /// The most bytes of bindings.
    public static let bindingBytesLimit = 262_144
    /// How deep values may stand inside each other.
    public static let depthLimit = 8
    /// The most roles.
    public static let roleLimit = 32
    /// The most parameters.
    public static let parameterLimit = 32
    /// The most lines of a template, each of which may stand for many of an order.
    public static let lineLimit = 64
    /// The most requirements.
    public static let requirementLimit = 16
    /// The most gates that are attested.
    public static let attestedGateLimit = 5
    /// The most combinations of gate outcomes: four for each attested gate.
    public static let outcomeLimit = 1024
    /// The most that a check plays, as ``plays`` counts it.
    public static let playLimit = 250_000
    /// The longest duration in seconds, and how far ahead a time may be: 36,500 days.
    public static let durationLimit: UInt64 = 36_500 * 86_400
    /// The most members of all roles of many together; so many lines an order has at most.
    public static let memberLimit = Terms.lineLimit
    /// The most values of all parameters that have one for each member, together.
    public static let memberValueLimit = 4096
    /// The most accounts and values in the bindings of all examples together, those left out counted too.
    public static let exampleEntryLimit = 8192
    /// The most examples.
    public static let exampleLimit = 16
    /// The most DIP that opening an order may cost in royalties, in units of 10^-18 DIP.
    public static let royaltyLimit: UInt128 = 1_000_000 * 1_000_000_000_000_000_000
}
