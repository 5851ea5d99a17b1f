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

    // MARK: Until the end

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

    // MARK: At the end

    /// What is owed in a cycle between this bank and another one.
    private struct Sum {
        var bank = IBanks.Bank(bic: "", name: "", operator: .zero, active: false)
        var theirs: [(id: Int64, amount: UInt128)] = []
        var claims: [(id: Int64, amount: UInt128)] = []
    }

    /// Notes who owes whom what, and takes the other banks' redemptions in hand.
    private func close(_ cycle: NettingCycle) async throws(DeskFault) -> Bool {
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

    private func reject(_ id: Int64, _ reason: String, _ db: Database) throws {
        let call = try Journal.add(
            .reject, signer: settings.bank, target: .banks,
            data: DeskCall.reject(UInt64(bitPattern: id), reason: reason), at: clock.now(), in: db)
        try db.execute(
            sql: "UPDATE redemption SET state = 'rejecting', reason = ?, call = ? WHERE id = ?",
            arguments: [reason, call, id])
    }

    // MARK: Pairs

    private func advance(
        _ cycle: NettingCycle, _ facts: LedgerFacts
    ) async throws(DeskFault) -> Bool {
        var changed = false
        for pair in try journal.pairs(of: cycle.id) where !pair.state.isOver {
            changed = try await advance(pair, cycle, facts) || changed
        }
        let isOver: Bool = try journal.write { db in
            try db.execute(
                sql: """
                    UPDATE netCycle SET state = 'over' WHERE id = ?1 AND state = 'closed'
                    AND NOT EXISTS (SELECT 1 FROM netPair WHERE cycle = ?1
                        AND state NOT IN ('settled', 'unwound'))
                    """, arguments: [cycle.id])
            return db.changesCount > 0
        }
        return changed || isOver
    }

    private func advance(
        _ pair: NetPair, _ cycle: NettingCycle, _ facts: LedgerFacts
    ) async throws(DeskFault) -> Bool {
        let (theirs, claims, taken, takenByTheOther) = try journal.sides(of: pair)
        switch pair.state {
        case .instructing:
            // A creditor that lost one meanwhile may have had all in hand, so that it is paid: it goes by the debtor.
            let isTaken = theirs.units["instructing"] == nil && pair.toReceive > 0
            if isTaken || theirs.isAll("instructed") { return try move(pair, to: .instructed) }
            // One that was taken from the desk's hands ends the pair.
            let isLost = pair.toReceive == 0 && !theirs.isAll("instructing", "instructed")
            return isLost ? try unwind(pair, PairStanding.tooLate) : false
        case .instructed where theirs.isAny("settled", "settling"),
            .sent where theirs.isAny("settled"):
            // Somebody ended one of them on the ledger: by its word it is paid.
            return try settle(pair)
        case .instructed
        where pair.evidence == nil && pair.toReceive == 0 && !theirs.isAll("instructed"):
            return try takenBack(pair, theirs, claims)
        case .instructed, .sent:
            let found = PairStanding.Claims(claims)
            // Asked for only where something hangs on it: a pair may wait for longer than a node keeps the blocks, and
            // what it cannot say would hold up all that comes after netting.
            let isTimed = PairStanding.hangsOnTimes(pair, found)
            let times = isTimed ? [try await time(taken), try await time(takenByTheOther)] : []
            guard !times.contains(.gone) else { return try tell(pair, PairStanding.forgotten) }
            let standing = PairStanding(
                pair: pair, claims: found,
                takenAt: !isTimed || theirs.count == 0 ? 0 : times[0].seconds,
                takenByTheOtherAt: isTimed ? times[1].seconds : nil,
                isCertified: takenByTheOther.map { $0 <= facts.certified } ?? true,
                deadline: cycle.deadline, now: facts.time)
            switch standing.step {
            case .wait: return false
            case .write: return try write(pair, cycle)
            case .settle: return try settle(pair)
            case .unwind(let reason): return try unwind(pair, reason)
            case .tell(let text):
                let isNew = try tell(pair, text)
                // Whoever was told has ended all of it by hand.
                let isDecided = pair.evidence != nil || theirs.count > 0
                guard isDecided, theirs.isEnded, claims.isEnded else { return isNew }
                let isPaid = theirs.isAny("settled") || pair.evidence == .paid
                return try move(pair, to: isPaid ? .settled : .unwound)
            }
        case .settling:
            var isNew = false
            if theirs.isAny("rejected", "returned", "foreign") {
                isNew = try tell(pair, PairStanding.paidAndTakenBack)
            } else if claims.isAny("rejected", "returned") {
                isNew = try tell(pair, PairStanding.paidAndUnwound)
            }
            // What a person was told of holds up no cycle, once nothing more can come of it by itself.
            return theirs.isEnded && claims.isEnded ? try move(pair, to: .settled) : isNew
        case .unwinding:
            // One that was being taken in hand meanwhile.
            if theirs.isAny("instructed") {
                return try unwind(pair, pair.reason ?? PairStanding.tooLate)
            }
            var isNew = false
            if claims.isAny("settled") {
                isNew = try tell(pair, PairStanding.paidAndRefused)
            } else if theirs.isAny("settled") {
                isNew = try tell(pair, PairStanding.unwoundAndSettled)
            }
            return theirs.isEnded && claims.isEnded ? try move(pair, to: .unwound) : isNew
        case .settled, .unwound: return false
        }
    }

    /// What to do where somebody gave back by hand one of the redemptions for which this bank pays or which it sets off;
    /// a creditor does not come here, since whether it is paid hangs on the debtor.
    private func takenBack(
        _ pair: NetPair, _ theirs: Journal.Side, _ claims: Journal.Side
    ) throws(DeskFault) -> Bool {
        // To the other bank it is paid: the rest is not taken from under it.
        if claims.units["settled"] != nil { return try settle(pair) }
        // A file that was composed may be in the outbox, and the money on its way, also where it was never noted.
        if try journal.file(of: pair) != nil {
            let isNew = try tell(pair, PairStanding.unanswered)
            // Whoever was told has ended all of it by hand; an answer that comes yet is told of all the same.
            guard theirs.count > 0, theirs.isEnded, claims.isEnded else { return isNew }
            return try move(pair, to: .unwound)
        }
        return try unwind(pair, PairStanding.takenBack)
    }

    private func time(_ block: UInt64?) async throws(DeskFault) -> PairStanding.Taken {
        guard let block else { return .not }
        return try await ledger.time(ofBlock: block).map { .at($0) } ?? .gone
    }

    private func move(_ pair: NetPair, to state: NetPair.State) throws(DeskFault) -> Bool {
        try journal.write { db in try set(pair, state, db) }
        log.notice(
            "a pair of banks goes on",
            metadata: ["pair": "\(pair.messageID)", "state": "\(state.rawValue)"])
        return true
    }

    private func set(
        _ pair: NetPair, _ state: NetPair.State, reason: String? = nil, _ db: Database
    ) throws {
        try db.execute(
            sql: "UPDATE netPair SET state = ?, reason = ifnull(reason, ?) WHERE id = ?",
            arguments: [state.rawValue, reason, pair.id])
    }

    /// Writes the payment, always with the bytes with which it was composed first.
    private func write(_ pair: NetPair, _ cycle: NettingCycle) throws(DeskFault) -> Bool {
        let file: [UInt8]
        if let known = try journal.file(of: pair) {
            file = known
        } else {
            do { file = try PairFile.bytes(pair, cycle, settings) } catch {
                return try tell(pair, "the payment between banks cannot be written: \(error)")
            }
            try journal.write { db in
                try db.execute(
                    sql: "UPDATE netPair SET file = ? WHERE id = ?",
                    arguments: [
                        DatabaseBytes(try journal.cipher.seal(file, .paymentFile)), pair.id,
                    ])
            }
            try points.reach(.netComposed)
        }
        try OutboxFile.write(file, named: "pacs.009-\(pair.messageID).xml", in: outbox)
        try points.reach(.netWritten)
        let isMoved = try move(pair, to: .sent)
        try points.reach(.netRecorded)
        return isMoved
    }

    private func settle(_ pair: NetPair) throws(DeskFault) -> Bool {
        try journal.write { db in
            for id in try theirs(of: pair, db) {
                let call = try Journal.add(
                    .settle, signer: settings.bank, target: .banks,
                    data: DeskCall.settle(UInt64(bitPattern: id), reference: pair.reference),
                    at: clock.now(), in: db)
                try db.execute(
                    sql: "UPDATE redemption SET state = 'settling', call = ? WHERE id = ?",
                    arguments: [call, id])
            }
            try set(pair, .settling, db)
        }
        try points.reach(.netDecided)
        return true
    }

    private func unwind(_ pair: NetPair, _ reason: String) throws(DeskFault) -> Bool {
        try journal.write { db in
            for id in try theirs(of: pair, db) { try reject(id, reason, db) }
            try set(pair, .unwinding, reason: reason, db)
        }
        try points.reach(.netDecided)
        return true
    }

    /// The other bank's redemptions that are in this desk's hands.
    private func theirs(of pair: NetPair, _ db: Database) throws -> [Int64] {
        try Int64.fetchAll(
            db,
            sql: """
                SELECT id FROM redemption WHERE pair = ? AND state = 'instructed' ORDER BY id
                """, arguments: [pair.id])
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

    /// Lays something before a person, once.
    private func tell(_ pair: NetPair, _ text: String) throws(DeskFault) -> Bool {
        try journal.write { db in
            try db.execute(
                sql: "UPDATE netPair SET told = ?1 WHERE id = ?2 AND told IS NOT ?1",
                arguments: [text, pair.id])
            guard db.changesCount == 1 else { return false }
            try NettingMessages.open(pair, text, message: nil, at: clock.now(), db)
            return true
        }
    }
}

extension PairStanding.Claims {
    /// What this bank's redemptions of the other's token have come to, together.
    init(_ side: Journal.Side) {
        if side.units.keys.contains(where: { $0 == "rejected" || $0 == "returned" }) {
            // A bank unwinds only what it has not begun to settle: what it settled says more than what a person gave back.
            self = side.units["settled"] == nil ? .back : .settled
        } else if side.count == 0 {
            self = .none
        } else if side.isAll("settled") {
            self = .settled
        } else {
            self = side.isAll("instructed", "settled") ? .instructed : .requested
        }
    }
}
