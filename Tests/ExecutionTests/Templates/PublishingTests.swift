import Ledger
import Settlement
import Testing
import Tokens

@testable import Execution

@Suite struct PublishingTests {
    static let developer = Workshop.developer

    @Test func `publishing takes the fee and the deposit, and waits for reviews`() throws {
        var shop = Workshop()
        let id = try shop.publish()
        let template = try Template(parsing: Array(Workshop.template().utf8))
        #expect(id == template.id)
        #expect(
            shop.effects == [
                .published(
                    id: id, developer: shop.address(Self.developer), replaces: .zero,
                    name: "Delivery"),
                .statusChanged(id: id, status: .draft),
            ])
        #expect(shop.transfers == ["1 → treasury 1000", "1 → deposits 300"])
        #expect(shop.balance(.templates) == 300)
        #expect(shop.balance(Self.developer) == Workshop.wealth - 1_300)
        var reader = ABIReader(try shop.ask(.template, id).get())
        #expect(try reader.read(ITemplates.Status.self) == .draft)
        #expect(try reader.address() == shop.address(Self.developer))
        #expect(Array(try reader.bytes()) == template.canonicalBytes)
        #expect(try reader.uint(UInt64.self) == 0)
        #expect(try reader.amount() == 0)
        #expect(try shop.ask(.count).get() == Hash32(0, 0, 0, 1).bytes)
        #expect(try shop.ask(.at, .zero).get() == id.bytes)
        #expect(
            shop.ask(.at, Hash32(0, 0, 0, 1))
                == .failure(.badCalldata("there are 1 templates, counted from 0")))
    }

    @Test func `what it costs can be asked, and more than that stays with the sender`() throws {
        var shop = Workshop()
        #expect(
            try shop.ask(.publicationCost).get()
                == Hash32(0, 0, 0, 1_000).bytes + Hash32(0, 0, 0, 300).bytes)
        let data = Workshop.publish(Workshop.template())
        #expect(
            shop.run(Self.developer, value: 1_299, data)
                == .refused(.feeTooLow(needed: 1_300)))
        #expect(shop.run(Self.developer, data) == .refused(.feeTooLow(needed: 1_300)))
        let all = Workshop.wealth + 1
        #expect(
            shop.run(Self.developer, value: all, data)
                == .refused(
                    .erc20InsufficientBalance(
                        sender: shop.address(Self.developer), balance: Workshop.wealth, needed: all)
                ))
        _ = shop.run(Self.developer, value: Workshop.wealth, data)
        #expect(shop.balance(Self.developer) == Workshop.wealth - 1_300)
    }

    @Test func `the same content cannot be published twice, however it is written`() throws {
        var shop = Workshop()
        let id = try shop.publish()
        let other = Workshop.template().replacing(" ", with: "").replacing("\n", with: "\t ")
        #expect(other != Workshop.template())
        let again = Workshop.Answer.refused(
            .templateRefused(pointer: "", why: "the same template was published before"))
        for key in [Self.developer, Workshop.stranger] {
            #expect(shop.run(key, value: 1_300, Workshop.publish(other)) == again)
        }
        // Not even where it was rejected.
        for reviewer in 2...3 { shop.run(reviewer, Workshop.review(id, false)) }
        #expect(shop.status(id) == .rejected)
        #expect(shop.run(Self.developer, value: 1_300, Workshop.publish(other)) == again)
        #expect(shop.machine.templates.count == 1)
    }

    @Test func `a refused publication costs its gas, the check among it, and nothing else`() throws
    {
        var shop = Workshop(
            rules: Rules(gasPrice: 7, publicationFee: 1_000, reviewFee: 100, requiredReviews: 2))
        let text = Workshop.unplayable
        let treasury = shop.balance(.treasury)
        let answer = shop.run(Self.developer, value: 1_300, Workshop.publish(text))
        guard case .refused(let output) = answer else {
            Issue.record("\(answer)")
            return
        }
        #expect(
            output.starts(
                with: Rejection.templateRefused(pointer: "", why: "").revertData.prefix(4)))
        var reader = ABIReader(output.dropFirst(4))
        let pointer = try reader.string()
        let why = try reader.string()
        #expect(pointer == "/gates")
        #expect(why.contains("1024 combinations"))
        let gas = try shop.block.record(0).gasUsed
        // What the largest check may take is paid for before it is begun.
        #expect((12_500_000...12_700_000).contains(gas))
        #expect(shop.balance(Self.developer) == Workshop.wealth - UInt128(gas) * 7)
        #expect(shop.balance(.treasury) == treasury + UInt128(gas) * 7)
        #expect(shop.effects.isEmpty)
        #expect(
            try shop.block.changes().objects.map(\.key) == [EconomyKey.total(.transactionFee)])
        #expect(shop.machine.templates.count == 0)
    }

    @Test func `plays that requirements make more are paid for before they are played`() throws {
        var shop = Workshop()
        let crowded = """
            {"language": 1, "name": "x", "price": "price",
             "roles": {"buyer": {"pays": true}, "maker": {}, "many": {"many": 500}},
             "parameters": {"price": {"type": "amount"}},
             "gates": {"a": {"attest": ["maker"], "by": "1d"}, "b": {"attest": ["maker"], "by": "2d"},
              "c": {"attest": ["maker"], "by": "3d"}},
             "require": ["count(many) >= 400", "1000 <= price"],
             "lines": [{"to": "many", "fixed": "1", "gate": "a"},
              {"to": "maker", "fixed": "1", "gate": "b"}, {"to": "maker", "rest": true, "gate": "c"}]}
            """
        // 64 combinations × 5 × (3 gates and 402 lines) are 129,600 plays.
        let data = Workshop.publish(crowded)
        let answer = shop.run(Self.developer, value: 1_300, data, gasLimit: 3_500_000)
        #expect(answer == .refused(.outOfGas(limit: 3_500_000)))
        #expect(shop.machine.templates.count == 0)
        _ = try shop.publish(crowded)
        let gas = try shop.block.record(0).gasUsed
        #expect(gas >= 10_000_000 + 1_296_000 && gas < 10_000_000 + 1_296_000 + 300_000)
    }

    @Test func `where money could be short, the refusal shows with what`() throws {
        var shop = Workshop()
        let short = Workshop.template().replacing(
            #""lines": ["#, with: #""lines": [{"to": "inspector", "fixed": "2"}, "#)
        let answer = shop.run(Self.developer, value: 1_300, Workshop.publish(short))
        guard case .refused(let output) = answer else {
            Issue.record("\(answer)")
            return
        }
        var reader = ABIReader(output.dropFirst(4))
        #expect(try reader.string() == "/lines/1")
        let why = try reader.string()
        #expect(why.contains("the rest can be negative"))
        #expect(why.contains(#""price":"1""#))
        #expect(shop.balance(Self.developer) == Workshop.wealth)
    }

    @Test(arguments: [
        (#"{"language": 1"#, ""),
        (#"{"language": 1, "language": 1}"#, "/language"),
        ("", ""), ("null", ""), ("deep", ""),
        (#"{"language": 99, "name": "A"}"#, ""),
    ])
    func `what is no template is refused where it is wrong`(json: String, pointer: String) throws {
        var shop = Workshop()
        let text = json == "deep" ? String(repeating: "[", count: 60_000) : json
        let answer = shop.run(Self.developer, value: 1_300, Workshop.publish(text))
        guard case .refused(let output) = answer else {
            Issue.record("\(answer)")
            return
        }
        #expect(
            output.starts(
                with: Rejection.templateRefused(pointer: "", why: "").revertData.prefix(4)))
        var reader = ABIReader(output.dropFirst(4))
        #expect(try reader.string().hasPrefix(pointer))
        #expect(try !reader.string().isEmpty)
    }

    @Test func `a check that the gas limit does not cover is not begun`() throws {
        var shop = Workshop()
        let data = Workshop.publish(Workshop.template())
        guard case .done = shop.run(Self.developer, value: 1_300, data) else {
            Issue.record("refused")
            return
        }
        let needed = try shop.block.record(0).gasUsed
        let other = Workshop.publish(Workshop.template("Deliverx"))
        #expect(
            shop.run(Self.developer, value: 1_300, other, gasLimit: needed - 1)
                == .refused(.outOfGas(limit: needed - 1)))
        #expect(try shop.block.record(0).gasUsed == needed - 1)
        guard case .done = shop.run(Self.developer, value: 1_300, other, gasLimit: needed) else {
            Issue.record("refused")
            return
        }
        #expect(shop.machine.templates.count == 2)
    }

    @Test func `only the developer of a template publishes what replaces it`() throws {
        var shop = Workshop()
        let id = try shop.publish()
        let next = Workshop.template("Delivery 2")
        #expect(
            shop.run(Workshop.stranger, value: 1_300, Workshop.publish(next, replacing: id))
                == .refused(.notDeveloper(shop.address(Workshop.stranger))))
        #expect(
            shop.run(
                Self.developer, value: 1_300, Workshop.publish(next, replacing: Hash32(9, 9, 9, 9)))
                == .refused(
                    .templateRefused(pointer: "", why: "it replaces a template that is unknown")))
        let successor = try shop.publish(next, replacing: id)
        #expect(shop.machine.templates.find(successor)?.replaces == id)
    }

    @Test func `views of a template that there is not are empty`() throws {
        let shop = Workshop()
        let id = Hash32(9, 9, 9, 9)
        var reader = ABIReader(try shop.ask(.template, id).get())
        #expect(try reader.read(ITemplates.Status.self) == .none)
        #expect(try reader.address() == .zero)
        #expect(try reader.string().isEmpty)
        #expect(try shop.ask(.reviews, id).get().count == 64)
        for function in [ITemplates.Function.quote, .preview] {
            #expect(shop.ask(function, id, "{}") == .failure(.templateNotActive(id, status: 0)))
        }
    }

    @Test func `an audit finds deposits that nothing backs, and DIP that is nobody's`() throws {
        var shop = Workshop()
        let id = try shop.publish()
        let machine = shop.machine
        #expect(machine.templates.fault() == nil)
        machine.tokens.move(1, of: .dip, from: shop.address(0), to: .templates)
        #expect(machine.templates.fault() == "0x…d104 has 301, deposits for reviews are 300")
        machine.tokens.move(2, of: .dip, from: .templates, to: shop.address(0))
        #expect(machine.templates.fault() == "0x…d104 has 299, deposits for reviews are 300")
        machine.tokens.move(1, of: .dip, from: shop.address(0), to: .templates)
        var stored = try #require(machine.templates.find(id))
        stored.status = .active
        machine.templates.shelf.set(stored, id)
        #expect(machine.templates.fault() == "template \(id) is no draft and keeps a deposit")
    }

    @Test func `only publish and open take DIP`() {
        var shop = Workshop()
        for data in [
            Workshop.review(.zero, true), Workshop.deprecate(.zero),
            ABIWriter(selector: ITemplates.Function.count.rawValue, words: 0).finish(),
        ] {
            #expect(shop.run(Workshop.stranger, value: 1, data) == .refused(.notPayable))
        }
        #expect(shop.run(Workshop.stranger, value: 1, []) == .refused(.unknownSelector(0)))
        #expect(
            shop.run(Workshop.stranger, [1, 2, 3, 4]) == .refused(.unknownSelector(0x0102_0304)))
        #expect(shop.balance(Workshop.stranger) == Workshop.wealth)
    }
}
