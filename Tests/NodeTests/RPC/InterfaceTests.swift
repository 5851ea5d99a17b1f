import Foundation
import JSON
import Ledger
import Testing

@testable import Node

@Suite struct InterfaceTests {
    /// The folder of the package.
    static let package = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// Compares a file of ours with what the program says; `REWRITE=1 swift test` writes it.
    private func compare(_ path: String, with json: JSON) throws {
        var writer = JSONWriter()
        writer.value(json)
        let object = try JSONSerialization.jsonObject(with: Data(writer.bytes))
        let text =
            String(
                decoding: try JSONSerialization.data(
                    withJSONObject: object,
                    options: [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]),
                as: UTF8.self) + "\n"
        let url = Self.package.appending(path: path)
        if ProcessInfo.processInfo.environment["REWRITE"] == "1" {
            try FileManager.default.createDirectory(
                at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: url)
        }
        let shipped = try String(contentsOf: url, encoding: .utf8)
        #expect(shipped == text, "\(path) is out of date")
    }

    @Test(arguments: ContractInterface.all.map(\.name))
    func `the shipped ABI is what the node answers`(_ name: String) throws {
        try compare("Genesis/abi/\(name).json", with: ContractInterface.named(name)!.json)
    }

    @Test func `the shipped OpenRPC document is what the node answers`() throws {
        try compare("Genesis/openrpc.json", with: MethodDescription.document)
    }

    /// Functions by selector, as the ledger has them.
    private static let functions: [(ContractInterface, [UInt32: String])] = [
        (.dip, table(IDip.Function.allCases.map { ($0.rawValue, $0.signature) })),
        (.tokens, table(ITokens.Function.allCases.map { ($0.rawValue, $0.signature) })),
        (.token, table(IToken.Function.allCases.map { ($0.rawValue, $0.signature) })),
        (.orders, table(IOrders.Function.allCases.map { ($0.rawValue, $0.signature) })),
        (.claims, table(IClaims.Function.allCases.map { ($0.rawValue, $0.signature) })),
        (.banks, table(IBanks.Function.allCases.map { ($0.rawValue, $0.signature) })),
        (.entities, table(IEntities.Function.allCases.map { ($0.rawValue, $0.signature) })),
        (.templates, table(ITemplates.Function.allCases.map { ($0.rawValue, $0.signature) })),
        (.governance, table(IGovernance.Function.allCases.map { ($0.rawValue, $0.signature) })),
        (.batch, table(IBatch.Function.allCases.map { ($0.rawValue, $0.signature) })),
    ]

    private static func table(_ functions: [(UInt32, StaticString)]) -> [UInt32: String] {
        Dictionary(uniqueKeysWithValues: functions.map { ($0.0, "\($0.1)") })
    }

    @Test(arguments: functions.map(\.0.name))
    func `functions have the selectors and signatures by which the ledger answers`(
        _ name: String
    ) throws {
        let (interface, known) = try #require(Self.functions.first { $0.0.name == name })
        let declared = interface.items.filter { $0.kind == .function }
        for item in declared {
            #expect(known[item.selector] == item.signature, "\(name).\(item.signature)")
        }
        for (selector, signature) in known {
            #expect(interface.function(selector) != nil, "\(name) lacks \(signature)")
        }
    }

    @Test func `events have the topics that the ledger writes`() {
        let known: [(ContractInterface, [(Hash32, StaticString)])] = [
            (.dip, IDip.Event.allCases.map { ($0.topic, $0.signature) }),
            (.tokens, ITokens.Event.allCases.map { ($0.topic, $0.signature) }),
            (.token, IToken.Event.allCases.map { ($0.topic, $0.signature) }),
            (.orders, IOrders.Event.allCases.map { ($0.topic, $0.signature) }),
            (.claims, IClaims.Event.allCases.map { ($0.topic, $0.signature) }),
            (.banks, IBanks.Event.allCases.map { ($0.topic, $0.signature) }),
            (.entities, IEntities.Event.allCases.map { ($0.topic, $0.signature) }),
            (.templates, ITemplates.Event.allCases.map { ($0.topic, $0.signature) }),
            (.governance, IGovernance.Event.allCases.map { ($0.topic, $0.signature) }),
        ]
        for (interface, events) in known {
            let declared = interface.items.filter { $0.kind == .event }
            #expect(Set(declared.map(\.topic)) == Set(events.map(\.0)), "\(interface.name)")
            for (topic, signature) in events {
                #expect(interface.event(topic)?.signature == "\(signature)")
            }
        }
    }

    @Test func `a contract is found by its name in any case`() {
        #expect(ContractInterface.named("orders")?.address == .orders)
        #expect(ContractInterface.named("nothing") == nil)
    }
}
