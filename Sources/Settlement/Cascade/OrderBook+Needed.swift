import Ledger

/// Orders that a cascade has to have at hand: a node may have to read them, and holds them until the block ends.
///
/// Each counts once a cascade: in gas where that is charged, else in steps.
extension OrderBook {
    /// How many parts of large orders a node reads in the time of one payment, as ``Gas/part`` has it.
    static let partsPerStep = 16

    /// What looking at an order that is not large counts for, in parts, where no payment stands for it.
    static let partsPerLook = Int(Gas.look / Gas.part)

    /// A cascade begins, that counts each order anew.
    func beginCascade() {
        cascadeNumber += 1
        partsNeeded = 0
        partsMost = .max
    }

    /// What an order counts for that the running cascade needs: how large it is beyond small ones; nothing where it has been
    /// counted.
    func parts(neededOf order: Order) -> Int {
        guard order.countedIn != cascadeNumber else { return 0 }
        order.countedIn = cascadeNumber
        return max(order.parts - partsFreeNow, 0)
    }

    /// How many parts of an order are in the price of the payment that needs it; in a step, where those are counted, more
    /// are.
    private var partsFreeNow: Int { isBudgeted ? Gas.partsFree : Gas.partsFreeListed }

    /// Counts an order that the running cascade has at hand.
    func count(_ order: Order) { count(parts: parts(neededOf: order)) }

    func count(parts: Int) {
        if isBudgeted { progress.steps += parts / Self.partsPerStep } else { partsNeeded += parts }
    }

    /// How many parts are paid for beyond those that the running cascade needed; without end where nobody pays.
    var partsLeft: Int { isBudgeted ? 1 << 40 : max(partsMost - partsNeeded, 0) }

    /// An order that the running cascade needs, and what it counts for.
    ///
    /// - Returns: nil where that is more than so many parts, whether it is in memory or not; then it is not decoded.
    func needed(
        _ id: UInt64, atMost most: Int, looking: Int = 0
    ) -> (order: Order, parts: Int)? {
        if let order = orders.find(id), order.countedIn == cascadeNumber { return (order, 0) }
        guard most >= looking else { return nil }
        // Where nobody pays, it is read whatever it has.
        let order =
            isBudgeted
            ? known(id)
            : orders.find(id) ?? stored(id, keeping: true, atMost: partsFreeNow + most - looking)
        guard let order else { return nil }
        let parts = max(order.parts - partsFreeNow, 0) + looking
        guard parts <= most else { return nil }
        // Only now: what follows before all of it is refused must not hang on what is in memory.
        order.countedIn = cascadeNumber
        return (order, parts)
    }

    /// An order that the running cascade needs, counted.
    ///
    /// - Returns: nil where that is not paid for; then more is counted than is paid for, so that all of it is refused.
    func needed(_ id: UInt64) -> Order? {
        let left = partsLeft
        guard let (order, parts) = needed(id, atMost: left) else {
            partsNeeded += left + 1
            return nil
        }
        count(parts: parts)
        return order
    }
}
