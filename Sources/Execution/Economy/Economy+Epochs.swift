import Ledger
import Tokens

/// What the economy does at the start of a block.
extension Economy {
    /// Keeps the last header if it is sampled, pays for the epoch before last where a new one begins, and
    /// counts who signed.
    ///
    /// - Parameters:
    ///   - tip: the last executed block.
    ///   - votes: those in the running block's body.
    ///   - banks: those there are.
    ///   - rules: those in force.
    func beginBlock(after tip: Tip, votes: [HeaderVote], banks: BankSet, rules: Rules) {
        if epochs.samples(tip.height) {
            let sample = Sample(header: tip.header, nextID: banks.nextID)
            state.setObject(EconomyKey.sample(tip.height), sample.bytes)
        }
        if state.block.height > epoch.last { turn(banks, rules) }
        count(votes, banks)
    }

    private func turn(_ banks: BankSet, _ rules: Rules) {
        if let previous = epochs.previous {
            pay(previous.fees, for: previous.epoch, banks, rules)
        }
        let fees = sharedFees
        var next = epochs
        next.previous = EndedEpoch(epoch: epoch, fees: fees &- epoch.feesBefore)
        next.current = Epoch(
            number: epoch.number + 1, first: state.block.height, blocks: rules.epochBlocks,
            feesBefore: fees)
        adopt(next)
    }

    /// Shares the nodes' part of an epoch's fees by how many samples each bank signed.
    ///
    /// The treasury keeps what does not go up, the part of a bank that has left, and all where nobody signed.
    /// It pays what it has, if the banks spent more meanwhile than was theirs.
    private func pay(_ fees: UInt128, for epoch: Epoch, _ banks: BankSet, _ rules: Rules) {
        let signed = signed(in: epoch).banks
        for height in epoch.sampledHeights where sample(height) != nil {
            state.setObject(EconomyKey.sample(height), nil)
        }
        let share = EpochAccount.part(of: fees, UInt128(rules.nodeShare), in: UInt128(Rules.whole))
        let sum = min(share, tokens.balance(of: .treasury, in: .dip))
        let amounts = EpochAccount.split(sum, by: signed.map(\.count))
        var parts: [EpochAccount.Part] = []
        for (bank, amount) in zip(signed, amounts) {
            let account = banks[id: bank.id]?.operator
            let isPaid = account.map { pay(amount, to: $0) } ?? false
            parts.append(
                EpochAccount.Part(
                    bank: bank.id, account: isPaid ? account ?? .zero : .zero, signed: bank.count,
                    amount: isPaid ? amount : 0))
        }
        let account = EpochAccount(epoch: epoch.number, fees: fees, parts: parts)
        state.setObject(EconomyKey.paid, account.bytes)
        add(.epochPayment, account.paid)
        record(.epochPaid(epoch: epoch.number, fees: fees, paid: account.paid))
    }

    /// - Returns: false if the account cannot have it.
    private func pay(_ amount: UInt128, to account: Address) -> Bool {
        guard amount > 0 else { return true }
        do throws(Rejection) {
            try tokens.transfer(amount, of: .dip, from: .treasury, to: account)
            return true
        } catch {
            return false
        }
    }

    /// Counts each bank once for each sampled height for whose header it voted, but for those of before it was one:
    /// it would take from the others a part of fees for which it did nothing.
    ///
    /// Votes are hints that a leader passes on: one that is wrong in whatever way is passed over.
    private func count(_ votes: [HeaderVote], _ banks: BankSet) {
        for vote in votes {
            // Whatever costs less than recovering the signer comes first.
            guard epochs.samples(vote.height), var sample = sample(vote.height),
                sample.header == vote.header, sample.banks.count < BankSet.banksMax,
                let signer = vote.signer(in: domain), let bank = banks.bank(signing: signer),
                sample.count(bank.id)
            else { continue }
            state.setObject(EconomyKey.sample(vote.height), sample.bytes)
        }
    }
}
