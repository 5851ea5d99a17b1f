import Ledger
import Tokens

/// An order in memory: escrow with a payout plan.
///
/// A class, because orders are found by id, changed in place, and undone by the ``OrderBook`` that owns
/// them. Nothing outside the book sees one.
final class Order: Weighed {
    let id: UInt64
    /// What never changes.
    let fixed: Fixed
    /// What changes, but for lines and gates.
    var head: Head
    var lines: ContiguousArray<Line>
    var gates: ContiguousArray<Gate>
    /// Claims of other orders that were pledged to this one, as far as they may still be held.
    var sources = DistinctList<Source>()
    /// Orders to which claims of this one were pledged, each once, in the order of first pledge.
    var children = DistinctList<UInt64>()
    /// Line indices by (tier, index); empty where that is the order of the lines.
    let tiers: ContiguousArray<UInt16>
    /// Whether it is in the book's list of orders to be written at the end of the block.
    var isDirty = false
    /// Whether the state has what never changes of it.
    var isStored = false
    /// The timer as the state has it.
    var timerStored: OrderTimer?
    /// Whether it is among the orders that the running cascade has yet to visit.
    var isPending = false
    /// The cascade that counted its size last.
    var countedIn = 0

    /// What never changes, apart from lines and gates.
    struct Fixed: Sendable {
        var token: TokenID
        var buyer: Address
        /// Who opened it; the buyer, unless it was a proposal.
        var proposer: Address
        var arbiter: Address
        var dueAt: UInt64
        var document: Hash32
        var template: Hash32
        /// The sum of the lines.
        var price: UInt128
    }

    /// What changes, but for lines and gates.
    struct Head: Sendable {
        var status: OrderStatus
        /// Above that of every order whose claims it holds.
        var level: UInt16 = 0
        /// When it became binding; of a proposal, when it was made.
        var openedAt: UInt64
        var funded: UInt128 = 0
        var refunded: UInt128 = 0
        /// What can be paid at all: the lines' `live`, summed.
        var live: UInt128
        /// What has yet to be paid: the lines' `unpaid`, summed; an order is finished at 0.
        var unpaid: UInt128
        /// Who guarantees or guaranteed; the zero address where nobody did.
        var guarantor = Address.zero
        /// What is locked.
        var guarantee: UInt128 = 0
        /// The order in which the buyer owes the guarantor; 0 for none.
        var reimbursement: UInt64 = 0
        /// What time does to it next.
        var timer: OrderTimer?

        /// What came in and did not go back.
        @inline(__always) var cash: UInt128 { funded &- refunded }

        /// What the buyer owes.
        @inline(__always) var outstanding: UInt128 { live > cash ? live &- cash : 0 }
    }

    /// A line of another order.
    struct Source: Hashable, Sendable {
        let order: UInt64
        let line: UInt16
    }

    init(
        id: UInt64, fixed: Fixed, head: Head, lines: ContiguousArray<Line>,
        gates: ContiguousArray<Gate>
    ) {
        self.id = id
        self.fixed = fixed
        self.head = head
        self.lines = lines
        self.gates = gates
        var sorted = true
        for index in lines.indices.dropFirst() where lines[index].tier < lines[index - 1].tier {
            sorted = false
        }
        if sorted {
            tiers = []
        } else {
            tiers = ContiguousArray(
                lines.indices.map(UInt16.init).sorted {
                    let (left, right) = (lines[Int($0)].tier, lines[Int($1)].tier)
                    return left != right ? left < right : $0 < $1
                })
        }
    }

    /// How many lines, gates, attestors, claims, sources and children it has.
    var parts: Int {
        var parts = lines.count + gates.count + sources.elements.count + children.elements.count
        // In place: a cascade asks each order, and to copy a line or a gate counts references.
        for index in lines.indices { parts += lines[index].claims.count - lines[index].front }
        for index in gates.indices { parts += gates[index].terms.attestors.count }
        return parts
    }

    var weight: Int { parts }
    var weighed = 0

    /// How it appears as a holder of claims.
    var address: Address { .order(id) }

    /// Whether payments of a line have nothing to wait for.
    @inline(__always)
    func isPayable(_ line: Line) -> Bool {
        line.gate == 0 || gates[Int(line.gate) - 1].state == .met
    }

    /// What time does to it next, worked out from gates and guarantee.
    var nextTimer: OrderTimer? {
        guard head.status == .open else { return nil }
        var next: OrderTimer?
        if head.guarantee > 0 {
            next = OrderTimer(time: fixed.dueAt, order: id, kind: .dueDate, gate: 0)
        }
        for (index, gate) in gates.enumerated() {
            guard let (time, kind) = gate.nextTimer else { continue }
            let timer = OrderTimer(time: time, order: id, kind: kind, gate: UInt8(index))
            if next.map({ timer < $0 }) ?? true { next = timer }
        }
        return next
    }
}
