import Ledger
import Settlement
import Testing
import Tokens

@testable import Execution

/// Payments that were paid for when their lines were opened, and come at any time later: no more of them in a
/// block than half its gas covers at its start, and as many by its transactions.
@Suite struct UnpaidWorkTests {
    /// The smallest blocks that there can be.
    private static let rules = Rules(gasPrice: 0, blockGasLimit: 1_000_000)
    /// What half of their gas covers.
    private static let most = 333
    private static let lines = 100
    private static let deadline: UInt64 = 2_000

    /// Funded orders of 100 lines, one unit each, whose gate ends at one deadline.
    private static func world(
        orders: Int, onTimeout: OnTimeout = .meet, rules: Rules = rules
    ) throws -> World {
        var world = World(rules: rules)
        let gate = IOrders.Gate(
            attestors: [world.address(1)], threshold: 1, deadline: deadline, onTimeout: onTimeout)
        let line = IOrders.Line(tier: 0, payee: world.address(3), amount: 1, gate: 1)
        for id in 1...UInt64(orders) {
            var open = ABIWriter(selector: IOrders.Function.open.rawValue, words: 1)
            open.write(
                IOrders.Terms(
                    token: .dip, buyer: world.address(0),
                    lines: Array(repeating: line, count: lines), gates: [gate]))
            var fund = ABIWriter(selector: IOrders.Function.fund.rawValue, words: 2)
            fund.write(id)
            fund.write(UInt128(lines))
            for (nonce, (data, gas)) in [
                (open.finish(), 800_000 as UInt64), (fund.finish(), 100_000),
            ].enumerated() {
                let block = world.execute([
                    world.signed(
                        0, nonce: 2 * (id - 1) + UInt64(nonce), to: .orders, data: data,
                        gasLimit: gas)
                ])
                try #require(try block.record(0).outcome == .done)
            }
        }
        return world
    }

    private static func attest(_ order: UInt64, bps: UInt16 = 10_000) -> [UInt8] {
        var writer = ABIWriter(selector: IOrders.Function.attest.rawValue, words: 4)
        writer.write(order)
        writer.write(UInt64(0))
        writer.write(UInt64(bps))
        writer.write(word: Hash32.zero)
        return writer.finish()
    }

    @Test func `timers of one second make no more payments in a block than its gas covers`() throws
    {
        var world = try Self.world(orders: 8)
        world.time = Self.deadline * 1000
        var paid: [UInt128] = []
        while let due = world.machine.nextDue, paid.count < 10 {
            // A node makes the next block at once, though the clock stands still.
            #expect(due <= Self.deadline)
            let before = world.balance(3)
            world.time -= 1000
            _ = world.execute([])
            paid.append(world.balance(3) - before)
        }
        // The size of an order of a hundred lines counts two, or more while claims are left: 3 orders in the first
        // block, what it left and 3 in the second.
        #expect(paid == [327, 323, 150])
        #expect(Self.most == 333)
    }

    @Test func `what gates release beyond that waits for the next block, and costs no more`() throws
    {
        var world = try Self.world(orders: 9)
        let block = world.execute(
            (0..<8).map {
                world.signed(1, nonce: $0, to: .orders, data: Self.attest($0 + 1))
            })
        // As many, but for the size of three orders.
        #expect(world.balance(3) == UInt128(Self.most) - 3 * 2)
        #expect(try block.record(7).outcome == .done)
        #expect(try block.record(7).gasUsed == block.record(0).gasUsed)
        #expect(world.machine.nextDue == 0)
        // What a reader tries is not cut short by what the last block did.
        let tried = world.machine.simulate(
            sender: world.address(1), to: .orders, value: 0, data: Self.attest(9),
            gasLimit: 100_000, now: 1_000)
        #expect(Self.payments(of: tried) == Self.lines)
        _ = world.execute([])
        _ = world.execute([])
        #expect(world.balance(3) == 800 && world.machine.nextDue == Self.deadline)
    }

    private static func payments(of simulation: Simulation) -> Int {
        EffectReader(simulation.effects[...]).count {
            if case .paid = try? SettlementEffect(tag: $0.tag, payload: $0.payload) {
                true
            } else {
                false
            }
        }
    }

    @Test func `each of several calls that are tried has steps of its own`() throws {
        let rules = Rules(gasPrice: 0, blockGasLimit: 1_000_000, stepLimit: 120)
        let world = try Self.world(orders: 3, rules: rules)
        let tried = world.machine.simulate(
            (1...3).map {
                SimulatedCall(
                    sender: world.address(1), to: .orders, value: 0,
                    data: Self.attest($0), gasLimit: 100_000)
            }, now: 1_000)
        #expect(tried.map(Self.payments(of:)) == [Self.lines, Self.lines, Self.lines])
    }

    @Test func `a batch that is refused again and again does not keep nodes busy`() throws {
        var world = try Self.world(orders: 1)
        var writer = ABIWriter(selector: IBatch.Function.execute.rawValue, words: 1)
        writer.write(array: [
            IBatch.Call(to: .orders, data: Self.attest(1), value: 0),
            IBatch.Call(to: .orders, data: Self.attest(1), value: 0),
        ])
        let batch = writer.finish()
        let block = world.execute(
            (0..<8).map {
                world.signed(1, nonce: $0, to: .batch, data: batch, gasLimit: 60_000)
            })
        for index in 0..<8 { #expect(try block.record(index).outcome == .refused) }
        #expect(world.machine.orders.budget <= 0)
        #expect(world.machine.nextDue == Self.deadline && world.balance(3) == 0)
        // Each block has its own.
        let next = world.execute([
            world.signed(1, nonce: 8, to: .orders, data: Self.attest(1))
        ])
        #expect(try next.record(0).outcome == .done)
        #expect(world.balance(3) == UInt128(Self.lines))
    }

    @Test func `who voids lines pays for it`() throws {
        var world = try Self.world(orders: 2)
        let block = world.execute([
            world.signed(1, nonce: 0, to: .orders, data: Self.attest(1)),
            world.signed(
                1, nonce: 1, to: .orders, data: Self.attest(2, bps: 0), gasLimit: 40_000),
            world.signed(1, nonce: 2, to: .orders, data: Self.attest(2, bps: 0)),
        ])
        let (met, failed) = (try block.record(0), try block.record(2))
        #expect(try block.record(1).output == Rejection.outOfGas(limit: 40_000).revertData[...])
        #expect(met.outcome == .done && failed.outcome == .done)
        let bytes = Self.attest(1).count { $0 == 0 } - Self.attest(2, bps: 0).count { $0 == 0 }
        let data = UInt64(-bytes) * (Gas.dataByte - Gas.zeroByte)
        #expect(failed.gasUsed + data == met.gasUsed + UInt64(Self.lines) * Gas.visit)
    }
}
