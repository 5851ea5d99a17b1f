import Glibc

/// A place in a flow at which the process may be killed; tests kill it at each one.
///
/// Between two neighbouring places exactly one thing lasts: a commit of the journal, a file's new name, or a
/// transaction at the node.
public enum FaultPoint: String, CaseIterable, Sendable {
    // A file on its way in.
    case fileCopied = "file-copied"
    case messageJournaled = "message-journaled"
    case fileRemoved = "file-removed"
    case messageRead = "message-read"
    case messageFiled = "message-filed"
    case messageQuarantined = "message-quarantined"

    // What came in, onto the ledger.
    case payersMatched = "payers-matched"
    case issuesChosen = "issues-chosen"
    case issueSigned = "issue-signed"
    case issueSent = "issue-sent"
    case issueCarriedOut = "issue-carried-out"
    case issueRecorded = "issue-recorded"
    case fundingChosen = "funding-chosen"
    case fundSigned = "fund-signed"
    case fundSent = "fund-sent"
    case fundCarriedOut = "fund-carried-out"
    case fundRecorded = "fund-recorded"

    // What was asked for on the ledger, out to the bank.
    case eventsFollowed = "events-followed"
    case batchChosen = "batch-chosen"
    case instructSigned = "instruct-signed"
    case instructSent = "instruct-sent"
    case instructCarriedOut = "instruct-carried-out"
    case instructRecorded = "instruct-recorded"
    case paymentComposed = "payment-composed"
    case paymentWritten = "payment-written"
    case paymentRecorded = "payment-recorded"

    // What the bank made of it, onto the ledger.
    case confirmationsMatched = "confirmations-matched"
    case settleSigned = "settle-signed"
    case settleSent = "settle-sent"
    case settleCarriedOut = "settle-carried-out"
    case settleRecorded = "settle-recorded"
    case rejectSigned = "reject-signed"
    case rejectSent = "reject-sent"
    case rejectCarriedOut = "reject-carried-out"
    case rejectRecorded = "reject-recorded"

    // Between banks.
    case netAsked = "net-asked"
    case askSigned = "ask-signed"
    case askSent = "ask-sent"
    case askCarriedOut = "ask-carried-out"
    case askRecorded = "ask-recorded"
    case tickSigned = "tick-signed"
    case tickSent = "tick-sent"
    case tickCarriedOut = "tick-carried-out"
    case tickRecorded = "tick-recorded"
    case netClosed = "net-closed"
    case netComposed = "net-composed"
    case netWritten = "net-written"
    case netRecorded = "net-recorded"
    case netMatched = "net-matched"
    case netDecided = "net-decided"

    // The end of the day.
    case statementChosen = "statement-chosen"
    case attestSigned = "attest-signed"
    case attestSent = "attest-sent"
    case attestCarriedOut = "attest-carried-out"
    case attestRecorded = "attest-recorded"
}

extension FaultPoint {
    /// The places of netting alone.
    static let betweenBanks: Set<FaultPoint> = [
        .netAsked, .askSigned, .askSent, .askCarriedOut, .askRecorded, .tickSigned, .tickSent,
        .tickCarriedOut, .tickRecorded, .netClosed, .netComposed, .netWritten, .netRecorded,
        .netMatched, .netDecided,
    ]
}

/// What happens at the places where a desk may be killed: nothing, but in tests.
public struct FaultPoints: Sendable {
    private let action: @Sendable (FaultPoint) throws(DeskFault) -> Void

    /// Calls a closure at each place.
    public init(_ action: @escaping @Sendable (FaultPoint) throws(DeskFault) -> Void) {
        self.action = action
    }

    /// Nothing happens.
    public static let none = FaultPoints { _ throws(DeskFault) in }

    /// The process kills itself the first time that it comes to a place, as `kill -9` would.
    public static func killing(at point: FaultPoint) -> FaultPoints {
        FaultPoints { reached throws(DeskFault) in
            if reached == point { kill(getpid(), SIGKILL) }
        }
    }

    /// The desk has come to a place.
    func reach(_ point: FaultPoint) throws(DeskFault) { try action(point) }
}
