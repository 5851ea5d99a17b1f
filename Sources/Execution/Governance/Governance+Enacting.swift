import Ledger
import Tokens

/// Carrying out, at the start of a block, what the banks decided.
extension Governance {
    /// The height of the next block that has a decided proposal to carry out, nil if none waits.
    var nextEnactment: UInt64? { waiting.first?.height }

    /// Whether banks replace their operators' keys at the start of the next block.
    public var hasRotations: Bool { state.object(GovernanceKey.rotations) != nil }

    /// Notes that a bank replaces its operator's key at the start of the next block; said twice, the last
    /// one holds.
    func rotateNext(_ account: Address, to next: Address) {
        let rotations = rotations.filter { $0.from != account } + [(account, next)]
        var writer = ByteWriter(capacity: 40 * rotations.count)
        for (from, to) in rotations {
            writer.write(from)
            writer.write(to)
        }
        state.setObject(GovernanceKey.rotations, writer.bytes)
    }

    /// Replaces the operators' keys that banks asked for in the block before.
    ///
    /// One that has become impossible, because the bank left or another took the key, is dropped.
    func rotateDue() {
        let due = rotations
        guard !due.isEmpty else { return }
        state.setObject(GovernanceKey.rotations, nil)
        for (from, to) in due where roll.refusal(of: to, for: from) == nil {
            guard let set = try? bankSet.rotating(operator: from, to: to) else { continue }
            adopt(set)
        }
    }

    private var rotations: [(from: Address, to: Address)] {
        believed(listIn: state.object(GovernanceKey.rotations) ?? []) { reader in
            (from: try reader.readAddress(), to: try reader.readAddress())
        }
    }

    /// Carries out what was decided for the running block, in the order of the proposals' ids.
    ///
    /// A proposal that cannot be done any more is marked as failed and stops nothing.
    func enactDue() {
        let height = state.block.height
        let waiting = waiting
        let due = waiting.prefix { $0.height <= height }
        guard !due.isEmpty else { return }
        setWaiting(Array(waiting.dropFirst(due.count)))
        for id in due.map(\.id).sorted() {
            guard var proposal = try? proposal(id) else { continue }
            let mark = state.mark()
            do throws(Rejection) {
                try enact(proposal)
                proposal.state = .enacted(height: height)
                record(.enacted(id: id, height: height))
            } catch {
                state.rollback(to: mark)
                proposal.state = .failed(height: height)
                record(.failed(id: id, height: height, why: error.reason))
            }
            set(proposal, at: id)
        }
    }

    private func enact(_ stored: StoredProposal) throws(Rejection) {
        let proposal = try IGovernance.Proposal(stored.kind, decoding: stored.data[...])
        switch try enactment(of: proposal.change) {
        case .banks(let set): adopt(set)
        case .checker(let account, let key):
            guard let member = bankSet.bank(operatedBy: account) else { break }
            roll.setChecker(key, of: member)
        case .rules(let rules): adopt(rules)
        case .reviewers(let reviewers): setReviewers(reviewers)
        case .payment(let token, let to, let amount):
            try tokens.transfer(amount, of: token, from: .treasury, to: to)
            if token == .dip { economy.add(.treasuryPayment, amount) }
        case .suspension(let id): try shelf.suspend(id)
        case .version: break
        }
    }
}

extension Rejection {
    /// The refusal in words, for an event.
    fileprivate var reason: String {
        switch self {
        case .badProposal(let why): why
        case .erc20InsufficientBalance(_, let balance, let needed):
            "the treasury has \(balance) units, \(needed) are needed"
        default: name
        }
    }
}
