import GRDB
import Ledger

/// The end of a cycle: who owes whom what.
extension Netting {
    /// What is owed in a cycle between this bank and another one.
    private struct Sum {
        var bank = IBanks.Bank(bic: "", name: "", operator: .zero, active: false)
        var theirs: [(id: Int64, amount: UInt128)] = []
        var claims: [(id: Int64, amount: UInt128)] = []
    }

    /// Notes who owes whom what, and takes the other banks' redemptions in hand.
    func close(_ cycle: NettingCycle) async throws(DeskFault) -> Bool {
        // The last block is later than the end: all that belongs to the cycle is there to be followed.
        _ = try await events.work()
        let directory = try await BankDirectory(ledger)
        let former = try journal.formerOperators()
        let rows = try journal.unpaired()
        // Also those of a bank that left meanwhile.
        let tokens = Set(directory.entries.flatMap(\.tokens) + rows.filter(\.isClaim).map(\.token))
            .subtracting([settings.token])
        let references = Dictionary(
            uniqueKeysWithValues: tokens.map { ($0, cycle.reference(settings.token, $0)) })
        var times: [UInt64: UInt64] = [:]
        var sums: [Address: Sum] = [:]
        var late: [Int64] = []
        for row in rows {
            // The reference is no secret: what another one asks for by it is not owed to this pair's bank.
            guard let token = tokens.first(where: { references[$0] == row.payout }),
                row.isClaim || directory.isBank(of: token, row.owner, former)
            else { continue }
            if times[row.block] == nil {
                guard let time = try await ledger.time(ofBlock: row.block) else {
                    return try tell(of: row, cycle)
                }
                times[row.block] = time
            }
            guard times[row.block, default: .max] <= cycle.closesAt else {
                if !row.isClaim { late.append(row.id) }
                continue
            }
            var sum = sums[token] ?? Sum()
            sum.bank = directory.bank(of: token)?.bank ?? sum.bank
            if row.isClaim {
                sum.claims.append((row.id, row.amount))
            } else {
                sum.theirs.append((row.id, row.amount))
            }
            sums[token] = sum
        }
        let found = sums.sorted { $0.key < $1.key }
        try journal.write { db in
            try db.execute(
                sql: "UPDATE netCycle SET state = 'closed' WHERE id = ? AND state = 'asked'",
                arguments: [cycle.id])
            guard db.changesCount == 1 else { return }
            for (token, sum) in found { try add(sum, token, cycle, db) }
            for id in late { try reject(id, PairStanding.tooLate, db) }
        }
        try points.reach(.netClosed)
        return true
    }

    private func add(
        _ sum: Sum, _ token: Address, _ cycle: NettingCycle, _ db: Database
    ) throws {
        let reference = cycle.reference(settings.token, token)
        let owing = sum.theirs.reduce(0) { $0 + $1.amount }
        let owed = sum.claims.reduce(0) { $0 + $1.amount }
        try db.execute(
            sql: """
                INSERT INTO netPair
                    (cycle, other, name, bic, reference, messageId, owing, owed, state)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'instructing')
                """,
            arguments: [
                cycle.id, token.hex, sum.bank.name, sum.bank.bic, reference.hex,
                PairName.message(reference), String(owing), String(owed),
            ])
        let pair = db.lastInsertedRowID
        try messages.recall(PairName.message(reference), db)
        for (id, _) in sum.claims {
            try db.execute(
                sql: "UPDATE netClaim SET pair = ? WHERE id = ?", arguments: [pair, id])
        }
        for (id, _) in sum.theirs {
            let call = try Journal.add(
                .instruct, signer: settings.bank, target: .banks,
                data: DeskCall.instruct(
                    UInt64(bitPattern: id),
                    message: Keccak256.hash(Array(PairName.message(reference).utf8))),
                at: clock.now(), in: db)
            try db.execute(
                sql: """
                    UPDATE redemption SET state = 'instructing', pair = ?, call = ? WHERE id = ?
                    """, arguments: [pair, call, id])
        }
    }

    func reject(_ id: Int64, _ reason: String, _ db: Database) throws {
        let call = try Journal.add(
            .reject, signer: settings.bank, target: .banks,
            data: DeskCall.reject(UInt64(bitPattern: id), reason: reason), at: clock.now(), in: db)
        try db.execute(
            sql: "UPDATE redemption SET state = 'rejecting', reason = ?, call = ? WHERE id = ?",
            arguments: [reason, call, id])
    }

    /// Asks a person for a node that knows when something was asked for: without that nobody can tell whether it is
    /// owed in a cycle, and it must not hold up what has nothing to do with it.
    private func tell(
        of row: Journal.Unpaired, _ cycle: NettingCycle
    ) throws(DeskFault) -> Bool {
        let text =
            "cycle \(cycle.id) cannot be closed: the node keeps block \(row.block) no more, and so cannot "
            + "say whether what was asked for in it came in time; start the desk with --node of one "
            + "that keeps it"
        return try journal.write { db in
            try Journal.open(
                Case(
                    kind: .redemption, reason: "netting", text: text,
                    redemption: UInt64(bitPattern: row.id)), at: clock.now(), in: db)
            return db.changesCount > 0
        }
    }
}
