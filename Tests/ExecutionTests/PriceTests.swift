import Ledger
import Settlement
import Testing
import Tokens

@testable import Execution

/// What is told and what is looked at has a price, so that no block makes a node do or hold too much.
@Suite struct PriceTests {
    private static let start: UInt64 = 1_000

    private static func call(
        _ function: IOrders.Function, _ words: Int, _ body: (inout ABIWriter) -> Void
    ) -> IBatch.Call {
        var writer = ABIWriter(selector: function.rawValue, words: words)
        body(&writer)
        return IBatch.Call(to: .orders, data: writer.finish(), value: 0)
    }

    private static func open(
        by world: World, lines: Int, gates: [IOrders.Gate] = []
    ) -> IBatch.Call {
        let line = IOrders.Line(
            tier: 0, payee: world.address(1), amount: 10, gate: gates.isEmpty ? 0 : 1)
        return call(.open, 1) {
            $0.write(
                IOrders.Terms(
                    token: .dip, buyer: world.address(0),
                    lines: Array(repeating: line, count: lines), gates: gates))
        }
    }

    private static func attest(_ order: UInt64) -> IBatch.Call {
        call(.attest, 4) {
            $0.write(order)
            $0.write(0 as UInt8)
            $0.write(10_000 as UInt16)
            $0.write(word: .zero)
        }
    }

    private static func fund(_ order: UInt64, _ amount: UInt128) -> IBatch.Call {
        call(.fund, 2) {
            $0.write(order)
            $0.write(amount)
        }
    }

    private static func batch(_ calls: [IBatch.Call]) -> IBatch.Call {
        var writer = ABIWriter(selector: IBatch.Function.execute.rawValue, words: 1)
        writer.write(array: calls)
        return IBatch.Call(to: .batch, data: writer.finish(), value: 0)
    }

    /// Executes a block of calls by one account each, with so much gas each.
    private static func run(
        _ world: inout World, _ calls: [(by: Int, IBatch.Call)], gasLimit: UInt64 = 20_000_000
    ) -> StoredBlock {
        var nonces: [Int: UInt64] = [:]
        let transactions = calls.map { by, call in
            let next = world.machine.state.cell(TokenID.dip.balanceKey(world.address(by))).nonce
            let nonce = nonces[by, default: next]
            nonces[by] = nonce + 1
            return world.signed(by, nonce: nonce, to: call.to, data: call.data, gasLimit: gasLimit)
        }
        return world.execute(transactions)
    }

    private static func ask(_ world: World, _ call: IBatch.Call, by: Int = 3) -> Simulation {
        world.machine.simulate(
            sender: world.address(by), to: call.to, value: 0, data: call.data,
            gasLimit: 100_000_000, now: start + 1)
    }

    /// Who may attest, and from when on.
    private static func gate(_ world: World) -> IOrders.Gate {
        IOrders.Gate(attestors: [world.address(2)], threshold: 1, deadline: start + 100_000)
    }

    // MARK: Answers

    @Test func `a byte that a call returns costs what a byte of a call does`() throws {
        var world = World()
        let gates = (0..<64).map { _ in
            IOrders.Gate(
                attestors: (1...32).map { Address(high: 9, middle: 9, low: $0) }, threshold: 32,
                deadline: Self.start + 100_000)
        }
        let opened = Self.run(&world, [(0, Self.open(by: world, lines: 400, gates: gates))])
        #expect(try opened.record(0).outcome == .done)
        let lines = Self.call(.lines, 3) {
            $0.write(1 as UInt64)
            $0.write(0 as UInt16)
            $0.write(400 as UInt16)
        }
        let gatesOf = Self.call(.gates, 1) { $0.write(1 as UInt64) }
        for call in [lines, gatesOf, Self.batch([lines, lines, gatesOf])] {
            let asked = Self.ask(world, call)
            let answer = try asked.result.get()
            #expect(answer.count > 60_000)
            // A block of a thousand million gas returns some sixty megabytes.
            #expect(UInt64(answer.count - 4_096) * 16 < asked.gasUsed)
        }
        // What is small is in the price of a call.
        let order = Self.call(.order, 1) { $0.write(1 as UInt64) }
        #expect(try Self.ask(world, order).result.get().count <= Gas.resultBytesFree)
    }

