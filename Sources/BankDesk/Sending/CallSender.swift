import Ledger
import Logging
import Wallet

/// Carries out the calls in the journal, each once, whatever happens meanwhile.
///
/// A call is signed, kept, and only then sent; after a restart the same bytes are sent again, which the ledger
/// takes once because a nonce counts once. A call is signed anew only when its transaction can never be
/// carried out: another one of the same key has its nonce and there is no receipt for it, or its key is the bank's
/// no more. Should a node know less than it says, the ledger still takes each of those calls once; the payment of
/// an order it would take twice, so that one is never signed anew.
struct CallSender: Sendable {
    let journal: Journal
    let ledger: any DeskLedger
    let keys: DeskKeys
    /// The bank's operator, as it is now.
    let bank: Address
    let points: FaultPoints
    let log: Logger
    /// How long to wait for a receipt before looking whether the transaction still can come; for a certificate
    /// not so long, since the desk has other things to do while banks are down.
    private static let patience = (executed: 10_000, certified: 2_000)

    /// Sends again what was signed, and notes what became of it.
    ///
    /// - Returns: whether something became known.
    /// - Throws: ``DeskFault``.
    func finish() async throws(DeskFault) -> Bool {
        let sent = try journal.sentCalls()
        guard !sent.isEmpty else { return false }
        let taken = try await send(sent)
        return try await collect(sent, taken)
    }

    /// Signs what is ready, sends it, and waits for what becomes of it.
    ///
    /// - Parameter withWaiting: whether to try again what the ledger would not take before.
    /// - Returns: whether something was signed or became known.
    /// - Throws: ``DeskFault``.
    func work(withWaiting: Bool) async throws(DeskFault) -> Bool {
        var changed = try await finish()
        try journal.hand(to: bank)
        let calls = try journal.callsToSign(withWaiting: withWaiting, atMost: 256)
        guard !calls.isEmpty else { return changed }
        var able: [(LedgerCall, gas: UInt64)] = []
        var refused: [(call: LedgerCall, refusal: LedgerRefusal, passes: Bool)] = []
        for call in calls {
            if call.purpose == .fund, try keys.key(of: call.signer) == nil {
                refused.append((call, .noKey, false))
                continue
            }
            switch try await ledger.attempt(call) {
            case .works(let gas): able.append((call, gas))
            case .refused(let refusal): refused.append((call, refusal, refusal.passes))
            }
        }
        if !refused.isEmpty {
            try journal.note(refused)
            changed = changed || refused.contains { !$0.passes }
            for (call, refusal, _) in refused {
                log.warning(
                    "the ledger would refuse a call",
                    metadata: [
                        "call": "\(call.id)", "purpose": "\(call.purpose.rawValue)",
                        "refusal": "\(refusal.name)",
                    ])
            }
        }
        guard !able.isEmpty else { return changed }
        let sent = try await sign(able)
        let taken = try await send(sent)
        return try await collect(sent, taken) || changed
    }

    // MARK: Steps

    private func sign(
        _ calls: [(LedgerCall, gas: UInt64)]
    ) async throws(DeskFault) -> [Journal.SentCall] {
        let facts = try await ledger.facts()
        var nonces: [Address: UInt64] = [:]
        var sent: [Journal.SentCall] = []
        for (call, gas) in calls {
            guard let key = try keys.key(of: call.signer) else {
                throw .wallet(.unknownAccount(call.signer.checksummed, folder: "the desk"))
            }
            var next = nonces[call.signer]
            if next == nil {
                next = try await ledger.nonce(of: call.signer)
                if let last = try journal.lastNonceSent(by: call.signer) {
                    next = max(next ?? 0, last + 1)
                }
            }
            let nonce = next ?? 0
            nonces[call.signer] = nonce + 1
            // The base price alone is paid; twice of it bears a rise while the transaction waits. Half of
            // the gas more is for what changes until then.
            let raw = Transaction(
                chainID: facts.chainID, nonce: nonce, maxFeePerGas: 2 * facts.gasPrice,
                gasLimit: gas + gas / 2, to: call.target, data: call.data
            ).sign(with: key)
            sent.append(
                Journal.SentCall(call: call, hash: Keccak256.hash(raw), nonce: nonce, raw: raw))
        }
        try journal.keep(sent)
        for purpose in Self.purposes(of: sent) { try points.reach(purpose.point(.signed)) }
        return sent
    }

    /// - Returns: the hashes of those that the node took.
    private func send(_ sent: [Journal.SentCall]) async throws(DeskFault) -> Set<Hash32> {
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
                    continue
                }
                log.notice(
                    "a transaction is not taken",
                    metadata: [
                        "transaction": "\(one.hash.hex)", "reason": "\(answer)",
                    ])
            }
        }
        for purpose in Self.purposes(of: sent) { try points.reach(purpose.point(.sent)) }
        return taken
    }

    private func collect(
        _ sent: [Journal.SentCall], _ taken: Set<Hash32>
    ) async throws(DeskFault) -> Bool {
        var results: [(sent: Journal.SentCall, receipt: CallReceipt)] = []
        var replaced = false
        var stuck: Set<Address> = []
        // What follows of the same account has to wait for the one before it.
        for one in sent where !stuck.contains(one.call.signer) {
            let certified = one.call.purpose.needsCertificate
            // What the pool did not take has its receipt already, or gets none soon.
            let patience =
                !taken.contains(one.hash)
                ? 0 : certified ? Self.patience.certified : Self.patience.executed
            if let receipt = try await ledger.receipt(
                of: one.hash, certified: certified, milliseconds: patience)
            {
                results.append((one, receipt))
                continue
            }
            // The nonce first: a receipt that is not there afterwards never comes.
            let next = try await ledger.nonce(of: one.call.signer)
            if next <= one.nonce, one.call.purpose != .fund, one.call.signer != bank {
                try journal.replace(one)
                replaced = true
                continue
            }
            guard next > one.nonce,
                try await ledger.receipt(of: one.hash, certified: false, milliseconds: 0) == nil
            else {
                stuck.insert(one.call.signer)
                continue
            }
            log.warning(
                "another transaction has the nonce of one of ours",
                metadata: [
                    "transaction": "\(one.hash.hex)", "account": "\(one.call.signer.checksummed)",
                ])
            if one.call.purpose == .fund {
                try journal.giveUp(one, .nonceTaken)
            } else {
                try journal.replace(one)
            }
            replaced = true
        }
        guard !results.isEmpty else { return replaced }
        let purposes = Self.purposes(of: results.map(\.sent))
        for purpose in purposes { try points.reach(purpose.point(.carriedOut)) }
        try journal.finish(results)
        for purpose in purposes { try points.reach(purpose.point(.recorded)) }
        return true
    }

    private static func purposes(of sent: [Journal.SentCall]) -> [CallPurpose] {
        CallPurpose.allCases.filter { purpose in
            sent.contains { $0.call.purpose == purpose }
        }
    }
}
