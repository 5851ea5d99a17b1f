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
            0, nonce: 0, to: Contracts.orders, data: Self.open(by: world), gasLimit: 20_000_000)
        #expect(try world.execute([order]).record(0).outcome == .done)
        let asked = world.machine.simulate(
            sender: .zero, to: Contracts.orders, value: 0, data: Self.gates,
            gasLimit: 100_000_000, now: Self.start)
        let answer = try asked.result.get()
        #expect(answer.count > 64 * 32 * 32)
        // A full block of such calls must stay far below what lengths of 32 bits and memories hold.
        #expect(UInt64(answer.count) < asked.gasUsed / 2)
    }
}
