import Gateway
import JSON
import Ledger
import SupplyChain
import Wallet

/// Replays purchase orders on the days on which they happened.
///
/// A buyer opens an order and pays it into escrow on the day it was sent to the vendor. The goods'
/// receiving office attests delivery on the day they came: the vendor and the carrier are paid then, the
/// insurer at once. A tenth of the vendor's sum waits at a gate of its own, which only delivery by the
/// scheduled day meets; at the end of that day it fails by itself and the tenth goes back to the buyer.
struct Replay {
    /// DIP for the fees of each account.
    private static let feeMoney: UInt128 = 5_000_000_000_000_000_000_000
    private static let insurer = "Insurer"

    let orders: [PurchaseOrder]
    let ledger: DemoLedger
    /// Who acts: buyers and receiving offices, by name.
    let actors: [String: PrivateKey]
    /// Who is only paid, by name.
    let payees: [String: PrivateKey]

    init(_ file: PurchaseOrderFile, _ ledger: DemoLedger) throws {
        orders = file.orders
        self.ledger = ledger
        var actors: [String: PrivateKey] = [:]
        var payees: [String: PrivateKey] = [Self.insurer: try .random()]
        for order in orders {
            for name in [order.buyer, Self.office(order)] where actors[name] == nil {
                actors[name] = try .random()
            }
            for name in [order.vendor, order.carrier] where payees[name] == nil {
                payees[name] = try .random()
            }
        }
        self.actors = actors
        self.payees = payees
    }

    private static func office(_ order: PurchaseOrder) -> String {
        "Receiving office, \(order.buyer)"
    }

    /// The key of a buyer or receiving office.
    private func actor(_ name: String) throws -> PrivateKey {
        guard let key = actors[name] else { throw Failure.failed("\(name) has no key") }
        return key
    }

    private func payee(_ name: String) throws -> Address {
        guard let key = payees[name] else { throw Failure.failed("\(name) has no account") }
        return key.address
    }

    // MARK: The course of things

    /// What happens at a moment.
    private struct Moment {
        var opened: [Int] = []
        var delivered: [Int] = []
    }

    /// Tells the whole story and checks it against the ledger.
    func run(_ tell: (String) -> Void) async throws -> ReplayResult {
        let bank = try DemoBank(ledger)
        let needs = orders.reduce(into: [String: UInt128]()) {
            $0[$1.buyer, default: 0] += $1.price
        }
        let supply = needs.values.reduce(0, +)
        let token = try await bank.issue(supply, decimals: 2)
        try await bank.pay(
            try needs.keys.sorted().map { (try actor($0).address, needs[$0] ?? 0) }, in: token)
        try await bank.pay(
            actors.keys.sorted().compactMap { name in
                actors[name].map { ($0.address, Self.feeMoney) }
            }, in: .dip)
        tell(
            "\(needs.count) buyers have \(ReplayResult.money(supply)) to spend on"
                + " \(orders.count) orders")
        let start = ContinuousClock.now
        var ids = [UInt64](repeating: 0, count: orders.count)
        var moments: [UInt64: Moment] = [:]
        for (index, order) in orders.enumerated() {
            // Ordered at nine in the morning, delivered at noon.
            moments[order.ordered.seconds + 9 * 3600, default: Moment()].opened.append(index)
            moments[order.delivered.seconds + 12 * 3600, default: Moment()].delivered.append(index)
        }
        var now = try await time()
        var year = 0
        for time in moments.keys.sorted() {
            guard let moment = moments[time] else { continue }
            try await advance(from: &now, to: time)
            try await open(moment.opened, token: token, ids: &ids)
            try await deliver(moment.delivered, ids: ids)
            let thisYear = Int(CalendarDay(number: Int(time / 86_400)).description.prefix(4)) ?? 0
            if thisYear != year {
                year = thisYear
                tell("it is \(year)")
            }
        }
        // Timers fire at the start of a block: with one more, all that were due by now have fired.
        let lastBlock = try await bank.pay([(bank.key.address, 1)], in: .dip)
        let duration = ContinuousClock.now - start
        return try await ReplayResult(
            self,
            Course(
                token: token, supply: supply, ids: ids, lastBlock: lastBlock, duration: duration))
    }

    private func time() async throws -> UInt64 {
        let answer = try await ledger.rpc.call("dip_advanceTime", [0])
        guard let time = answer["time"]?.unsigned else {
            throw DemoLedger.strange("dip_advanceTime", answer)
        }
        return UInt64(clamping: time)
    }

    private func advance(from now: inout UInt64, to time: UInt64) async throws {
        guard time > now else { return }
        _ = try await ledger.rpc.call("dip_advanceTime", [.integer(time - now)])
        now = time
    }

