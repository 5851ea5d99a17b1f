import Ledger

/// What governance keeps in the state and reads when it is needed.
extension Governance {
    /// How many proposals were made; their ids are 1 to this.
    var count: UInt64 {
        state.object(GovernanceKey.count).map { believed($0) { try $0.read() } } ?? 0
    }

    func setCount(_ count: UInt64) {
        var writer = ByteWriter(capacity: 8)
        writer.write(count)
        state.setObject(GovernanceKey.count, writer.bytes)
    }

    func proposal(_ id: UInt64) throws(Rejection) -> StoredProposal {
        guard let bytes = state.object(GovernanceKey.proposal(id)) else {
            throw .badProposal("there is no proposal \(id)")
        }
        return believed { try StoredProposal(decoding: bytes) }
    }

    /// What a proposal says, and who was for it.
    public struct Content: Hashable, Sendable {
        /// What it would do, or did.
        public let change: IGovernance.Change
        /// The operators of the banks that said yes, as they were then.
        public let yes: [Address]
    }

    /// What a proposal says, nil if there is none of that number.
    public func content(_ id: UInt64) -> Content? {
        guard let stored = try? proposal(id),
            let proposal = try? IGovernance.Proposal(stored.kind, decoding: stored.data[...])
        else { return nil }
        return Content(
            change: proposal.change, yes: stored.votes.filter(\.yes).map(\.account))
    }

    func set(_ proposal: StoredProposal, at id: UInt64) {
        state.setObject(GovernanceKey.proposal(id), proposal.bytes)
    }

    /// The decided proposals that wait for their height, the first one first.
    var waiting: [WaitingProposal] {
        believed(listIn: state.object(GovernanceKey.waiting) ?? []) { reader in
            WaitingProposal(height: try reader.read(), id: try reader.read())
        }
    }

    func setWaiting(_ waiting: [WaitingProposal]) {
        guard !waiting.isEmpty else { return state.setObject(GovernanceKey.waiting, nil) }
        var writer = ByteWriter(capacity: 16 * waiting.count)
        for next in waiting {
            writer.write(next.height)
            writer.write(next.id)
        }
        state.setObject(GovernanceKey.waiting, writer.bytes)
    }

    /// The reviewers of templates, in the order of their accounts.
    public var reviewers: [Address] {
        believed(listIn: state.object(GovernanceKey.reviewers) ?? []) { try $0.readAddress() }
    }

    func setReviewers(_ reviewers: [Address]) {
        guard !reviewers.isEmpty else { return state.setObject(GovernanceKey.reviewers, nil) }
        var writer = ByteWriter(capacity: 20 * reviewers.count)
        for account in reviewers { writer.write(account) }
        state.setObject(GovernanceKey.reviewers, writer.bytes)
    }

    /// The heights of the blocks that changed the banks, ascending; genesis is not among them.
    public var bankChanges: [UInt64] {
        believed(listIn: state.object(GovernanceKey.bankChanges) ?? []) { try $0.read() }
    }

    /// Notes that the running block changes the banks.
    func noteBankChange() {
        let height = state.block.height
        let bytes = state.object(GovernanceKey.bankChanges) ?? []
        guard bankChanges.last != height else { return }
        var writer = ByteWriter(capacity: bytes.count + 8)
        writer.write(raw: bytes)
        writer.write(height)
        state.setObject(GovernanceKey.bankChanges, writer.bytes)
    }

    /// Which protocol version holds from which height on, as far as it is decided.
    public var versions: VersionSchedule {
        state.object(GovernanceKey.versions).map { bytes in
            believed { try VersionSchedule(decoding: bytes) }
        }
            ?? VersionSchedule()
    }
}
