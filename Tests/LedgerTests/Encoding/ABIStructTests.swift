import Foundation
import Ledger
import Testing

struct ABIStructTests {
    /// Reads a struct and writes it again.
    static func rewritten<Value: ABICodable>(
        _ type: Value.Type, _ bytes: [UInt8]
    ) throws -> [UInt8] {
        var reader = ABIReader(bytes)
        let value = try reader.read(type)
        try reader.finish()
        var writer = ABIWriter(words: Value.abiWordsInHead)
        writer.write(value)
        return writer.finish()
    }

    static func rewritten(struct name: String, _ bytes: [UInt8]) throws -> [UInt8] {
        switch name {
        case "ITokens.NewToken": try rewritten(ITokens.NewToken.self, bytes)
        case "IOrders.Line": try rewritten(IOrders.Line.self, bytes)
        case "IOrders.Gate": try rewritten(IOrders.Gate.self, bytes)
        case "IOrders.Terms": try rewritten(IOrders.Terms.self, bytes)
        case "IOrders.Pledge": try rewritten(IOrders.Pledge.self, bytes)
        case "IOrders.LineView": try rewritten(IOrders.LineView.self, bytes)
        case "IOrders.GateView": try rewritten(IOrders.GateView.self, bytes)
        case "IOrders.OrderView": try rewritten(IOrders.OrderView.self, bytes)
        case "IClaims.Holding": try rewritten(IClaims.Holding.self, bytes)
        case "IClaims.Offer": try rewritten(IClaims.Offer.self, bytes)
        case "IEntities.Entity": try rewritten(IEntities.Entity.self, bytes)
        case "IBatch.Call": try rewritten(IBatch.Call.self, bytes)
        default: throw DecodingFault("no struct of the name \(name)")
        }
    }

    @Test func `structs of another implementation are read and written, byte for byte`() throws {
        let cases = try #require(Vectors.load("abi-structs.json") as? [[String: Any]])
        #expect(Set(try cases.map { try $0.text("struct") }).count == 12)
        for item in cases {
            let name = try item.text("struct")
            let bytes = try item.bytes("encoding")
            #expect(try Self.rewritten(struct: name, bytes) == bytes, "\(name)")
        }
    }

    /// Members of one type could change places without the bytes changing; here each has its own value.
    @Test func `members are read in the order of the interface`() throws {
        let a = Address.contract(1)
        let b = Address.contract(2)
        let c = Address.contract(3)
        let line = IOrders.Line(tier: 4, payee: a, amount: 5, gate: 6)
        let gate = IOrders.Gate(
            attestors: [a, b], threshold: 7, notBefore: 8, deadline: 9, onTimeout: .arbitrate,
            follows: 10, silenceMeets: true, arbitrationPeriod: 11)
        let terms = IOrders.Terms(
            token: a, buyer: b, arbiter: c, dueAt: 12, document: Hash32(1, 2, 3, 4), lines: [line],
            gates: [gate])
        var writer = ABIWriter(words: 1)
        writer.write(terms)
        let words: [UInt64] = [
            0x20,  // where the terms begin
            1, 2, 3, 12, 0, 0xe0, 0x180,  // head of the terms; the document is looked at below
            1, 4, 1, 5, 6,  // one line
            1, 0x20,  // one gate and where it begins
            0x100, 7, 8, 9, 2, 10, 1, 11,  // head of the gate
            2, 1, 2,  // two attestors
        ]
        let bytes = writer.finish()
        #expect(bytes.count == words.count * 32)
        for (index, word) in words.enumerated() where index != 5 {
            #expect(Hash32(bytes[(32 * index)..<(32 * index + 32)]) == Hash32(0, 0, 0, word))
        }
        #expect(Hash32(bytes[160..<192]) == Hash32(1, 2, 3, 4))
        var reader = ABIReader(bytes)
        #expect(try reader.read() == terms)
    }

    @Test func `signatures give the selectors and topics that are compiled in`() {
        func check<F: CaseIterable & RawRepresentable<UInt32>>(
            _ functions: F.Type, _ signature: (F) -> StaticString
        ) {
            for function in F.allCases {
                #expect(Selector.of(signature(function)) == function.rawValue, "\(function)")
            }
        }
        check(IDip.Function.self, \.signature)
        check(ITokens.Function.self, \.signature)
        check(IToken.Function.self, \.signature)
        check(IOrders.Function.self, \.signature)
        check(IClaims.Function.self, \.signature)
        check(IEntities.Function.self, \.signature)
        check(ITemplates.Function.self, \.signature)
        check(IGovernance.Function.self, \.signature)
        check(IBatch.Function.self, \.signature)
        for event in IDip.Event.allCases { #expect(Selector.topic(event.signature) == event.topic) }
        for event in ITokens.Event.allCases {
            #expect(Selector.topic(event.signature) == event.topic)
        }
        for event in IToken.Event.allCases {
            #expect(Selector.topic(event.signature) == event.topic)
        }
        for event in IOrders.Event.allCases {
            #expect(Selector.topic(event.signature) == event.topic)
        }
        for event in IClaims.Event.allCases {
            #expect(Selector.topic(event.signature) == event.topic)
        }
        for event in IEntities.Event.allCases {
            #expect(Selector.topic(event.signature) == event.topic)
        }
        for event in ITemplates.Event.allCases {
            #expect(Selector.topic(event.signature) == event.topic)
        }
        for event in IGovernance.Event.allCases {
            #expect(Selector.topic(event.signature) == event.topic)
        }
        #expect(IToken.Function.transfer.rawValue == 0xa905_9cbb)
        #expect(
            "\(IOrders.Function.open.signature)"
                == "open((address,address,address,uint64,bytes32,(uint16,address,uint256,uint8)[],"
                + "(address[],uint8,uint64,uint64,uint8,uint8,bool,uint64)[]))")
    }
}