    /// Opens orders and pays them into escrow.
    private func open(
        _ indices: [Int], token: Address, ids: inout [UInt64]
    ) async throws {
        let opened = try await ledger.perform(
            try indices.map { index in
                let terms = try terms(orders[index], token: token)
                return DemoCall(
                    by: try actor(orders[index].buyer), .orders, IOrders.Function.open, words: 1
                ) { $0.write(terms) }
            })
        for (index, receipt) in zip(indices, opened) {
            guard let id = Hash32(receipt.output)?.number.flatMap({ UInt64(exactly: $0) }) else {
                throw Failure.failed("a new order has no id")
            }
            ids[index] = id
        }
        _ = try await ledger.perform(
            try indices.map { index in
                DemoCall(
                    by: try actor(orders[index].buyer), .orders, IOrders.Function.fund, words: 2
                ) {
                    $0.write(ids[index])
                    $0.write(amountOrAll: nil)
                }
            })
    }

    /// Attests delivery, and that it was on time where it was.
    private func deliver(_ indices: [Int], ids: [UInt64]) async throws {
        var calls: [DemoCall] = []
        for index in indices where !orders[index].isTooLate {
            let order = orders[index]
            let isPunctual = !order.isLate && order.punctuality > 0
            for gate in isPunctual ? [UInt8(0), 1] : [0] {
                calls.append(
                    DemoCall(
                        by: try actor(Self.office(order)), .orders, IOrders.Function.attest,
                        words: 4
                    ) {
                        $0.write(ids[index])
                        $0.write(gate)
                        $0.write(UInt16(10_000))
                        $0.write(Keccak256.hash("delivery of line \(order.id)"))
                    })
            }
        }
        _ = try await ledger.perform(calls)
    }

    private func terms(_ order: PurchaseOrder, token: Address) throws -> IOrders.Terms {
        let office = try actor(Self.office(order)).address
        let parties = [
            (try payee(order.vendor), order.value - order.punctuality, UInt8(1)),
            (try payee(order.vendor), order.punctuality, 2),
            (try payee(order.carrier), order.freight, 1),
            (try payee(Self.insurer), order.insurance, 0),
        ]
        func gate(until deadline: UInt64) -> IOrders.Gate {
            IOrders.Gate(attestors: [office], threshold: 1, deadline: deadline, onTimeout: .fail)
        }
        var gates = [gate(until: order.deliverableUntil)]
        if order.punctuality > 0 { gates.append(gate(until: order.punctualUntil)) }
        return IOrders.Terms(
            token: token, buyer: try actor(order.buyer).address,
            lines: parties.filter { $0.1 > 0 }.map { payee, amount, gate in
                IOrders.Line(tier: 1, payee: payee, amount: amount, gate: gate)
            }, gates: gates)
    }

    /// Somebody with what they should have in the end.
    struct Party {
        let name: String
        let role: String
        let account: Address
        let amount: UInt128
    }

    /// How the replay went.
    ///
    /// One value, because Swift 6.3 miscompiles a call of an asynchronous function whose arguments, a
    /// UInt128 among them, do not all fit into registers.
    struct Course {
        let token: Address
        let supply: UInt128
        /// The ledger's id of each order.
        let ids: [UInt64]
        let lastBlock: UInt64
        let duration: Duration
    }

    /// Who should have how much in the end.
    func expected() throws -> [Party] {
        var paid: [String: UInt128] = [:]
        var roles: [String: String] = [:]
        var refunds: [String: UInt128] = [:]
        for order in orders {
            paid[order.vendor, default: 0] += order.vendorReceives
            roles[order.vendor] = "vendor"
            paid[order.carrier, default: 0] += order.carrierReceives
            roles[order.carrier] = "carrier"
            paid[Self.insurer, default: 0] += order.insurance
            roles[Self.insurer] = "insurer"
            refunds[order.buyer, default: 0] += order.refund
        }
        let payees = try paid.keys.sorted().map { name in
            Party(
                name: name, role: roles[name] ?? "", account: try payee(name),
                amount: paid[name] ?? 0)
        }
        let buyers = try refunds.keys.sorted().map { name in
            Party(
                name: name, role: "buyer", account: try actor(name).address,
                amount: refunds[name] ?? 0)
        }
        return payees + buyers
    }

    /// Keeps the keys of everybody.
    func keepKeys(in keystore: Keystore) throws {
        for name in actors.keys.sorted() {
            if let key = actors[name] { try keystore.keep(key, as: name) }
        }
        for name in payees.keys.sorted() {
            if let key = payees[name] { try keystore.keep(key, as: name) }
        }
    }
}