    // MARK: Sizes

    @Test func `a large order costs more to have at hand`() throws {
        var world = World()
        // With its claims, a line is two parts.
        let opens = [32, 33, 132].map { (0, Self.open(by: world, lines: $0)) }
        let opened = Self.run(&world, opens)
        for index in 0..<3 { #expect(try opened.record(index).outcome == .done) }
        let used = (1...3 as ClosedRange<UInt64>).map { order in
            Self.ask(world, Self.call(.order, 1) { $0.write(order) }).gasUsed
        }
        #expect(used[1] == used[0] + 2 * Gas.part)
        #expect(used[2] == used[1] + 2 * 99 * Gas.part)
        let funded = (1...3 as ClosedRange<UInt64>).map { order in
            Self.ask(world, Self.fund(order, 1), by: 0).gasUsed
        }
        #expect(funded[1] == funded[0] + 2 * Gas.part)
        // Sharing looks at 132 lines, which counts as two payments (docs/settlement.md).
        #expect(funded[2] == funded[1] + 2 * 99 * Gas.part + 2 * Gas.payment)
    }

    @Test func `lists and balances pay for each order that they look at`() throws {
        let used = try [33, 132].map { (lines: Int) throws -> [UInt64] in
            var world = World()
            let opened = Self.run(&world, [(0, Self.open(by: world, lines: lines))])
            #expect(try opened.record(0).outcome == .done)
            var claims = ABIWriter(selector: IClaims.Function.claimsOf.rawValue, words: 3)
            claims.write(world.address(1))
            claims.write(0 as UInt64)
            claims.write(30 as UInt16)
            var balances = ABIWriter(
                selector: IClaims.Function.balanceOfBatch.rawValue, words: 2)
            balances.write(array: [world.address(1), world.address(1)])
            balances.write(array: [1 << 16, 1 << 16 | 1].map { Hash32(word: $0) })
            return [claims.finish(), balances.finish()].map {
                Self.ask(world, IBatch.Call(to: .claims, data: $0, value: 0)).gasUsed
            }
        }
        // Once, though thirty of its lines are told, or two are asked for.
        for call in 0..<2 { #expect(used[1][call] == used[0][call] + 2 * 99 * Gas.part) }
    }

    @Test func `nobody makes a gate dearer, but who is refused, or may undo it, pays`() throws {
        var world = World()
        let opens = [1, 132].map { lines in
            (0, Self.open(by: world, lines: lines, gates: [Self.gate(world)]))
        }
        let opened = Self.run(&world, opens)
        for index in 0..<2 { #expect(try opened.record(index).outcome == .done) }
        let small = Self.ask(world, Self.attest(1), by: 2)
        let large = Self.ask(world, Self.attest(2), by: 2)
        #expect(throws: Never.self) { _ = try large.result.get() }
        // What was agreed counts, and no claims: 132 lines, a gate and its attestor.
        #expect(large.gasUsed == small.gasUsed + Gas.size(parts: 134))
        let size = Gas.size(parts: 2 * 132 + 2)
        let refused = Self.ask(world, Self.attest(2), by: 3)
        guard case .failure(.notAttestor) = refused.result else {
            Issue.record("\(refused.result)")
            return
        }
        #expect(refused.gasUsed == large.gasUsed + size)
        let inBatch = [1, 2].map { Self.ask(world, Self.batch([Self.attest($0)]), by: 2).gasUsed }
        #expect(inBatch[1] == inBatch[0] + size)
    }
}
