/// A message in one of its versions, `camt.054.001.08` for instance.
public struct MessageDefinition: Hashable, Sendable {
    /// The kind of message.
    public let kind: MessageKind
    /// The version, 8 in `camt.054.001.08`.
    public let version: Int

    /// The versions that the desk reads, in ascending order.
    public static func versions(of kind: MessageKind) -> [Int] {
        switch kind {
        case .accountReport, .statement, .notification: [2, 4, 8]
        case .paymentInitiation: [3, 9]
        case .paymentStatus: [3, 10]
        case .interbankStatus: [10]
        case .paymentReturn: [9]
        case .customerTransfer, .bankTransfer: [8]
        }
    }

    /// Makes a definition, read by the desk or not.
    public init(_ kind: MessageKind, version: Int) {
        self.kind = kind
        self.version = version
    }

    /// Reads a message definition identifier.
    ///
    /// - Returns: nil unless it is a known kind, `001` and two digits; the version may be one that is not read.
    public init?(identifier: some StringProtocol) {
        let groups = identifier.split(separator: ".", omittingEmptySubsequences: false)
        guard groups.count == 4, groups[2] == "001", groups[3].utf8.count == 2,
            groups[3].utf8.allSatisfy({ (0x30...0x39).contains($0) }), let version = Int(groups[3]),
            let kind = MessageKind(rawValue: groups[0] + "." + groups[1])
        else { return nil }
        self.init(kind, version: version)
    }

    /// Whether the desk reads this version.
    public var isKnown: Bool { Self.versions(of: kind).contains(version) }

    /// The message definition identifier, `camt.054.001.08`.
    public var identifier: String { "\(kind.rawValue).001.\(version < 10 ? "0" : "")\(version)" }

    /// The namespace of its elements.
    public var namespace: String { Self.namespacePrefix + identifier }

    static let namespacePrefix = "urn:iso:std:iso:20022:tech:xsd:"
}

extension MessageDefinition: CustomStringConvertible {
    /// The identifier.
    public var description: String { identifier }
}
