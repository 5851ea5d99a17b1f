import JSON
import Ledger

/// What a contract of the ledger answers to, for tools: its functions, events and custom errors.
///
/// `Genesis/abi/` has the same as JSON, one file a contract.
public struct ContractInterface: Sendable {
    /// Its name, as in `Genesis/abi/NAME.json`.
    public let name: String
    /// Where it answers; nil for what every issued token answers to at its own address.
    public let address: Address?
    /// What it declares.
    public let items: [InterfaceItem]
    private let events: [Hash32: InterfaceItem]
    private let functions: [UInt32: InterfaceItem]

    init(
        _ name: String, at address: Address?, _ text: String,
        importing: [(name: String, text: String)] = [], refusals: Set<RejectionEntry.Group>
    ) {
        self.name = name
        self.address = address
        var parser = InterfaceParser("I\(name)", text, importing: importing)
        let declared = parser.items()
        let errors = RejectionCatalogue.entries.filter { refusals.contains($0.group) }
        items = declared + errors.map(\.item)
        events = Dictionary(
            declared.lazy.filter { $0.kind == .event }.map { ($0.topic, $0) },
            uniquingKeysWith: { first, _ in first })
        functions = Dictionary(
            declared.lazy.filter { $0.kind == .function }.map { ($0.selector, $0) },
            uniquingKeysWith: { first, _ in first })
    }

    /// All contracts, by address; issued tokens stand behind DIP.
    public static let all: [ContractInterface] = [
        dip, tokens, token, orders, claims, templates, banks, entities, governance, batch,
    ]

    /// The first topics of the events of a name, of all contracts.
    static let eventTopics: [String: [Hash32]] = Dictionary(
        grouping: all.flatMap(\.items).filter { $0.kind == .event }, by: \.name
    ).mapValues { $0.map(\.topic) }

    /// The interface of this name, whatever its case.
    public static func named(_ name: String) -> ContractInterface? {
        all.first { $0.name.lowercased() == name.lowercased() }
    }

    /// What answers at an address if it is a contract's: every other one is taken for a token's.
    static func answering(at address: Address) -> ContractInterface {
        all.first { $0.address == address } ?? token
    }

    /// The event with this first topic.
    func event(_ topic: Hash32) -> InterfaceItem? { events[topic] }

    /// The function with this selector.
    public func function(_ selector: UInt32) -> InterfaceItem? { functions[selector] }
}

extension ContractInterface {
    /// The JSON ABI, as compilers write it.
    public var json: JSON { .array(items.map(\.json)) }
}

extension InterfaceItem {
    fileprivate var json: JSON {
        var members: [JSON.Member] = [
            .init("type", .string(kind.rawValue)), .init("name", .string(name)),
            .init("inputs", .array(inputs.map { $0.json(inEvent: kind == .event) })),
        ]
        switch kind {
        case .function:
            members.append(.init("outputs", .array(outputs.map { $0.json(inEvent: false) })))
            members.append(.init("stateMutability", .string(mutability.rawValue)))
        case .event: members.append(.init("anonymous", false))
        case .error: break
        }
        return .object(members)
    }
}

extension InterfaceParameter {
    fileprivate func json(inEvent: Bool) -> JSON {
        var members: [JSON.Member] = [
            .init("name", .string(name)), .init("type", .string(type)),
            .init("internalType", .string(internalType)),
        ]
        if !components.isEmpty {
            members.append(
                .init("components", .array(components.map { $0.json(inEvent: false) })))
        }
        if inEvent { members.append(.init("indexed", .bool(isIndexed))) }
        return .object(members)
    }
}
