import GRDB
import Ledger

/// Cycles, pairs, and what this bank asks others for: docs/formats/desk-journal.md.
extension Journal {
    /// A cycle as the journal has it.
    struct StoredCycle: Sendable {
        /// How far a cycle has come.
        enum State: String {
            /// Nothing was asked of other banks yet.
            case open
            /// What was in hand was asked for.
            case asked
            /// Who owes whom what is known.
            case closed
            /// All pairs are over.
            case over
        }

        let cycle: NettingCycle
        let state: State
        /// How often the desk made the ledger tell the time.
        let ticks: Int
    }

    /// What one side of a pair has come to on the ledger, added up by state.
    struct Side {
        var units: [String: UInt128] = [:]
        var count = 0

        /// Whether all are in one of these states; also where there are none.
        func isAll(_ states: String...) -> Bool { units.keys.allSatisfy { states.contains($0) } }

        /// Whether any is in one of these states.
        func isAny(_ states: String...) -> Bool { units.keys.contains { states.contains($0) } }

        /// Whether nothing more becomes of any of them at this desk.
        var isEnded: Bool { isAll("settled", "rejected", "returned", "foreign") }
    }

    /// Adds a cycle; the same one again changes nothing.
    ///
    /// - Throws: ``DeskFault/refused(_:)`` where there is one of this name with other times.
    public func add(_ cycle: NettingCycle) throws(DeskFault) {
        try write { db in
            try db.execute(
                sql: """
                    INSERT OR IGNORE INTO netCycle (id, closesAt, deadline, state)
                    VALUES (?, ?, ?, 'open')
                    """,
                arguments: [cycle.id, Int64(cycle.closesAt), Int64(cycle.deadline)])
            let known = try Row.fetchOne(
                db, sql: "SELECT * FROM netCycle WHERE id = ?", arguments: [cycle.id]
            ).map(Self.cycle)
            guard known?.cycle == cycle else {
                throw DeskFault.refused("cycle \(cycle.id) is known with other times")
            }
        }
    }

    /// A cycle, and whether all of its pairs are over.
    public func cycle(_ id: String) throws(DeskFault) -> (cycle: NettingCycle, isOver: Bool)? {
        try read { db in
            try Row.fetchOne(db, sql: "SELECT * FROM netCycle WHERE id = ?", arguments: [id])
                .map(Self.cycle)
        }.map { ($0.cycle, $0.state == .over) }
    }

    /// Cycles that are not over, in the order in which they end.
    func openCycles() throws(DeskFault) -> [StoredCycle] {
        try read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT * FROM netCycle WHERE state IN ('open', 'asked', 'closed')
                    ORDER BY closesAt, id
                    """
            ).map(Self.cycle)
        }
    }

    /// A cycle's pairs, in the order of the other banks' tokens.
    public func pairs(of cycle: String) throws(DeskFault) -> [NetPair] {
        try read { db in
            try Row.fetchAll(
                db, sql: "SELECT * FROM netPair WHERE cycle = ? ORDER BY other",
                arguments: [cycle]
            ).map(NetPair.init)
        }
    }

    private static func cycle(_ row: Row) throws -> StoredCycle {
        guard let state = StoredCycle.State(rawValue: row["state"]) else {
            throw DeskFault.journal("a cycle in an unknown state")
        }
        return StoredCycle(
            cycle: try NettingCycle(
                row["id"], closesAt: UInt64(row["closesAt"] as Int64),
                deadline: UInt64(row["deadline"] as Int64)), state: state, ticks: row["ticks"])
    }

    /// What became of the redemptions of a pair: in `redemption` the other bank's, in `netClaim` this one's.
    static func side(_ table: String, of pair: Int64, _ db: Database) throws -> Side {
        var side = Side()
        for row in try Row.fetchAll(
            db, sql: "SELECT state, amount FROM \(table) WHERE pair = ?", arguments: [pair])
        {
            side.units[row["state"], default: 0] += try row.amount("amount")
            side.count += 1
        }
        return side
    }
}
