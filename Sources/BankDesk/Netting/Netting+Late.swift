import GRDB
import Ledger

/// What was to be asked of other banks and is not on its way when its cycle ends.
extension Netting {
    /// Takes back calls that would ask for something after the end of their cycle: it would belong to no cycle, and be out
    /// of the bank's hands until it returns by itself.
    ///
    /// Before calls are signed, also of cycles that are over: one that was under way at the end may have to be made anew.
    ///
    /// - Throws: ``DeskFault``.
    func drop() async throws(DeskFault) {
        let asking = try journal.read { db in
            try ["ready", "waiting"].flatMap { state in
                try Row.fetchAll(
                    db,
                    sql: "SELECT id, data FROM ledgerCall WHERE state = ? AND purpose = 'ask'",
                    arguments: [state])
            }.map { ($0["id"] as Int64, $0.bytes("data")) }
        }
        guard !asking.isEmpty else { return }
        let now = try await ledger.facts().time
        let open = try journal.openCycles().filter {
            $0.state == .asked && now <= $0.cycle.closesAt
        }
        let late = asking.filter { _, data in
            guard let token = Hash32(data.dropFirst(4).prefix(32))?.address,
                let payout = Hash32(data.suffix(32))
            else { return true }
            return !open.contains { $0.cycle.reference(settings.token, token) == payout }
        }
        guard !late.isEmpty else { return }
        try journal.write { db in
            for (id, _) in late {
                try db.execute(
                    sql: """
                        UPDATE ledgerCall SET state = 'refused', reason = 'TooLate'
                        WHERE id = ? AND state IN ('ready', 'waiting')
                        """, arguments: [id])
            }
        }
    }
}
