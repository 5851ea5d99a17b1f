import Ledger
import Tokens

extension OrderBook {
    /// The highest level to which a pledge may lift an order.
    static let levelLimit = 64
    /// The most orders that a pledge may lift.
    static let liftLimit = 10_000

    /// Moves units of one's claim to an order of one's own, as a source of its funding.
    ///
    /// - Parameters:
    ///   - id: the order on which the claim is.
    ///   - index: the line of it.
    ///   - childID: the order that is to hold the units.
    ///   - units: how many, in the token's smallest unit.
    ///   - by: the holder, buyer of the child.
    /// - Throws: of the child ``Rejection/unknownOrder(_:)``, `wrongStatus`, `notParty`; of the other
    ///   `unknownOrder`, `wrongStatus`, `unknownLine`; `tokenMismatch`, `pledgeCycle`, `pledgeTooDeep`,
    ///   `insufficientClaim`, `selfTransfer`, `tooManyHolders`, then the token's refusals.
    public func pledge(
        order id: UInt64, line index: UInt16, child childID: UInt64, units: UInt128, by: Address
    ) throws(Rejection) {
        let child = try order(childID)
        guard child.fixed.buyer == by else { throw .notParty(by) }
        let parent = try order(id)
        // The parent's overdue timers may have closed the child.
        guard child.head.status == .open else {
            throw .wrongStatus(order: childID, status: child.head.status.rawValue)
        }
        let line = try line(index, of: parent)
        guard parent.fixed.token == child.fixed.token else {
            throw .tokenMismatch(
                tokens.address(of: parent.fixed.token), tokens.address(of: child.fixed.token))
        }
        let lifts = try lifts(child, above: parent)
        try checkClaim(of: by, units, on: line)
        let open = try moved(units, from: by, to: child.address, parent, index)
        try tokens.check(by, in: parent.fixed.token)
        for lift in lifts {
            willChangeHead(lift.order)
            lift.order.head.level = lift.level
        }
        willChangeHead(parent)
        willChange(parent, line: Int(index))
        willChangeHead(child)
        parent.lines[Int(index)].setClaims(open)
        connect(parent, line: index, to: child)
        record(.pledged(order: id, line: index, child: childID, by: by, units: units))
    }

    /// How many lines and claims are looked at, and how many orders are found there, in the time of a visit.
    private static let looksPerVisit = 64
    private static let findsPerVisit = 8

    /// Works out which orders must be lifted, and to which level, so that a child can hold claims of a parent.
    ///
    /// The levels that orders have put them into an order in which each is visited once, after all of those
    /// that lift it.
    ///
    /// - Throws: ``Rejection/pledgeCycle(parent:child:)`` if money would run in a circle,
    ///   ``Rejection/pledgeTooDeep(parent:child:)``.
    private func lifts(
        _ child: Order, above parent: Order
    ) throws(Rejection) -> [(order: Order, level: UInt16)] {
        guard child !== parent else { throw .pledgeCycle(parent: parent.id, child: child.id) }
        guard child.head.level <= parent.head.level else { return [] }
        var lifts: [(order: Order, level: UInt16)] = []
        var wanted: [UInt64: UInt16] = [child.id: parent.head.level + 1]
        var waiting = MinHeap<CascadeSet.Entry>()
        waiting.insert(CascadeSet.Entry(level: child.head.level, order: child))
        var isTooDeep = false
        while let order = waiting.first?.order {
            waiting.removeFirst()
            guard lifts.count < Self.liftLimit else {
                throw .pledgeTooDeep(parent: parent.id, child: child.id)
            }
            try state.gas.charge(Gas.visit)
            let level = wanted[order.id, default: 0]
            lifts.append((order, level))
            if level > Self.levelLimit { isTooDeep = true }
            for id in try ordersBelow(order) {
                guard id != parent.id else {
                    throw .pledgeCycle(parent: parent.id, child: child.id)
                }
                // Of those that are lifted it is paid once, as the child's has been.
                if wanted[id] == nil {
                    try state.gas.charge(Gas.look)
                    _ = try paid(id, keeping: true)
                }
                let next = known(id)
                // One that reimburses may have closed.
                guard next.head.status == .open, next.head.level <= level else { continue }
                if wanted[id] == nil {
                    waiting.insert(CascadeSet.Entry(level: next.head.level, order: next))
                }
                wanted[id] = max(wanted[id, default: 0], level + 1)
            }
        }
        if isTooDeep { throw .pledgeTooDeep(parent: parent.id, child: child.id) }
        return lifts
    }

    /// The orders to which money of an order can flow, or could while they were open.
    ///
    /// Looking for them is charged for where there are many lines, claims or orders: a pledge that is refused in
    /// the end, or undone, can be tried again and again.
    private func ordersBelow(_ order: Order) throws(Rejection) -> [UInt64] {
        var below: [UInt64] = []
        if !order.children.elements.isEmpty {
            var looks = order.lines.count
            for line in order.lines { looks += line.open.count }
            try state.gas.charge(UInt64(looks / Self.looksPerVisit) * Gas.visit)
            for line in order.lines {
                for claim in line.open {
                    if let id = claim.holder.orderID, id != below.last { below.append(id) }
                }
            }
            try state.gas.charge(UInt64(below.count / Self.findsPerVisit) * Gas.visit)
        }
        if order.head.reimbursement != 0 { below.append(order.head.reimbursement) }
        return below
    }
}
