import Ledger

/// What the banks' operators want: change after change of who belongs to them, by proposals and votes.
final class BankDesk {
    private var changes: ArraySlice<MemberChange>
    /// The proposal under way, once its number is known.
    private var proposal: UInt64?
    private var isProposed = false
    /// Who has voted, or is about to.
    private var voters: Set<Int> = []
    /// When the operators turn to the next change, whatever became of this one.
    private var giveUpAt: UInt64 = 0
    private static let patience: UInt64 = 5_000_000

    init(_ changes: [MemberChange]) { self.changes = changes[...] }

    /// What the operator of a bank wants next, if anything.
    func wish(of bank: Int, in world: World) -> Wish? {
        moveOn(in: world)
        let set = world.properties.banks
        guard set[id: UInt64(bank) + 1] != nil, let change = changes.first else { return nil }
        if let proposal {
            guard voters.insert(bank).inserted else { return nil }
            return .vote(for: proposal, bank: bank)
        }
        guard !isProposed else { return nil }
        isProposed = true
        giveUpAt = world.now + Self.patience
        voters = [bank]
        // The new bank's node is started a little before, or after.
        if case .admit(let position) = change {
            world.push(.start(position), at: world.now + world.chance.below(1_500_000))
        }
        let date = (Clock.epochMillis + world.now / 1_000) / 1_000
        return .propose(Self.change(change), expiry: date + 600)
    }

    private static func change(_ change: MemberChange) -> IGovernance.Change {
        switch change {
        case .admit(let position):
            .admitBank(
                name: "bank \(position + 1)", node: Keys.nodes[position].address,
                operator: Keys.operators[position].address, endpoint: "")
        case .remove(let position): .removeBank(Keys.operators[position].address)
        }
    }

    /// Goes on with the next change if this one is done, or takes too long.
    private func moveOn(in world: World) {
        guard isProposed, let change = changes.first else { return }
        let set = world.properties.banks
        let isDone =
            switch change {
            case .admit(let position): set[id: UInt64(position) + 1] != nil
            case .remove(let position): set[id: UInt64(position) + 1] == nil
            }
        guard isDone || world.now >= giveUpAt else { return }
        if isDone { world.properties.counts.changes += 1 }
        changes.removeFirst()
        proposal = nil
        isProposed = false
    }

    /// Learns what became of a wish; `output` is what the call returned, nil if it was refused.
    func done(_ wish: Wish, output: [UInt8]?) {
        switch wish.kind {
        case .proposal:
            if let output { proposal = output.number } else { isProposed = false }
        case .plain, .newToken, .order, .vote: break
        }
    }
}
