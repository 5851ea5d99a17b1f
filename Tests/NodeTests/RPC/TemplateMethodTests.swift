import Execution
import Gateway
import JSON
import Ledger
import Testing

@testable import Node

@Suite struct TemplateMethodTests {
    private static let dip: UInt128 = 1_000_000_000_000_000_000

    private func template(_ name: String, _ industry: String, royalty: String = "5") -> String {
        """
        {"language": 1, "name": "\(name)", "industry": "\(industry)",
         "locale": {"zh": {"name": "交货"}},
         "roles": {"buyer": {"pays": true}, "maker": {}, "inspector": {}},
         "parameters": {"price": {"type": "amount", "min": "1", "max": "1000000000"}},
         "gates": {"delivered": {"attest": ["inspector"], "by": "30d"}},
         "price": "price",
         "lines": [{"to": "maker", "rest": true, "gate": "delivered"}],
         "royalty": "\(royalty)"}
        """
    }

    private func publish(_ text: String, _ node: RPCTestNode) async throws -> Hash32 {
        var writer = ABIWriter(selector: ITemplates.Function.publish.rawValue, words: 2)
        writer.write(string: text)
        writer.write(word: .zero)
        let receipt = try await node.send(
            from: 1, to: .templates, value: 100 * Self.dip, data: writer.finish())
        #expect(receipt["status"] == "0x1")
        return try #require(receipt["output"]?.data.flatMap { Hash32($0) })
    }

    /// Key 0, the bank, admits keys 2 and 3, who approve what key 1 published.
    private func activate(_ id: Hash32, _ node: RPCTestNode) async throws {
        for reviewer in 2...3 {
            let proposal = IGovernance.Proposal(.admitReviewer(node.keys[reviewer]), from: 0)
            var propose = ABIWriter(selector: IGovernance.Function.propose.rawValue, words: 3)
            propose.write(IGovernance.Kind.admitReviewer)
            propose.write(bytes: proposal.data)
            propose.write(UInt64.max)
            try await node.send(from: 0, to: .treasury, data: propose.finish())
            try await node.send(from: 0, to: node.keys[1], value: 1)
            let review = node.data(
                ITemplates.Function.review.rawValue, id, Hash32(0, 0, 0, 1), Hash32(1, 2, 3, 4))
            let receipt = try await node.send(from: reviewer, to: .templates, data: review)
            #expect(receipt["status"] == "0x1")
        }
    }

    private func open(_ id: Hash32, price: String, _ node: RPCTestNode) -> [UInt8] {
        var writer = ABIWriter(selector: ITemplates.Function.open.rawValue, words: 3)
        writer.write(word: id)
        writer.write(
            string: """
                {"token": "\(Address.dip)", "buyer": "\(node.keys[4])", "maker": "\(node.keys[5])",
                 "inspector": "\(node.keys[6])", "price": "\(price)"}
                """)
        writer.write(array: [IOrders.Pledge]())
        return writer.finish()
    }

    @Test func `templates are listed with where they stand and what they earned`() async throws {
        try await RPCTestNode.with { node async throws in
            let first = try await publish(template("Delivery", "C34"), node)
            try await activate(first, node)
            let second = try await publish(template("Other", "D35"), node)
            let receipt = try await node.send(
                from: 4, to: .templates, value: 5 * Self.dip,
                data: open(first, price: "1000", node))
            #expect(receipt["status"] == "0x1")

            let list = try await node.call("dip_templates")
            #expect(list["count"] == 2)
            #expect(list["next"] == nil)
            let template = try #require(list[path: "templates", "0"])
            #expect(template["id"] == .data(first.bytes))
            #expect(template["status"] == "active")
            #expect(template["name"] == "Delivery")
            #expect(template["names"] == ["zh": "交货"])
            #expect(template["industry"] == "C34")
            #expect(template["roles"] == ["buyer", "inspector", "maker"])
            #expect(template["developer"]?.address == node.keys[1])
            #expect(template["uses"] == 1)
            #expect(template["earned"] == "3500000000000000000")
            #expect(template["royalty"] == "5000000000000000000")
            #expect(template["deposit"] == "0")
            #expect(template["reviewsRequired"] == 2)
            #expect(template[path: "reviews", "1", "approved"] == true)
            #expect(template[path: "reviews", "1", "reviewer"]?.address == node.keys[3])
            #expect(list[path: "templates", "1", "status"] == "draft")
            #expect(list[path: "templates", "1", "deposit"] == "15000000000000000000")

            let order = try await node.call("dip_order", 1)
            #expect(order["template"] == .data(first.bytes))
            let one = try await node.call("dip_template", .data(second.bytes))
            #expect(one["name"] == "Other")
            #expect(one["json"]?.string?.hasPrefix(#"{"gates":"#) == true)
            #expect(try await node.call("dip_template", .data(Hash32.zero.bytes)) == .null)
        }
    }

    @Test func `a list comes in pages, and is filtered`() async throws {
        try await RPCTestNode.with { node async throws in
            for number in 0..<5 {
                _ = try await publish(
                    template("T\(number)", number.isMultiple(of: 2) ? "C34" : "F41"), node)
            }
            let page = try await node.call("dip_templates", 1, 2)
            #expect(page["templates"]?.array?.map { $0["name"] } == ["T1", "T2"])
            #expect(page["next"] == 3)
            let rest = try await node.call("dip_templates", 3, 2)
            #expect(rest["templates"]?.array?.count == 2)
            #expect(rest["next"] == nil)
            #expect(try await node.call("dip_templates", 99)["templates"] == [])
            for (filter, names) in [
                (["industry": "F"], ["T1", "T3"]), (["industry": "F41", "status": "active"], []),
                (["role": "maker", "industry": "C34"], ["T0", "T2", "T4"]),
                (["role": "carrier"], []),
                (["developer": .data(node.keys[2].bytes)], []),
            ] as [(JSON, [String])] {
                let found = try await node.call("dip_templates", 0, 100, filter)
                #expect(found["templates"]?.array?.map { $0["name"]?.string } == names)
            }
            for filter in [["colour": "red"], ["industry": 5], "all"] as [JSON] {
                let error = try await node.failure("dip_templates", 0, 100, filter)
                #expect(error.code == -32602)
                #expect(error.message.contains("filter"))
            }
            let error = try await node.failure("dip_templates", 0, 100, ["status": "Active"])
            #expect(error.code == -32602)
            #expect(
                error.message
                    == "filter.status: expected one of draft, active, rejected, deprecated, suspended"
            )
        }
    }

    @Test func `a dry run shows the royalty, and a refusal names its place`() async throws {
        try await RPCTestNode.with { node async throws in
            let id = try await publish(template("Delivery", "C34"), node)
            try await activate(id, node)
            func call(_ price: String) -> JSON {
                [
                    "from": .data(node.keys[4].bytes), "to": .data(Address.templates.bytes),
                    "data": .data(open(id, price: price, node)), "value": "0x4563918244f40000",
                ]
            }
            let result = try await node.call("dip_simulate", call("1000"))
            #expect(result["ok"] == true)
            #expect(
                result["events"]?.array?.map { $0["event"]?.string } == [
                    "Opened", "TransferSingle", "Transfer", "Transfer", "Transfer", "Transfer",
                    "RoyaltyPaid",
                ])
            #expect(result[path: "events", "6", "contract"] == "Templates")
            let refused = try await node.call("dip_simulate", call("0"))
            #expect(refused[path: "refusal", "name"] == "BindingRefused")
            #expect(refused[path: "refusal", "arguments", "pointer"] == "/price")
        }
    }
}
