/// What a node that was restored from a backup must learn before it may vote;
/// `docs/decisions/0006-a-restored-node-earns-its-vote.md`.
struct Probation: Equatable {
    /// The term in which each other voter was when it was first heard; later than any vote or entry
    /// that this node can have given it before it was restored.
    var terms: [NodeID: Term] = [:]
    /// When to ask again those that have not answered.
    var askAt: UInt64 = 0
}

extension DriverState {
    /// Whether this node may vote and stand for election.
    package var mayVote: Bool { probation == nil }

    /// Asks the other voters in which term they are.
    mutating func askForTerms(_ now: UInt64, _ actions: inout [DriverAction]) {
        guard let probation else { return }
        self.probation?.askAt = now + limits.electionMilliseconds
        // No candidate is in term 0, so nobody could give it a vote by mistake.
        let question = RaftMessage(
            version: 0, term: 0,
            body: .requestVote(
                .init(
                    candidate: id, lastIndex: 0, lastTerm: 0, disruptsLeader: false,
                    isPreVote: false)))
        for voter in membership?.voters ?? [] where voter != id && probation.terms[voter] == nil {
            actions.append(.send(question, to: voter))
        }
    }

    /// The answer to a restored node that asks for the term.
    func termAnswer(to question: RaftMessage) -> RaftMessage {
        RaftMessage(
            version: question.version, term: term,
            body: .voteResult(
                .init(isGranted: false, isPreVote: false, features: 0, capacity: 0)))
    }

    /// Takes note of the term in which a peer says it is; only the first time counts.
    mutating func noteTerm(_ term: Term, of peer: NodeID) {
        if probation?.terms[peer] == nil { probation?.terms[peer] = term }
    }

    /// Lets this node vote again, if it has learned enough.
    ///
    /// That is: every other voter has said its term; there is a leader in a later one, so this node had no
    /// part in its election; and an entry of that term is committed and durable here, so everything is
    /// that was committed before.
    mutating func settleProbation(_ actions: inout [DriverAction]) {
        guard let probation, role == .follower, leader != nil, let membership,
            deliverable > 0, self.term(of: deliverable) == term,
            membership.voters.allSatisfy({ voter in
                voter == id || probation.terms[voter].map { $0 < term } ?? false
            })
        else { return }
        endProbation(&actions)
    }

    mutating func endProbation(_ actions: inout [DriverAction]) {
        probation = nil
        actions.append(.endProbation)
    }
}
