import Ledger
import Logging
import Signing

/// Carries out the calls in the journal, each once, whatever happens meanwhile.
///
/// A call is signed, kept, and only then sent; after a restart the same bytes are sent again, which the ledger
/// takes once because a nonce counts once. It is signed again with the same nonce when the price of gas has risen
/// above what it offers, or a block has less gas than it asks for, and anew only when its transaction can never be carried out: another one of the same key
/// has its nonce and there is no receipt for it, or its key is the bank's no more. Should a node know less than it
/// says, the ledger still takes each of those calls once; the payment of an order it would take twice, so that one
/// is never signed anew.
struct CallSender: Sendable {
    private let journal: Journal
    private let ledger: any DeskLedger
    private let signer: CallSigner
    /// The bank's operator, as it is now.
    private let bank: Address
    private let points: FaultPoints
    private let log: Logger
    /// What the log was told of transactions that the node does not take: each reason once.
    private var told: [Hash32: Set<String>] = [:]

    /// How long to wait for what was just sent, in milliseconds and for all of it together; for a certificate not
    /// so long, since the desk has other things to do while banks are down.
    private static let atFirst = (executed: 10_000, certified: 2_000)
    /// How long to wait for it later: what is stuck must not hold up the rest.
    private static let later = (executed: 1_000, certified: 1_000)

    init(
        journal: Journal, ledger: any DeskLedger, keys: DeskKeys, bank: Address,
        points: FaultPoints, log: Logger
    ) {
        self.journal = journal
        self.ledger = ledger
        self.bank = bank
        self.points = points
        self.log = log
        signer = CallSigner(journal: journal, ledger: ledger, keys: keys, bank: bank)
    }

    /// Sends again what was signed, and notes what became of it.
    ///
    /// - Returns: whether something became known.
    /// - Throws: ``DeskFault``; that of a signer elsewhere after all else is done.
    mutating func finish() async throws(DeskFault) -> Bool {
        var sent = try journal.sentCalls()
        let open = Set(sent.map(\.hash))
        told = told.filter { open.contains($0.key) }
        guard !sent.isEmpty else { return false }
        var taken = try await send(sent)
        var outbid: [Journal.SentCall] = []
        var away: SignerFault?
        do throws(DeskFault) {
            outbid = try await signer.outbid(sent.filter { !taken.contains($0.hash) })
        } catch .signer(let fault) {
            away = fault
        }
        if !outbid.isEmpty {
            try reach(.signed, outbid)
            log.notice(
                """
                transactions offered less than gas costs now, or asked for more of it than a block has, and are \
                signed again
                """,
                metadata: ["count": "\(outbid.count)"])
            sent = try journal.sentCalls()
            taken.formUnion(try await send(outbid))
        }
        let changed = try await collect(sent, taken, Self.later)
        if let away { throw .signer(away) }
        return changed
    }

    /// Signs what is ready, sends it, and waits for what becomes of it.
    ///
    /// - Parameter withWaiting: whether to try again what the ledger would not take before.
    /// - Returns: whether something was signed or became known.
    /// - Throws: ``DeskFault``.
    mutating func work(withWaiting: Bool) async throws(DeskFault) -> Bool {
        try journal.hand(to: bank)
        let calls = try journal.callsToSign(withWaiting: withWaiting, atMost: 256)
        guard !calls.isEmpty else { return false }
        var changed = false
        let facts = try await ledger.facts()
        let (able, refused) = try await signer.attempt(calls, facts)
        // What waits for the same reason as before is no news.
        for (call, refusal) in try journal.note(refused) {
            changed = changed || !refusal.passes
            log.warning(
                "a call is not made now",
                metadata: [
                    "call": "\(call.id)", "purpose": "\(call.purpose.rawValue)",
                    "account": "\(call.signer.checksummed)", "refusal": "\(refusal.name)",
                ])
        }
        guard !able.isEmpty else { return changed }
        let sent = try await signer.sign(able, facts)
        try reach(.signed, sent)
        let taken = try await send(sent)
        return try await collect(sent, taken, Self.atFirst) || changed
    }

    // MARK: Steps

