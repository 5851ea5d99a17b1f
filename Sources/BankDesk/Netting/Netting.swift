import GRDB
import ISO20022
import Ledger
import Logging

/// Settles with other banks what each has in hand of the others' tokens, cycle by cycle and pair by pair.
///
/// The ledger is what two desks agree by: redemptions under the pair's reference that it has by the cycle's end make
/// up what is owed, and what the debtor does with the creditor's redemptions says what became of the payment.
struct Netting: Sendable {
    let journal: Journal
    let ledger: any DeskLedger
    let settings: DeskSettings
    let outbox: String
    let points: FaultPoints
    let clock: DeskClock
    let events: EventFollowing
    let messages: NettingMessages
    let log: Logger

    /// Does what cycles and pairs need now.
    ///
    /// - Returns: whether there was anything.
    /// - Throws: ``DeskFault``.
    func work() async throws(DeskFault) -> Bool {
        let cycles = try journal.openCycles()
        guard !cycles.isEmpty else { return false }
        // Before the events: a block of which they tell may be later than what is certified here, never the other way.
        let facts = try await ledger.facts()
        let now = facts.time
        // What the ledger has by that time is known before it is judged.
        var changed = try await events.work()
        for stored in cycles {
            let cycle = stored.cycle
            switch stored.state {
            case .open: changed = try await ask(cycle, now) || changed
            case .asked where now > cycle.closesAt: changed = try await close(cycle) || changed
            case .asked: changed = try tick(stored, after: cycle.closesAt, 1) || changed
            case .closed:
                changed = try await advance(cycle, facts) || changed
                if now <= cycle.deadline {
                    changed = try tick(stored, after: cycle.deadline, 2) || changed
                }
            case .over: break
            }
        }
        return changed
    }

    /// Asks the other banks for what is in hand of their tokens; once a cycle.
    private func ask(_ cycle: NettingCycle, _ now: UInt64) async throws(DeskFault) -> Bool {
        let inHand = try await ledger.accepted(for: settings.token).filter { $0.inHand > 0 }
        let chosen: Bool = try journal.write { db in
            try db.execute(
                sql: "UPDATE netCycle SET state = 'asked' WHERE id = ? AND state = 'open'",
                arguments: [cycle.id])
            // What comes after the end waits for the next cycle.
            guard db.changesCount == 1, now <= cycle.closesAt else { return true }
            for (other, amount) in inHand {
                _ = try Journal.add(
                    .ask, signer: settings.bank, target: .banks,
                    data: DeskCall.redeem(
                        other, amount, payout: cycle.reference(settings.token, other)),
                    at: clock.now(), in: db)
            }
            return true
        }
        try points.reach(.netAsked)
        return chosen
    }

    /// Has the ledger make a block after a time, once, where nobody else does: its clock is its blocks'.
    private func tick(
        _ stored: Journal.StoredCycle, after time: UInt64, _ number: Int
    ) throws(DeskFault) -> Bool {
        guard stored.ticks < number, clock.now() > time + 1 else { return false }
        return try journal.write { db in
            try db.execute(
                sql: "UPDATE netCycle SET ticks = ? WHERE id = ?",
                arguments: [number, stored.cycle.id])
            _ = try Journal.add(
                .tick, signer: settings.bank, target: settings.bank, data: [], at: clock.now(),
                in: db)
            return true
        }
    }
}
