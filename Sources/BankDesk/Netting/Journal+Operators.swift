import GRDB
import Ledger

/// Keys that banks had before, by which they are known in what they asked for then.
extension Journal {
    /// Which account took over from which, and in which block; nil of this bank's own as long as the ledger's word of it
    /// was not followed.
    struct FormerOperators: Sendable {
        fileprivate var successors: [Address: (next: Address, block: UInt64?)] = [:]

        /// Whether an account was a bank's operator in a block, and is not any more.
        ///
        /// The new one is there before the transactions of the block in which it comes.
        func contains(_ account: Address, in block: UInt64) -> Bool {
            guard let successor = successors[account] else { return false }
            return successor.block.map { block < $0 } ?? true
        }

        /// Who acts for the bank now for which an account acted.
        ///
        /// - Parameters:
        ///   - account: an operator, of now or before.
        ///   - isNow: whether an account is one now.
        /// - Returns: the account itself where nobody is known to have taken over.
        func present(of account: Address, where isNow: (Address) -> Bool) -> Address {
            var account = account
            var seen: Set<Address> = []
            // A key may come back.
            while !isNow(account), seen.insert(account).inserted,
                let next = successors[account]?.next
            {
                account = next
            }
            return account
        }
    }

    func formerOperators() throws(DeskFault) -> FormerOperators {
        try read { db in try Self.formerOperators(db) }
    }

    static func formerOperators(_ db: Database) throws -> FormerOperators {
        var former = FormerOperators()
        for row in try Row.fetchAll(db, sql: "SELECT * FROM formerOperator") {
            former.successors[try row.address("address")] = (
                try row.address("successor"),
                (row["block"] as Int64?).map { UInt64(bitPattern: $0) }
            )
        }
        return former
    }

    /// Notes that a bank has another operator; what its former one asked for before stays the bank's.
    static func replace(
        _ former: Address, by next: Address, in block: UInt64?, _ db: Database
    ) throws {
        try db.execute(
            sql: """
                INSERT INTO formerOperator (address, successor, block) VALUES (?, ?, ?)
                ON CONFLICT (address) DO UPDATE SET successor = excluded.successor,
                    block = coalesce(excluded.block, block)
                """,
            arguments: [former.hex, next.hex, block.map { Int64(bitPattern: $0) }])
        guard let block else { return }
        try db.execute(
            sql: """
                UPDATE redemption SET state = 'interbank'
                WHERE state = 'requested' AND owner = ? AND block < ?
                """, arguments: [former.hex, Int64(bitPattern: block)])
    }

    /// Notes who acts for this bank, so that a later desk knows what an earlier operator asked of others.
    func act(as bank: Address) throws(DeskFault) {
        let before = try cursor(Self.actingCursor)
        guard before != bank.hex else { return }
        try write { db in
            if let before = before.flatMap({ Address(hex: $0) }) {
                try Self.replace(before, by: bank, in: nil, db)
            }
            try Self.set(cursor: Self.actingCursor, bank.hex, in: db)
        }
    }

    private static let actingCursor = "operator"
}
