import GRDB
import Ledger
import Logging

/// What becomes of a pair of banks, from the end of its cycle until nothing more can come of it.
extension Netting {
    func advance(
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
