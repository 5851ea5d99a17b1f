import Foundation
import SupplyChain
import Testing

@Suite struct SettlementPlanTests {
    /// `Genesis/chains`, beside the tests.
    private func shipped(_ name: String) throws -> Chain {
        let folder = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Genesis/chains")
        let bytes = [UInt8](try Data(contentsOf: folder.appending(path: name)))
        return try ChainFile(bytes, file: name).chain(nil, file: name)
    }

    @Test func `the bulldozer moves 220,475 for 72,600 of cash`() throws {
        let chain = try shipped("bulldozer.txt")
        let plan = try SettlementPlan(chain)
        #expect(plan.decimals == 0)
        #expect(plan.firms.count == 22)
        #expect(plan.tiers == 5)
        #expect(plan.gross == 220_475)
        #expect(plan.cash == 72_600)
        for (firm, stage) in zip(plan.firms, chain.stages) {
            #expect(firm.name == stage.name)
            #expect(firm.kept == stage.cost.units(decimals: 0))
        }
        let root = try #require(plan.firms.first { $0.name == "Final_Assembly" })
        #expect(root.tier == 1 && root.multiplicity == .one)
        #expect(root.received == 72_600 && root.paidOut == 64_600)
    }

    /// Both suppliers' claims are larger than what the shared supplier's own order costs.
    @Test func `a firm with two customers takes from the first in the file first`() throws {
        // S sells to B (2 × 3 = 6) and to A (1 × 3 = 3), and owes T 2 of each 3, in all 6.
        let plan = try SettlementPlan(
            try chain("P,1,10,,A,1,B,2", "B,1,0,,S,1", "A,1,1,,S,1", "S,1,1,,T,1", "T,1,2"))
        let names = plan.firms.map(\.name)
        let order = try #require(plan.orders.firstIndex { $0.firm == names.firstIndex(of: "S") })
        let units = plan.orders[order].pledges.map { pledge in
            (plan.orders[pledge.order].firm.map { names[$0] }, pledge.units)
        }
        #expect(units.map(\.0) == ["B"])
        #expect(units.map(\.1) == [6])
        #expect(plan.orders[order].price == 6)
        #expect(plan.firms.map(\.received) == [20, 6, 4, 9, 6])
        #expect(plan.firms.map(\.paidOut) == [10, 6, 3, 6, 0])
        #expect(plan.firms.map { $0.multiplicity.description } == ["1", "2", "1", "3", "3"])
        #expect(plan.firms.map(\.tier) == [1, 2, 2, 3, 4])
        #expect(plan.gross == 20 + 10 + 6 + 3 + 6)
    }

    @Test func `a pledge goes on with the next customer's order`() throws {
        let plan = try SettlementPlan(
            try chain("P,1,1,,A,1,B,1", "A,1,0,,S,1", "B,1,0,,S,1", "S,1,0,,T,1", "T,1,5"))
        let last = try #require(plan.orders.last)
        #expect(last.pledges.map(\.units) == [5, 5])
        #expect(Set(last.pledges.map(\.order)) == [2, 3])
    }

    @Test func `a currency has at least its own decimals`() throws {
        let chain = try chain("P,1,1.5,,A,1", "A,1,2")
        #expect(try SettlementPlan(chain).decimals == 1)
        let plan = try SettlementPlan(chain, decimals: 2)
        #expect((plan.decimals, plan.cash) == (2, 350))
        #expect(plan.firms.map(\.kept) == [150, 200])
    }

    @Test func `a supplier to whom nothing is owed has no line`() throws {
        let plan = try SettlementPlan(
            try chain("P,1,1,,A,1,B,1", "A,1,0", "B,1,3", "C,1,9"), product: "P")
        #expect(plan.firms.map(\.name) == ["P", "A", "B"])
        #expect(plan.orders.count == 2)
        #expect(plan.orders[1].lines.map(\.payee) == [2])
        #expect(plan.orders[1].lines.map(\.amount) == [3])
        #expect(plan.firms[1].received == 0)
    }

    @Test func `a firm all of whose suppliers are free opens no order`() throws {
        let plan = try SettlementPlan(try chain("P,1,1,,A,1", "A,1,0"))
        #expect(plan.orders.count == 1)
        #expect(plan.gross == 1)
    }

    @Test func `the currency has the decimals that the amounts need`() throws {
        let plan = try SettlementPlan(
            try chain("P,1,0.10,,A,0.5", "A,1,0.05,,B,0.1", "B,1,3"))
        // B: 0.05 × 3 = 0.15, A: 0.5 × 0.35 = 0.175, P: 0.275.
        #expect(plan.decimals == 3)
        #expect(plan.cash == 275)
        #expect(plan.firms.map(\.received) == [275, 175, 150])
        #expect(plan.firms.map(\.kept) == [100, 25, 150])
        #expect(plan.decimal(plan.gross).description == "0.6")
    }

