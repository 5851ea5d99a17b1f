import Ledger
import Signing
import Wallet

/// Signs calls: each with a nonce of its own, for an account that can pay its fee.
struct CallSigner: Sendable {
    let journal: Journal
    let ledger: any DeskLedger
    let keys: DeskKeys
    /// The bank's operator, as it is now.
    let bank: Address

    /// A call that the ledger would carry out.
    struct Able: Sendable {
        let call: LedgerCall
        /// The most gas that it may use.
        let gasLimit: UInt64

        // Half of the gas more is for what changes until it is carried out, as far as a block has so much.
        fileprivate init(_ call: LedgerCall, gas: UInt64, _ facts: LedgerFacts) {
            self.call = call
            gasLimit = min(gas + gas / 2, max(gas, facts.blockGas))
        }
    }

    /// A call that is not signed, and whether it may be later.
    typealias Refused = (call: LedgerCall, refusal: LedgerRefusal, passes: Bool)

    /// Finds out which calls the ledger would carry out, and would be paid for.
    ///
    /// The node refuses a transaction whose fee nobody can pay, so that one that was signed all the same would
    /// hold up what its account signs later.
    ///
    /// - Parameters:
    ///   - calls: in order.
    ///   - facts: of the ledger.
    /// - Returns: those to be signed, and the others.
    /// - Throws: ``DeskFault``.
    func attempt(
        _ calls: [LedgerCall], _ facts: LedgerFacts
    ) async throws(DeskFault) -> (able: [Able], refused: [Refused]) {
        var able: [Able] = []
        var refused: [Refused] = []
        var left: [Address: UInt128] = [:]
        for call in calls {
            if call.purpose == .fund, try keys.key(of: call.signer) == nil {
                refused.append((call, .noKey, false))
                continue
            }
            switch try await ledger.attempt(call) {
            case .refused(let refusal): refused.append((call, refusal, refusal.passes))
            case .works(let gas, let payer):
                let one = Able(call, gas: gas, facts)
                let (fee, isTooMuch) = UInt128(one.gasLimit).multipliedReportingOverflow(
                    by: facts.gasPrice)
                if left[payer] == nil { left[payer] = try await ledger.funds(of: payer) }
                guard !isTooMuch, let funds = left[payer], funds >= fee else {
                    refused.append((call, .noFunds, LedgerRefusal.noFunds.passes))
                    continue
                }
                left[payer] = funds - fee
                able.append(one)
            }
        }
        return (able, refused)
    }

    /// Signs calls, each with the next nonce of its account, and keeps them.
    ///
    /// - Returns: those that were signed: where a signer elsewhere gives up, its account's first ones and those of
    ///   keys that are here.
    /// - Throws: ``DeskFault``, where not even one was signed.
    func sign(
        _ calls: [Able], _ facts: LedgerFacts
    ) async throws(DeskFault) -> [Journal.SentCall] {
        var nonces: [Address: UInt64] = [:]
        var sent: [Journal.SentCall] = []
        var away: SignerFault?
        for one in calls {
            let signer = one.call.signer
            guard let key = try keys.key(of: signer) else {
                throw .wallet(.unknownAccount(signer.checksummed, folder: "the desk"))
            }
            guard away == nil || key.remote == nil else { continue }
            var next = nonces[signer]
            if next == nil {
                next = try await ledger.nonce(of: signer)
                if let last = try journal.lastNonceSent(by: signer) {
                    next = max(next ?? 0, last + 1)
                }
            }
            let nonce = next ?? 0
            let transaction = Transaction(
                chainID: facts.chainID, nonce: nonce, maxFeePerGas: Self.offer(facts),
                gasLimit: one.gasLimit, to: one.call.target, data: one.call.data)
            do throws(SignerFault) {
                let raw = try await transaction.sign(with: key)
                sent.append(Journal.SentCall(one.call, nonce: nonce, raw: raw))
            } catch {
                away = error
                continue
            }
            nonces[signer] = nonce + 1
        }
        if let away, sent.isEmpty { throw .signer(away) }
        try journal.keep(sent)
        return sent
    }

    /// Signs again what offers less than the ledger's price has risen to, or asks for more gas than a block has by
    /// now, with the nonce that it had.
    ///
    /// No block takes it as it is, and what its account signed later waits behind it. It stays the same call: of two
    /// transactions with one nonce the ledger carries out one, so that a payment cannot be made twice by this,
    /// whatever the node knows, and also where the banks change price or gas back. A call that takes more than all
    /// that a block has is refused for that, which uses the nonce, and then waits unsigned.
    ///
    /// - Parameter refused: what the node did not take.
    /// - Returns: the new forms; the journal has them, and the earlier ones beside them.
    /// - Throws: ``DeskFault``; that of a signer elsewhere where not even one was signed.
    func outbid(_ refused: [Journal.SentCall]) async throws(DeskFault) -> [Journal.SentCall] {
        guard !refused.isEmpty else { return [] }
        let facts = try await ledger.facts()
        var outbid: [(old: Journal.SentCall, new: Journal.SentCall)] = []
        var away: SignerFault?
        var nonces: [Address: UInt64] = [:]
        for one in refused {
            guard var transaction = try? Transaction.decode(one.raw),
                transaction.maxFeePerGas < facts.gasPrice || transaction.gasLimit > facts.blockGas
            else { continue }
            let signer = one.call.signer
            // What a former operator signed is made anew by the present one.
            guard signer == bank || one.call.purpose == .fund, let key = try keys.key(of: signer)
            else { continue }
            guard away == nil || key.remote == nil else { continue }
            if nonces[signer] == nil { nonces[signer] = try await ledger.nonce(of: signer) }
            // One whose nonce is used was carried out.
            guard one.nonce >= nonces[signer, default: 0] else { continue }
            // A pool that has the earlier form still takes another one for more than a tenth more.
            let (more, isTooMuch) = transaction.maxFeePerGas.addingReportingOverflow(
                transaction.maxFeePerGas / 8 + 1)
            transaction.maxFeePerGas = max(Self.offer(facts), isTooMuch ? .max : more)
            transaction.gasLimit = min(transaction.gasLimit, facts.blockGas)
            do throws(SignerFault) {
                let raw = try await transaction.sign(with: key)
                outbid.append((one, Journal.SentCall(one.call, nonce: one.nonce, raw: raw)))
            } catch {
                away = error
            }
        }
        if let away, outbid.isEmpty { throw .signer(away) }
        try journal.outbid(outbid)
        return outbid.map(\.new)
    }

    // The price alone is paid; twice of it bears a rise while the transaction waits.
    private static func offer(_ facts: LedgerFacts) -> UInt128 {
        let (double, isTooMuch) = facts.gasPrice.multipliedReportingOverflow(by: 2)
        return isTooMuch ? .max : double
    }
}

extension Journal.SentCall {
    init(_ call: LedgerCall, nonce: UInt64, raw: [UInt8]) {
        self.init(call: call, hash: Keccak256.hash(raw), nonce: nonce, raw: raw)
    }
}