    /// - Returns: the hashes of those that the node took.
    private mutating func send(_ sent: [Journal.SentCall]) async throws(DeskFault) -> Set<Hash32> {
        var taken: Set<Hash32> = []
        var rest = sent[...]
        while !rest.isEmpty {
            var bytes = 0
            let chunk = rest.prefix { one in
                bytes += one.raw.count
                return bytes <= 1 << 20 || bytes == one.raw.count
            }
            rest = rest.dropFirst(chunk.count)
            let answers = try await ledger.send(chunk.map(\.raw))
            for (one, answer) in zip(chunk, answers) {
                guard let answer else {
                    taken.insert(one.hash)
                    told[one.hash] = nil
                    continue
                }
                // Its numbers change from round to round: how long to wait, what there is of DIP.
                let reason = String(answer.filter { !$0.isWholeNumber })
                guard told[one.hash, default: []].insert(reason).inserted else { continue }
                log.notice(
                    "a transaction is not taken",
                    metadata: [
                        "transaction": "\(one.hash.hex)", "reason": "\(answer)",
                    ])
            }
        }
        try reach(.sent, sent)
        return taken
    }

    private func collect(
        _ sent: [Journal.SentCall], _ taken: Set<Hash32>,
        _ patience: (executed: Int, certified: Int)
    ) async throws(DeskFault) -> Bool {
        let receipts = try await ledger.receipts(
            of: sent.map { one in
                let certified = one.call.purpose.needsCertificate
                // What the pool did not take has its receipt already, or gets none soon.
                let isComing = taken.contains(one.hash)
                return ReceiptQuestion(
                    hash: one.hash, certified: certified,
                    milliseconds: !isComing
                        ? 0 : certified ? patience.certified : patience.executed)
            })
        var results: [(sent: Journal.SentCall, receipt: CallReceipt)] = []
        var replaced = false
        var stuck: Set<Address> = []
        for (one, receipt) in zip(sent, receipts) {
            if let receipt {
                results.append((one, receipt))
                continue
            }
            // What follows of the same account has to wait for the one before it.
            guard !stuck.contains(one.call.signer) else { continue }
            switch try await fate(of: one) {
            case .open: stuck.insert(one.call.signer)
            case .over(let form, let receipt): results.append((form, receipt))
            case .impossible:
                try giveUp(one)
                replaced = true
            case .taken(let next):
                try giveUp(one, takenBefore: next)
                replaced = true
            }
        }
        guard !results.isEmpty else { return replaced }
        try reach(.carriedOut, results.map(\.sent))
        try journal.finish(results)
        for (one, receipt) in results {
            guard let refusal = receipt.refusal else { continue }
            log.warning(
                "the ledger refused a call",
                metadata: [
                    "call": "\(one.call.id)", "purpose": "\(one.call.purpose.rawValue)",
                    "refusal": "\(refusal.name)",
                ])
        }
        try reach(.recorded, results.map(\.sent))
        return true
    }

    /// What can still become of a transaction without a receipt.
    private enum Fate {
        /// It may be carried out.
        case open
        /// An earlier form of it was.
        case over(Journal.SentCall, CallReceipt)
        /// It never is.
        case impossible
        /// It never is, because an unknown transaction has its nonce; the account's next one is told.
        case taken(next: UInt64)
    }

    private func fate(of one: Journal.SentCall) async throws(DeskFault) -> Fate {
        // The nonce first: a receipt that is not there afterwards never comes.
        let next = try await ledger.nonce(of: one.call.signer)
        guard next > one.nonce else {
            let isFormer = one.call.purpose != .fund && one.call.signer != bank
            return isFormer ? .impossible : .open
        }
        let forms = [one] + (try journal.outbid(by: one))
        let executed = try await ledger.receipts(
            of: forms.map { ReceiptQuestion(hash: $0.hash, certified: false, milliseconds: 0) })
        guard let index = executed.firstIndex(where: { $0 != nil }) else {
            log.warning(
                "another transaction has the nonce of one of ours",
                metadata: [
                    "transaction": "\(one.hash.hex)", "account": "\(one.call.signer.checksummed)",
                ])
            return .taken(next: next)
        }
        let receipt = try await ledger.receipts(
            of: [
                ReceiptQuestion(
                    hash: forms[index].hash, certified: one.call.purpose.needsCertificate,
                    milliseconds: 0)
            ])
        return receipt[0].map { .over(forms[index], $0) } ?? .open
    }

    // The next nonce is the account's, where an unknown transaction has this one's.
    private func giveUp(
        _ one: Journal.SentCall, takenBefore next: UInt64? = nil
    ) throws(DeskFault) {
        if one.call.purpose == .fund {
            try journal.giveUp(one, .nonceTaken)
        } else {
            // A newer journal than this one may have sent it, and payment files as well.
            try journal.replace(one, doubtingFilesAt: one.call.signer == bank ? next : nil)
        }
    }

    private func reach(
        _ stage: CallPurpose.Stage, _ sent: [Journal.SentCall]
    ) throws(DeskFault) {
        for purpose in CallPurpose.allCases
        where sent.contains(where: { $0.call.purpose == purpose }) {
            try points.reach(purpose.point(stage))
        }
    }
}
