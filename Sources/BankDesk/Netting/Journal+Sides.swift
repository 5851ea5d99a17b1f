import GRDB
import Ledger

/// What netting reads of redemptions.
extension Journal {
    /// A redemption between banks that belongs to no pair yet.
    struct Unpaired: Sendable {
        let id: Int64
        /// Whether it is this bank's, of another's token.
        let isClaim: Bool
        let owner: Address
        let token: Address
        let amount: UInt128
        let payout: Hash32
        let block: UInt64
    }

    /// All of them; also this bank's that went back meanwhile, since the other bank may have counted those.
    func unpaired() throws(DeskFault) -> [Unpaired] {
        try read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT id, 0 AS isClaim, owner, owner AS token, amount, payout, block
                    FROM redemption WHERE state = 'interbank' AND pair IS NULL
                    UNION ALL
                    SELECT id, 1, token, token, amount, payout, block
                    FROM netClaim WHERE pair IS NULL
                    ORDER BY isClaim, id
                    """
            ).map { row in
                Unpaired(
                    id: row["id"], isClaim: row["isClaim"], owner: try row.address("owner"),
                    token: try row.address("token"), amount: try row.amount("amount"),
                    payout: try row.hash("payout"), block: UInt64(bitPattern: row["block"]))
            }
        }
    }

    /// What became of a pair's redemptions, and the last blocks in which one of the other bank's, and one of this
    /// bank's, was taken in hand.
    func sides(
        of pair: NetPair
    ) throws(DeskFault) -> (
        theirs: Side, claims: Side, takenIn: UInt64?, takenByTheOtherIn: UInt64?
    ) {
        try read { db in
            let block = try Int64.fetchOne(
                db,
                sql: """
                    SELECT max(ifnull(instructedIn, (SELECT max(block) FROM signedCall
                        WHERE signedCall.call = redemption.call AND signedCall.state = 'done')))
                    FROM redemption WHERE pair = ? AND state = 'instructed'
                    """, arguments: [pair.id])
            let other = try Int64.fetchOne(
                db, sql: "SELECT max(instructedIn) FROM netClaim WHERE pair = ?",
                arguments: [pair.id])
            return (
                try Self.side("redemption", of: pair.id, db),
                try Self.side("netClaim", of: pair.id, db), block.map { UInt64(bitPattern: $0) },
                other.map { UInt64(bitPattern: $0) }
            )
        }
    }

    /// The payment's file, where it was composed.
    func file(of pair: NetPair) throws(DeskFault) -> [UInt8]? {
        let sealed = try read { db in
            try Row.fetchOne(
                db, sql: "SELECT file FROM netPair WHERE id = ? AND file IS NOT NULL",
                arguments: [pair.id]
            ).map { $0.bytes("file") }
        }
        guard let sealed else { return nil }
        return try cipher.open(sealed, .paymentFile)
    }

    /// By how much a balance differs from supply and what is in hand, because pairs are only partly done: booked and
    /// not settled on the ledger, or the other way round.
    func nettingDifference(
        upTo day: String
    ) throws(DeskFault) -> [(name: String, amount: Int128)] {
        try read { db in
            var differences: [Int64: Int128] = [:]
            func add(_ sql: String, _ sign: (Row) -> Int128) throws {
                for row in try Row.fetchAll(db, sql: sql, arguments: [day]) {
                    differences[row["pair"], default: 0] +=
                        sign(row) * Int128(clamping: try row.amount("amount"))
                }
            }
            try add(
                """
                SELECT pair, amount, isCredit FROM entry
                WHERE state = 'netted' AND ifnull(bookedOn, '') <= ?1
                """
            ) { $0["isCredit"] ? 1 : -1 }
            try add(
                """
                SELECT pair, amount FROM redemption
                WHERE pair IS NOT NULL AND state = 'settled' AND ?1 IS NOT NULL
                """
            ) { _ in 1 }
            try add(
                """
                SELECT pair, amount FROM netClaim
                WHERE pair IS NOT NULL AND state = 'settled' AND ?1 IS NOT NULL
                """
            ) { _ in -1 }
            return try differences.filter { $0.value != 0 }.sorted { $0.key < $1.key }.map {
                let name = try String.fetchOne(
                    db, sql: "SELECT messageId FROM netPair WHERE id = ?", arguments: [$0.key])
                return (name ?? "", $0.value)
            }
        }
    }

    /// What this bank asked others for and that is still on its way.
    func claimsInFlight() throws(DeskFault) -> UInt128 {
        try read { db in
            try Row.fetchAll(
                db, sql: "SELECT amount FROM netClaim WHERE state IN ('requested', 'instructed')"
            ).reduce(0) { $0 + (try $1.amount("amount")) }
        }
    }
}
