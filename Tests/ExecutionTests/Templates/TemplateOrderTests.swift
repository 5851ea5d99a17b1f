import Ledger
import Settlement
import Testing
import Tokens

@testable import Execution

@Suite struct TemplateOrderTests {
    static let buyer = Workshop.buyer
    /// Five DIP.
    static let royalty = 5 * Rules.oneDIP

    @Test func `an order is opened from a template, and the royalty is split`() throws {
        var shop = Workshop()
        let id = try shop.activate()
        let before = (1...3).map { shop.balance($0) }
        let treasury = shop.balance(.treasury)
        let answer = shop.run(
            Self.buyer, value: Self.royalty, Workshop.open(id, shop.bindings()))
        #expect(answer == .done(Hash32(0, 0, 0, 1).bytes))
        #expect(shop.effects == [.royaltyPaid(id: id, order: 1, amount: Self.royalty)])
        #expect(
            shop.transfers == [
                "6 → 1 \(Self.royalty / 10 * 7)", "6 → 2 \(Self.royalty / 20)",
                "6 → 3 \(Self.royalty / 20)", "6 → treasury \(Self.royalty / 5)",
            ])
        #expect(shop.balance(1) == before[0] + Self.royalty / 10 * 7)
        #expect(shop.balance(2) == before[1] + Self.royalty / 20)
        #expect(shop.balance(.treasury) == treasury + Self.royalty / 5)
        #expect(shop.balance(Self.buyer) == Workshop.wealth - Self.royalty)
        let order = try #require(shop.machine.orders.view(of: 1))
        #expect(order.summary.templateId == id)
        #expect(order.summary.status == .open)
        #expect(order.summary.buyer == shop.address(Self.buyer))
        #expect(order.summary.price == 1_000)
        #expect(order.lines.map(\.summary.payee) == [shop.address(Workshop.maker)])
        #expect(order.gates.count == 1)
        var reader = ABIReader(try shop.ask(.template, id).get())
        #expect(try reader.read(ITemplates.Status.self) == .active)
        _ = try reader.address()
        _ = try reader.bytes()
        #expect(try reader.uint(UInt64.self) == 1)
        #expect(try reader.amount() == Self.royalty / 10 * 7)
    }

    @Test func `the log of the opening names the template`() throws {
        var shop = Workshop()
        let id = try shop.activate()
        shop.run(Self.buyer, value: Self.royalty, Workshop.open(id, shop.bindings()))
        let opened = try EffectReader(shop.block.record(0).effects).compactMap {
            SettlementEffectTag.all.contains($0.tag)
                ? try SettlementEffect(tag: $0.tag, payload: $0.payload) : nil
        }
        guard case .opened(1, .dip, _, 1_000, id, false, _)? = opened.first else {
            Issue.record("\(opened)")
            return
        }
    }

    @Test func `who is not the buyer proposes the order, and pays the royalty`() throws {
        var shop = Workshop()
        let id = try shop.activate()
        shop.run(Workshop.maker, value: Self.royalty, Workshop.open(id, shop.bindings()))
        let order = try #require(shop.machine.orders.view(of: 1))
        #expect(order.summary.status == .proposed)
        #expect(order.summary.proposer == shop.address(Workshop.maker))
        #expect(order.summary.templateId == id)
        #expect(shop.balance(Workshop.maker) == Workshop.wealth - Self.royalty)
        #expect(shop.balance(Self.buyer) == Workshop.wealth)
    }

    @Test func `claims of the buyer are pledged to the order in the same step`() throws {
        var shop = Workshop()
        let id = try shop.activate()
        // Order 1 owes the buyer of order 2.
        let top = shop.bindings().replacing(
            "\(shop.address(Workshop.maker))", with: "\(shop.address(Workshop.stranger))")
        shop.run(Self.buyer, value: Self.royalty, Workshop.open(id, top))
        let below = shop.bindings().replacing(
            "\"buyer\": \"\(shop.address(Self.buyer))\"",
            with: "\"buyer\": \"\(shop.address(Workshop.stranger))\"")
        let pledge = IOrders.Pledge(order: 1, line: 0, units: 400)
        let answer = shop.run(
            Workshop.stranger, value: Self.royalty, Workshop.open(id, below, from: [pledge]))
        #expect(answer == .done(Hash32(0, 0, 0, 2).bytes))
        let order = try #require(shop.machine.orders.view(of: 2))
        #expect(order.sources.map(\.order) == [1])
        // A proposal has no sources.
        #expect(
            shop.run(
                Workshop.maker, value: Self.royalty, Workshop.open(id, below, from: [pledge]))
                == .refused(.wrongStatus(order: 3, status: 1)))
        #expect(shop.machine.orders.count == 2)
    }

    @Test func `a failed opening leaves nothing behind`() throws {
        var shop = Workshop()
        let id = try shop.activate()
        let use = shop.machine.templates.use(of: id)
        let balances = (1...9).map { shop.balance($0) }
        let missing = IOrders.Pledge(order: 7, line: 0, units: 1)
        let bindings = shop.bindings()
        let unbound = shop.bindings(token: Address(high: 1, middle: 1, low: 1))
        let tooSmall = shop.bindings(price: "0")
        for (value, data, rejection) in [
            (Self.royalty, Workshop.open(id, bindings, from: [missing]), .unknownOrder(7)),
            (Self.royalty - 1, Workshop.open(id, bindings), .feeTooLow(needed: Self.royalty)),
            (
                Self.royalty, Workshop.open(id, unbound),
                .bindingRefused(
                    pointer: "/token",
                    why: "no token answers at \(Address(high: 1, middle: 1, low: 1))")
            ),
            (
                Self.royalty, Workshop.open(id, tooSmall),
                .bindingRefused(pointer: "/price", why: "1 to 1000000000 wanted")
            ),
            (
                Self.royalty, Workshop.open(id, "{"),
                .bindingRefused(pointer: "", why: "a name in quotation marks wanted")
            ),
        ] as [(UInt128, [UInt8], Rejection)] {
            let answer = shop.run(Self.buyer, value: value, data)
            if case .bindingRefused("", _) = rejection {
                guard case .refused(let output) = answer else {
                    Issue.record("\(answer)")
                    continue
                }
                #expect(output.starts(with: rejection.revertData.prefix(4)))
            } else {
                #expect(answer == .refused(rejection))
            }
            let record = try shop.block.record(0)
            #expect(record.effects.isEmpty)
            #expect(try shop.block.changes().objects.isEmpty)
            #expect(shop.machine.orders.count == 0)
            #expect(shop.machine.templates.use(of: id) == use)
            #expect((1...9).map { shop.balance($0) } == balances)
        }
    }

    @Test func `who cannot pay the royalty opens nothing`() throws {
        var shop = Workshop()
        let id = try shop.activate(Workshop.template(royalty: "1000000"))
        // Has as much, less what reviewing does not cost it.
        let data = Workshop.open(id, shop.bindings())
        shop.run([.init(key: Self.buyer, to: shop.address(2), value: 1, data: [])])
        let rest = shop.balance(Self.buyer)
        #expect(
            shop.run(Self.buyer, value: Workshop.wealth, data)
                == .refused(
                    .erc20InsufficientBalance(
                        sender: shop.address(Self.buyer), balance: rest, needed: Workshop.wealth)))
        #expect(shop.machine.orders.count == 0)
    }

    @Test func `only an active template is used`() throws {
        var shop = Workshop()
        let draft = try shop.publish()
        let active = try shop.activate(Workshop.template("B"))
        let other = try shop.activate(Workshop.template("C"))
        let rejected = try shop.publish(Workshop.template("D"))
        for reviewer in 2...3 { shop.run(reviewer, Workshop.review(rejected, false)) }
        shop.run(Workshop.developer, Workshop.deprecate(active))
        shop.decide(.suspendTemplate(other))
        for (id, status) in [
            (draft, 1), (rejected, 3), (active, 4), (other, 5), (Hash32(9, 9, 9, 9), 0),
        ] as [(Hash32, UInt8)] {
            #expect(
                shop.run(Self.buyer, value: Self.royalty, Workshop.open(id, shop.bindings()))
                    == .refused(.templateNotActive(id, status: status)))
        }
    }

    @Test func `orders go on with the version that they were opened with`() throws {
        var shop = Workshop()
        let id = try shop.activate()
        shop.run(Self.buyer, value: Self.royalty, Workshop.open(id, shop.bindings()))
        let before = try #require(shop.machine.orders.view(of: 1))
        _ = try shop.activate(Workshop.template("Delivery 2", royalty: "9"), replacing: id)
        shop.decide(.suspendTemplate(id))
        let after = try #require(shop.machine.orders.view(of: 1))
        #expect(after.summary == before.summary)
        #expect(after.summary.templateId == id)
        var fund = ABIWriter(selector: IOrders.Function.fund.rawValue, words: 2)
        fund.write(1 as UInt64)
        fund.write(uint: 1_000)
        var attest = ABIWriter(selector: IOrders.Function.attest.rawValue, words: 4)
        attest.write(1 as UInt64)
        attest.write(0 as UInt8)
        attest.write(10_000 as UInt16)
        attest.write(word: .zero)
        let maker = shop.balance(Workshop.maker)
        shop.run([
            .init(key: Self.buyer, to: .orders, data: fund.finish()),
            .init(key: Workshop.inspector, to: .orders, data: attest.finish()),
        ])
        #expect(shop.balance(Workshop.maker) == maker + 1_000)
    }

    @Test func `a template without royalty is free`() throws {
        var shop = Workshop()
        let id = try shop.activate(Workshop.template(royalty: "0"))
        #expect(
            shop.run(Self.buyer, Workshop.open(id, shop.bindings()))
                == .done(Hash32(0, 0, 0, 1).bytes))
        #expect(shop.effects.isEmpty)
        #expect(shop.transfers.isEmpty)
        #expect(shop.machine.templates.use(of: id).orders == 1)
    }

    @Test func `what is above the royalty stays with the sender`() throws {
        var shop = Workshop()
        let id = try shop.activate()
        shop.run(Self.buyer, value: Self.royalty * 2, Workshop.open(id, shop.bindings()))
        #expect(shop.balance(Self.buyer) == Workshop.wealth - Self.royalty)
    }

    // MARK: Before it is opened

    @Test func `a preview gives the terms that the order will have`() throws {
        var shop = Workshop()
        let id = try shop.activate()
        var reader = ABIReader(try shop.ask(.preview, id, shop.bindings()).get())
        let terms = try reader.read(IOrders.Terms.self)
        shop.run(Self.buyer, value: Self.royalty, Workshop.open(id, shop.bindings()))
        let order = try #require(shop.machine.orders.view(of: 1))
        #expect(terms.token == .dip)
        #expect(terms.lines.map(\.payee) == order.lines.map(\.summary.payee))
        #expect(terms.gates.count == 1)
        // A second passed.
        #expect(terms.gates[0].deadline + 1 == order.gates[0].terms.deadline)
        #expect(shop.machine.orders.count == 1)
    }

    @Test func `a quote is what opening then uses`() throws {
        var shop = Workshop()
        let id = try shop.activate()
        let quote = try shop.ask(.quote, id, shop.bindings()).get()
        #expect(Hash32(quote.prefix(32)) == Hash32(word: Self.royalty))
        shop.run(Self.buyer, value: Self.royalty, Workshop.open(id, shop.bindings()))
        let gas = try shop.block.record(0).gasUsed
        #expect(Hash32(quote.suffix(32)) == Hash32(0, 0, 0, gas))
        // The second opening, whose template is in memory, costs the same.
        shop.run(Self.buyer, value: Self.royalty, Workshop.open(id, shop.bindings()))
        #expect(try shop.block.record(0).gasUsed == gas)
    }

    @Test func `text and terms are paid for by the byte`() throws {
        var shop = Workshop()
        let line = #"{"to": "maker", "fixed": "1"}, "#
        let id = try shop.activate(
            Workshop.template().replacing(#""min": "1""#, with: #""min": "100""#).replacing(
                #""lines": ["#, with: #""lines": ["# + String(repeating: line, count: 20)))
        for function in [ITemplates.Function.template, .preview] {
            let bindings = function == .preview ? shop.bindings() : nil
            var writer = ABIWriter(selector: function.rawValue, words: bindings == nil ? 1 : 2)
            writer.write(word: id)
            if let bindings { writer.write(string: bindings) }
            let asked = shop.machine.simulate(
                sender: .zero, to: .templates, value: 0, data: writer.finish(),
                gasLimit: 100_000_000, now: shop.time / 1000)
            let answer = try asked.result.get()
            #expect(answer.count > 1_000)
            #expect(asked.gasUsed > UInt64(answer.count - Gas.resultBytesFree) * 16 + 26_000)
        }
    }

    // MARK: Legal entities

    private func attest(_ account: Address) -> [UInt8] {
        var writer = ABIWriter(selector: IEntities.Function.attest.rawValue, words: 2)
        writer.write(account)
        writer.write(
            IEntities.Entity(
                lei: .zero, creditCode: IdentifierTests.codes[0], name: "Maker", industry: "C34",
                bank: .zero, since: 0, active: false))
        return writer.finish()
    }

    private func revoke(_ account: Address) -> [UInt8] {
        var writer = ABIWriter(selector: IEntities.Function.revoke.rawValue, words: 1)
        writer.write(account)
        return writer.finish()
    }

    @Test func `where a template wants legal entities, a bank must attest them`() throws {
        var shop = Workshop()
        let id = try shop.activate(
            Workshop.template(more: #""entities": ["buyer", "maker"],"#))
        let maker = shop.address(Workshop.maker)
        let open = Workshop.open(id, shop.bindings())
        func unknown(_ role: String, _ account: Int) -> Rejection {
            .bindingRefused(
                pointer: "/\(role)",
                why: "no bank attests which legal entity is behind \(shop.address(account))")
        }
        #expect(
            shop.run(Self.buyer, value: Self.royalty, open)
                == .refused(unknown("buyer", Self.buyer)))
        shop.run([
            .init(key: Workshop.bank, to: .entities, data: attest(shop.address(Self.buyer)))
        ])
        #expect(
            shop.run(Self.buyer, value: Self.royalty, open)
                == .refused(unknown("maker", Workshop.maker)))
        #expect(
            shop.ask(.preview, id, shop.bindings()) == .failure(unknown("maker", Workshop.maker)))
        shop.run([.init(key: Workshop.bank, to: .entities, data: attest(maker))])
        let quote = try shop.ask(.quote, id, shop.bindings()).get()
        #expect(
            shop.run(Self.buyer, value: Self.royalty, open) == .done(Hash32(0, 0, 0, 1).bytes))
        #expect(Hash32(quote.suffix(32)) == Hash32(0, 0, 0, try shop.block.record(0).gasUsed))
        // What is open stays so; what is opened later is refused.
        shop.run([.init(key: Workshop.bank, to: .entities, data: revoke(maker))])
        #expect(shop.machine.orders.view(of: 1)?.summary.status == .open)
        #expect(
            shop.run(Self.buyer, value: Self.royalty, open)
                == .refused(unknown("maker", Workshop.maker)))
    }

    @Test func `a batch opens and funds at once, each call with its own value`() throws {
        var shop = Workshop()
        let id = try shop.activate()
        var fund = ABIWriter(selector: IOrders.Function.fund.rawValue, words: 2)
        fund.write(1 as UInt64)
        fund.write(uint: 1_000)
        func batch(_ value: UInt128) -> [UInt8] {
            var writer = ABIWriter(selector: IBatch.Function.execute.rawValue, words: 1)
            writer.write(array: [
                IBatch.Call(
                    to: .templates, data: Workshop.open(id, shop.bindings()), value: value),
                IBatch.Call(to: .orders, data: fund.finish(), value: 0),
            ])
            return writer.finish()
        }
        #expect(
            shop.run([.init(key: Self.buyer, to: .batch, value: 7, data: batch(7))])
                == [
                    .refused(
                        .callFailed(
                            index: 0,
                            reason: Rejection.feeTooLow(needed: Self.royalty).revertData))
                ])
        shop.run([
            .init(key: Self.buyer, to: .batch, value: Self.royalty, data: batch(Self.royalty))
        ])
        #expect(shop.machine.orders.view(of: 1)?.summary.funded == 1_000)
        #expect(shop.balance(Self.buyer) == Workshop.wealth - Self.royalty - 1_000)
    }
}
