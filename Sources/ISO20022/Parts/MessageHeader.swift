/// A message's own identification.
public struct MessageHeader: Hashable, Sendable {
    /// Kind and version, from the namespace.
    public let definition: MessageDefinition
    /// The sender's name for the message; unique for the sender, if it keeps the rules.
    public let id: String
    /// When the sender made it.
    public let created: MessageTime
    /// Who asked for it, where it says.
    public var initiator: Party?
    /// How many transactions it has; checked at the end.
    public var transactions: Int?
    /// The part of a message that was too long for one file, from 1, and whether it is the last.
    public var page: Page?
    /// How banks settle among each other, in pacs.004, 008 and 009.
    public var settlement: SettlementMethod?
    /// When they settle.
    public var settlementDate: CivilDate?
    /// Who sends it to whom, where an application header or the group header says so.
    public var sender: Institution?
    /// The receiver.
    public var receiver: Institution?

    /// Makes a header with what each has.
    public init(_ definition: MessageDefinition, id: String, created: MessageTime) {
        self.definition = definition
        self.id = id
        self.created = created
    }
}

/// A page of a message that comes in several.
public struct Page: Hashable, Sendable {
    /// From 1.
    public let number: Int
    /// Whether no page follows.
    public let isLast: Bool

    /// Makes a page.
    public init(number: Int, isLast: Bool) {
        self.number = number
        self.isLast = isLast
    }
}

/// How two banks settle a payment.
public enum SettlementMethod: String, Hashable, Sendable {
    /// On an account that the receiving bank keeps.
    case instructedAgent = "INDA"
    /// On an account that the sending bank keeps.
    case instructingAgent = "INGA"
    /// Through a third bank.
    case cover = "COVE"
    /// Through a clearing system.
    case clearing = "CLRG"
}
