/// What must hold in every run; a run ends with the first that does not.
public enum Property: String, CaseIterable, Sendable {
    case sameHeaders = "same-headers"
    case acknowledgedIsFinal = "acknowledged-is-final"
    case moneyIsConserved = "money-is-conserved"
    case nothingTwice = "nothing-twice"
    case oneLeader = "one-leader"
    case oneCertificate = "one-certificate"
    case certifiedStays = "certified-stays"
    case oldConnectionsEnd = "old-connections-end"
    case timesAreTrue = "times-are-true"
    case liarsAreFound = "liars-are-found"
    case nodesComeBack = "nodes-come-back"
    case nodesKeepGoing = "nodes-keep-going"
    case clientsAreServed = "clients-are-served"
    case nodesCatchUp = "nodes-catch-up"

    /// What is claimed, for a person.
    public var claim: String {
        switch self {
        case .sameHeaders: "every honest node has the same header at each height"
        case .acknowledgedIsFinal:
            "what a client has a receipt for is in every node's history, once, at its place"
        case .moneyIsConserved:
            "balances add up to the supply of each token, and escrow to what orders hold"
        case .nothingTwice: "no transaction is executed twice, and no nonce used twice"
        case .oneLeader: "a term has one leader at most"
        case .oneCertificate: "two headers of one height are never both certified"
        case .certifiedStays: "what was told as certified was signed by a quorum, and stays"
        case .oldConnectionsEnd:
            "what a connection still held when its successor was heard has no effect"
        case .timesAreTrue:
            "a block's time was at most two seconds ahead on the clock of whoever took it live"
        case .liarsAreFound:
            "a node with another header than the certified stops serving, and two votes are kept"
        case .nodesComeBack: "a node starts again from what its disk kept"
        case .nodesKeepGoing: "an honest node stops for nothing but its own disk"
        case .clientsAreServed: "once faults have ended, every client gets its receipts"
        case .nodesCatchUp: "once faults have ended, every node gets to the same state"
        }
    }
}

/// A property that did not hold, and what was seen.
public struct Finding: Error, Sendable, CustomStringConvertible {
    /// What did not hold.
    public let property: Property
    /// What was seen.
    public let words: String

    init(_ property: Property, _ words: String) {
        self.property = property
        self.words = words
    }

    /// The claim and what was seen instead.
    public var description: String {
        "\(property.rawValue) (\(property.claim)) does not hold: \(words)"
    }
}
