import Ledger
import Tokens

/// What clients know of each other's business, and what they want next.
final class Market {
    private struct Known {
        let id: UInt64
        let lines: [IOrders.Line]
    }

    private var orders: [Known] = []
    private var token: Address?
    private static let ordersMax = 8

    /// What a client wants next.
    func wish(of client: Int, in world: World) -> Wish? {
        let address = Keys.clients[client].address
        let other = Keys.clients[world.chance.index(world.scenario.clients)].address
        if client == 0, token == nil, world.chance.happens(300) {
            return .issue(1_000_000)
        }
        switch world.chance.below(100) {
        case 0..<45: return .send(world.chance.number(1...1_000_000).wide, to: other)
        // More than it has, perhaps: the pool refuses it, or the ledger.
        case 45..<50: return .send(Client.wealth / 10 * world.chance.number(1...12).wide, to: other)
        case 50..<65:
            guard let token else { fallthrough }
            return .send(world.chance.number(1...200_000).wide, of: token, to: other)
        case 65..<85:
            guard orders.count < Self.ordersMax else { fallthrough }
            return open(by: client, address, in: world)
        default:
            guard !orders.isEmpty else {
                return .send(world.chance.number(1...9).wide, to: Address.orders)
            }
            let order = world.chance.pick(orders)
            return .fund(order.id, world.chance.number(1...400).wide)
        }
    }

    private func open(by client: Int, _ address: Address, in world: World) -> Wish {
        let hasGate = world.chance.happens(300)
        let lines = (0...world.chance.index(3)).map { position in
            IOrders.Line(
                tier: UInt16(world.chance.index(2)),
                payee: Keys.clients[world.chance.index(world.scenario.clients)].address,
                amount: world.chance.number(1...200).wide,
                gate: position == 0 && hasGate ? 1 : 0)
        }
        // A time alone, a few seconds from now: it ends by itself, in a block of its own if need be.
        let date = (Clock.epochMillis + world.now / 1_000) / 1_000
        let gates = [
            IOrders.Gate(
                attestors: [], threshold: 0, notBefore: date + world.chance.number(1...4),
                deadline: 0)
        ]
        var pledges: [IOrders.Pledge] = []
        for order in orders {
            for (index, line) in order.lines.enumerated()
            where line.payee == address && world.chance.happens(400) {
                pledges.append(
                    IOrders.Pledge(
                        order: order.id, line: UInt16(index),
                        units: min(line.amount, world.chance.number(1...100).wide)))
            }
        }
        return .open(
            by: client, token: .dip, lines: lines, gates: hasGate ? gates : [],
            pledging: Array(pledges.prefix(3)))
    }

    /// Learns what became of a wish; `output` is what the call returned, nil if it was refused.
    func done(_ wish: Wish, output: [UInt8]?) {
        guard let output else { return }
        switch wish.kind {
        case .plain, .proposal, .vote: break
        case .newToken: token = TokenID(rawValue: 1).address
        case .order(_, let lines):
            orders.append(Known(id: output.number, lines: lines))
        }
    }
}

extension [UInt8] {
    /// The number in a word, of which it fills the end.
    var number: UInt64 { suffix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) } }
}

extension UInt64 {
    /// The same number, as an amount.
    var wide: UInt128 { UInt128(self) }
}
