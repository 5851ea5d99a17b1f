import Ledger

/// Proposing and voting.
extension Governance {
    /// Proposes a change; the proposer is for it.
    ///
    /// - Returns: the proposal's id.
    /// - Throws: ``Rejection/notBank(_:)``, or ``Rejection/badProposal(_:)`` for what could not be done as
    ///   the ledger stands.
    func propose(
        _ kind: IGovernance.Kind, data: ArraySlice<UInt8>, expiry: UInt64, by sender: Address
    ) throws(Rejection) -> UInt64 {
        let bank = try bank(of: sender)
        guard data.count <= Self.dataBytesMax else {
            throw .badProposal("data: at most \(Self.dataBytesMax) bytes")
        }
        let proposed = try IGovernance.Proposal(kind, decoding: data)
        guard proposed.height <= state.block.height + Self.heightAheadMax else {
            throw .badProposal("height: at most \(Self.heightAheadMax) blocks from now")
        }
        guard expiry >= state.block.now else { throw .badProposal("expiry: it has passed") }
        _ = try enactment(of: proposed.change)
        if case .activateVersion(let version) = proposed.change,
            let why = refusal(toActivate: version, from: proposed.height)
        {
            throw .badProposal(why)
        }
        let id = count + 1
        setCount(id)
        record(.proposed(id: id, by: sender, kind: kind, data: Array(data)))
        try take(
            StoredProposal(kind: kind, by: sender, expiry: expiry, data: Array(data)), id: id,
            from: bank, yes: true)
        return id
    }

    /// Votes on a proposal, or votes otherwise than before.
    ///
    /// - Throws: ``Rejection/notBank(_:)``, or ``Rejection/badProposal(_:)`` if there is no such proposal,
    ///   it is decided, or its time has passed.
    func vote(_ id: UInt64, yes: Bool, by sender: Address) throws(Rejection) {
        let bank = try bank(of: sender)
        let proposal = try proposal(id)
        guard case .open = proposal.state else { throw .badProposal("it is decided already") }
        guard proposal.expiry >= state.block.now else {
            throw .badProposal("its time to be voted on has passed")
        }
        try take(proposal, id: id, from: bank, yes: yes)
    }

    private func bank(of sender: Address) throws(Rejection) -> Bank {
        guard let bank = bankSet.bank(operatedBy: sender) else { throw .notBank(sender) }
        return bank
    }

    /// Writes a proposal with one vote more, and decides it if that makes a majority.
    private func take(
        _ proposal: StoredProposal, id: UInt64, from bank: Bank, yes: Bool
    ) throws(Rejection) {
        var proposal = proposal
        proposal.take(
            StoredProposal.Vote(bank: bank.id, account: bank.operator, yes: yes), among: bankSet)
        record(.voted(id: id, bank: bank.operator, yes: yes))
        if proposal.isWanted(by: bankSet) {
            let height = try decide(proposal, id: id)
            proposal.state = .decided(height: height)
            record(.decided(id: id, height: height))
        }
        set(proposal, at: id)
    }

    /// Lets a proposal wait for its height.
    /// - Returns: the height.
    private func decide(_ stored: StoredProposal, id: UInt64) throws(Rejection) -> UInt64 {
        let proposal = try IGovernance.Proposal(stored.kind, decoding: stored.data[...])
        var waiting = waiting
        var height = max(proposal.height, state.block.height + 1)
        if case .activateVersion(let version) = proposal.change {
            // Bodies are cut ahead of execution, and must know what holds at their height.
            height = max(height, state.block.height + Self.versionNotice)
            var versions = versions
            let why =
                versions.refusal(of: version, from: height)
                // Said again for what was proposed before there were these bounds.
                ?? refusal(toActivate: version, from: height)
            if let why { throw .badProposal(why) }
            versions.add(version, from: height)
            state.setObject(GovernanceKey.versions, versions.bytes)
        }
        // Those that wait for long leave places to those for the next block, or nothing could be decided meanwhile.
        let most = height > state.block.height + 1 ? Self.waitingMax : 2 * Self.waitingMax
        guard waiting.count < most else {
            throw .badProposal("\(most) decided proposals wait for their height already")
        }
        waiting.append(WaitingProposal(height: height, id: id))
        setWaiting(waiting.sorted())
        return height
    }
}
