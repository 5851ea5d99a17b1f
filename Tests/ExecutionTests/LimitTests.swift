import Ledger
import Testing
import Tokens

@testable import Execution

/// What keeps anybody from making a block that no node can hold, or that keeps every node busy.
@Suite struct LimitTests {
    private static let start: UInt64 = 1_000

    /// An order as large as one gets: 64 gates with 32 attestors each.
    private static func open(by world: World) -> [UInt8] {
        let attestors = (1...32).map { Address(high: 9, middle: 9, low: $0) }
        let gates = (0..<64).map { _ in
            IOrders.Gate(attestors: attestors, threshold: 32, deadline: start + 100_000)
        }
        var writer = ABIWriter(selector: IOrders.Function.open.rawValue, words: 1)
        writer.write(
            IOrders.Terms(
                token: .dip, buyer: world.address(0),
                lines: [.init(tier: 0, payee: world.address(1), amount: 1)], gates: gates))
        return writer.finish()
    }

    private static var gates: [UInt8] {
        var writer = ABIWriter(selector: IOrders.Function.gates.rawValue, words: 1)
        writer.write(1 as UInt64)
        return writer.finish()
    }

    @Test func `what gates say is paid for by who may attest them too`() throws {
        var world = World()
        let order = world.signed(
            0, nonce: 0, to: .orders, data: Self.open(by: world), gasLimit: 20_000_000)
        #expect(try world.execute([order]).record(0).outcome == .done)
        let asked = world.machine.simulate(
            sender: .zero, to: .orders, value: 0, data: Self.gates,
            gasLimit: 100_000_000, now: Self.start)
        let answer = try asked.result.get()
        #expect(answer.count > 64 * 32 * 32)
        // A full block of such calls must stay far below what lengths of 32 bits and memories hold.
        #expect(UInt64(answer.count) < asked.gasUsed / 2)
    }

    @Test func `what a block has no room for is refused`() throws {
        var world = World()
        let order = world.signed(
            0, nonce: 0, to: .orders, data: Self.open(by: world), gasLimit: 20_000_000)
        #expect(try world.execute([order]).record(0).outcome == .done)
        world.machine.recordBytesMax = 250_000
        let asked = (0..<4 as Range<UInt64>).map {
            world.signed(
                1, nonce: $0, to: .orders, data: Self.gates, gasLimit: 4_000_000)
        }
        let block = world.execute(asked)
        let outcomes = try (0..<4).map { try block.record($0).outcome }
        #expect(outcomes == [.done, .done, .refused, .refused])
        let record = try block.record(2)
        #expect(Array(record.output) == Rejection.outOfGas(limit: 4_000_000).revertData)
        // It is done in the next one.
        let next = world.execute([
            world.signed(
                1, nonce: 4, to: .orders, data: Self.gates, gasLimit: 4_000_000)
        ])
        #expect(try next.record(0).outcome == .done)
    }

    @Test func `what asks for more gas than a block has left is skipped`() throws {
        var world = World()
        let transactions = [
            world.signed(0, nonce: 0, to: world.address(3), value: 1, gasLimit: 600_000_000),
            world.signed(1, nonce: 0, to: world.address(3), value: 2, gasLimit: 600_000_000),
            world.signed(2, nonce: 0, to: world.address(3), value: 4, gasLimit: 400_000_000),
        ]
        let block = world.execute(transactions)
        let outcomes = try (0..<3).map { try block.record($0).outcome }
        #expect(outcomes == [.done, .skipped, .done])
        #expect(world.balance(3) == 5)
        // It can still be carried out.
        let next = world.execute([transactions[1]])
        #expect(try next.record(0).outcome == .done)
        #expect(world.balance(3) == 7)
    }

    @Test func `gas limits whose sum is beyond 64 bits stop nobody`() throws {
        var world = World(rules: Rules(gasPrice: 0))
        let block = world.execute(
            (0..<3).map {
                world.signed(
                    $0, nonce: 0, to: world.address(3), value: 1, gasLimit: .max, price: 0)
            })
        for index in 0..<3 { #expect(try block.record(index).outcome == .skipped) }
        #expect(block.header.gasUsed == 0)
    }
}