    @Test func `several products ask for a choice`() throws {
        let chain = try chain("P,1,1,,A,1", "Q,1,2,,A,1", "A,1,3")
        #expect(
            fault { _ = try SettlementPlan(chain) }
                == "chain.txt: it has 2 finished products; name one with --product: P, Q")
        #expect(
            fault { _ = try SettlementPlan(chain, product: "A") }
                == "chain.txt: A is no finished product; there are: P, Q")
        #expect(try SettlementPlan(chain, product: "Q").cash == 5)
    }

    @Test func `what cannot be settled is refused`() throws {
        let free = try chain("P,1,0,,A,1", "A,1,0")
        #expect(
            fault { _ = try SettlementPlan(free) }
                == "chain.txt: P costs nothing: there is nothing to pay")
        let dear = try chain("P,1,300000000000000000000000000000000000000,,A,9", "A,1,1e38")
        #expect(fault { _ = try SettlementPlan(dear) }.contains("more digits than"))
    }

    @Test func `an order pays at most 1,023 suppliers and has 64 levels`() throws {
        let many = (0..<1024).map { "S\($0),1" }
        let wide = ["P,1,1,,\(many.joined(separator: ","))"] + (0..<1024).map { "S\($0),1,1" }
        #expect(
            fault { _ = try SettlementPlan(try table(wide)) }
                == "chain.txt: P has 1024 suppliers to pay; an order pays at most 1023")
        func deep(_ stages: Int) -> [String] {
            (0..<stages).map { $0 + 1 < stages ? "S\($0),1,1,,S\($0 + 1),1" : "S\($0),1,1" }
        }
        // The last stage has no order: 65 firms have 64 orders below the buyer's.
        #expect(try SettlementPlan(try table(deep(65))).orders.count == 65)
        #expect(
            fault { _ = try SettlementPlan(try table(deep(66))) }
                == "chain.txt: orders would be 65 levels deep; at most 64 are allowed")
    }

    private func table(_ rows: [String]) throws -> Chain {
        let text = (["stage_id,lead_time,cost,ext_demand_mean,up_stages"] + rows)
            .joined(separator: "\n")
        return try ChainFile(Array(text.utf8), file: "chain.txt").chain(nil, file: "chain.txt")
    }

    /// Willems' 38 chains may not be shipped; where they lie beside the project they are planned too.
    private static let willems: URL? = {
        let file = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "../shared/data/chains/willems.jsonl")
        return FileManager.default.fileExists(atPath: file.path()) ? file : nil
    }()

    @Test(.enabled(if: willems != nil))
    func `in the 38 chains of Willems every product balances`() throws {
        let file = try #require(Self.willems)
        let chains = try ChainFile([UInt8](try Data(contentsOf: file)), file: "willems").chains
        #expect(chains.count == 38)
        #expect(chains.map(\.chain.stages.count).reduce(0, +) == 15_872)
        var products = 0
        var widest = 0
        for chain in chains.map(\.chain) {
            for product in chain.products {
                let name = chain.stages[product].name
                // A product that costs nothing has nothing to settle.
                guard let plan = try? SettlementPlan(chain, product: name) else { continue }
                #expect(faults(plan) == [])
                products += 1
                widest = max(widest, plan.firms.count)
            }
        }
        #expect(products > 4_000)
        #expect(widest == 357)
    }

    /// What does not balance; plain code, as half a million expectations would take a minute.
    private func faults(_ plan: SettlementPlan) -> [String] {
        var faults: [String] = []
        func that(_ holds: Bool, _ claim: String) { if !holds { faults.append(claim) } }
        that(plan.firms.map(\.kept).reduce(0, +) == plan.cash, "what is kept is the cash")
        that(plan.orders.map(\.price).reduce(0, +) == plan.gross, "the prices are the gross")
        that(plan.firms.map(\.received).reduce(0, +) == plan.gross, "all of it is received")
        var left = plan.orders.map { $0.lines.map(\.amount) }
        for (index, order) in plan.orders.enumerated() {
            that(order.lines.map(\.amount).reduce(0, +) == order.price, "lines are the price")
            for pledge in order.pledges {
                guard pledge.order < index, left[pledge.order][pledge.line] >= pledge.units else {
                    faults.append("a claim is pledged that is not there")
                    continue
                }
                let payee = plan.orders[pledge.order].lines[pledge.line].payee
                that(payee == order.firm, "a claim is pledged by its holder")
                left[pledge.order][pledge.line] -= pledge.units
            }
            let pledged = order.pledges.map(\.units).reduce(0, +)
            that(pledged == (index == 0 ? 0 : order.price), "what is pledged is the price")
        }
        return faults
    }

    @Test(arguments: [
        "battery.txt", "bulldozer.txt", "chemicals.txt", "cutlery.txt", "digital_camera.txt",
        "fast_food.txt", "fast_toys.txt", "food.txt", "semiconductors.txt", "toys.txt",
    ])
    func `in every shipped chain and product the books balance`(name: String) throws {
        let chain = try shipped(name)
        for product in chain.products {
            let plan = try SettlementPlan(chain, product: chain.stages[product].name)
            #expect(faults(plan) == [])
        }
    }
}
