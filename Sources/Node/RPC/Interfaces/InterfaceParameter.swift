import Ledger

/// An argument, a result or a struct's member in an interface.
public struct InterfaceParameter: Hashable, Sendable {
    /// Its name; empty where it has none.
    public let name: String
    /// Its canonical type as JSON ABI writes it: `tuple` stands for a struct, `uint8` for an enum.
    public let type: String
    /// Its type as the interface writes it, such as `enum IOrders.Status`.
    public let internalType: String
    /// A struct's members.
    public let components: [InterfaceParameter]
    /// An enum's cases, in the order of their numbers.
    public let cases: [String]
    /// Whether an event carries it as a topic.
    public let isIndexed: Bool

    /// The type as it stands in a signature: a struct as its members in brackets.
    public var canonicalType: String {
        guard type.hasPrefix("tuple") else { return type }
        let members = components.map(\.canonicalType).joined(separator: ",")
        return "(\(members))" + type.dropFirst("tuple".count)
    }

    /// The type for encoding and decoding.
    var abiType: ABIType {
        do {
            return try ABIType.parse(canonicalType)
        } catch {
            preconditionFailure("\(canonicalType) in an interface of ours: \(error)")
        }
    }
}

/// A function, event or custom error of an interface.
public struct InterfaceItem: Hashable, Sendable {
    /// What it is; the raw value stands in the JSON ABI.
    public enum Kind: String, Hashable, Sendable {
        case function
        case event
        case error
    }

    /// What a function may do; the raw value stands in the JSON ABI.
    public enum Mutability: String, Hashable, Sendable {
        case view
        case nonpayable
        case payable
    }

    /// What it is.
    public let kind: Kind
    /// Its name.
    public let name: String
    /// Arguments in order.
    public let inputs: [InterfaceParameter]
    /// A function's results in order.
    public let outputs: [InterfaceParameter]
    /// What a function may do; `nonpayable` for the others.
    public let mutability: Mutability
    /// The Keccak-256 of ``signature``: an event's first topic.
    public let topic: Hash32

    init(
        _ kind: Kind, _ name: String, inputs: [InterfaceParameter],
        outputs: [InterfaceParameter] = [], mutability: Mutability = .nonpayable
    ) {
        self.kind = kind
        self.name = name
        self.inputs = inputs
        self.outputs = outputs
        self.mutability = mutability
        topic = Selector.topic(Self.signature(name, inputs))
    }

    private static func signature(_ name: String, _ inputs: [InterfaceParameter]) -> String {
        "\(name)(\(inputs.map(\.canonicalType).joined(separator: ",")))"
    }

    /// The name with the canonical types of its arguments.
    public var signature: String { Self.signature(name, inputs) }

    /// The first four bytes of ``topic``, by which functions and errors go on the wire.
    public var selector: UInt32 { UInt32(truncatingIfNeeded: topic.parts.0 >> 32) }
}
