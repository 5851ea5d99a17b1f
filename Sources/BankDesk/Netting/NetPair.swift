import GRDB
import Ledger

/// What two banks owe each other in a cycle, as one of them sees it.
public struct NetPair: Sendable, Equatable {
    /// How far it has come.
    public enum State: String, Sendable {
        /// The other bank's redemptions are being taken in hand.
        case instructing
        /// All is in hand: the payment is to be written, or awaited.
        case instructed
        /// The payment is in the outbox.
        case sent
        /// It is paid; the other bank's redemptions are being settled.
        case settling
        /// It is over, and paid.
        case settled
        /// It is not paid; the other bank's redemptions are being rejected.
        case unwinding
        /// It is over, and nothing was paid.
        case unwound

        /// Whether nothing more happens to it.
        public var isOver: Bool { self == .settled || self == .unwound }
    }

    /// Its number in the journal.
    public let id: Int64
    /// The other bank's token.
    public let other: Address
    /// The other bank's name.
    public let name: String
    /// Its BIC; empty where it never said one.
    public let bic: String
    /// By what both know it.
    public let reference: Hash32
    /// What this bank owes: the other one's redemptions of this bank's token.
    public let owing: UInt128
    /// What it is owed.
    public let owed: UInt128
    /// How far it has come.
    public let state: State
    /// Why it was unwound.
    public let reason: String?
    /// What the bank's messages said of the payment.
    let evidence: Evidence?

    /// What a message said of the payment.
    enum Evidence: String, Sendable {
        case paid
        case refused
    }

    /// The message's id, and the payment's name from end to end.
    public var messageID: String { PairName.message(reference) }
    /// What this bank pays, where it owes more than it is owed.
    public var toPay: UInt128 { owing > owed ? owing - owed : 0 }
    /// What this bank is paid.
    public var toReceive: UInt128 { owed > owing ? owed - owing : 0 }

    init(_ row: Row) throws {
        guard let state = State(rawValue: row["state"]) else {
            throw DeskFault.journal("a pair in an unknown state")
        }
        id = row["id"]
        other = try row.address("other")
        name = row["name"]
        bic = row["bic"]
        reference = try row.hash("reference")
        owing = try row.amount("owing")
        owed = try row.amount("owed")
        self.state = state
        reason = row["reason"]
        evidence = (row["evidence"] as String?).flatMap(Evidence.init(rawValue:))
    }
}

/// All that decides what becomes of a pair.
struct PairStanding {
    /// What the ledger says of this bank's redemptions of the other's token, together.
    enum Claims {
        /// There are none.
        case none
        /// The other bank has not taken all of them in hand.
        case requested
        /// It has.
        case instructed
        /// They were paid for, but for what a person gave back.
        case settled
        /// Some went back, and none was paid for.
        case back
    }

    /// When the ledger had all redemptions of one side in the other's hands.
    enum Taken: Equatable {
        /// It has not.
        case not
        /// Seconds since 1970.
        case at(UInt64)
        /// The node does not keep the block any more in which that was.
        case gone

        /// When; nil where it has not, or nobody can tell.
        var seconds: UInt64? { if case .at(let seconds) = self { seconds } else { nil } }
    }

    var pair: NetPair
    var claims: Claims
    /// When the ledger had all of the other bank's redemptions in this bank's hands; nil where it has not.
    ///
    /// Says something only where it ``hangsOnTimes(_:_:)``.
    var takenAt: UInt64?
    /// When it had all of this bank's in the other's.
    var takenByTheOtherAt: UInt64?
    /// Whether a quorum has signed the block in which that was; it has signed the one of ``takenAt``.
    var isCertified: Bool
    /// The cycle's deadline.
    var deadline: UInt64
    /// The ledger's time.
    var now: UInt64

    /// What is to be done.
    enum Step: Equatable {
        case wait
        case write
        case settle
        case unwind(String)
        /// Something that only a person can find out.
        case tell(String)
    }

    /// What is to be done next; of a pair that waits.
    var step: Step {
        switch pair.evidence {
        case .paid: return claims == .back ? .tell(Self.paidAndUnwound) : .settle
        case .refused:
            return claims == .settled
                ? .tell(Self.paidAndRefused) : .unwind(pair.reason ?? "NARR")
        case nil: break
        }
        if pair.toPay > 0 { return debtorsStep }
        if pair.toReceive > 0 { return creditorsStep }
        return evenStep
    }

    // Nothing is paid: both read from the same blocks whether both had the other's redemptions in hand by the
    // deadline, and come to the same.
    private var evenStep: Step { bothInHand { .settle } }

    // A payment order is written only where the ledger had the redemptions of both in hand by the deadline: so the
    // creditor can tell by the ledger alone that none comes any more, and no sum changes behind it. And only once that
    // is certified: money that has gone out does not come back with a block that is lost. One that was written may be
    // under way.
    private var debtorsStep: Step {
        guard pair.state == .instructed else {
            return now > deadline ? .tell(Self.unanswered) : .wait
        }
        return bothInHand { isCertified ? .write : .wait }
    }

    /// What to do once both banks have the other's redemptions in hand by the deadline, as the ledger has it.
    private func bothInHand(_ step: () -> Step) -> Step {
        switch claims {
        case .requested: return now > deadline ? .unwind(Self.tooLate) : .wait
        case .settled: return .settle
        case .none, .instructed, .back: break
        }
        guard let takenAt else { return .wait }
        if takenAt > deadline { return .unwind(Self.tooLate) }
        let isInTime = claims == .none || takenByTheOtherAt ?? .max <= deadline
        return claims != .back && isInTime ? step() : .unwind(Self.byTheOther)
    }

    /// Whether what is done next of a pair hangs on when redemptions were taken in hand.
    static func hangsOnTimes(_ pair: NetPair, _ claims: Claims) -> Bool {
        if claims == .requested || claims == .settled { return false }
        return pair.evidence == nil && pair.state == .instructed && pair.toReceive == 0
    }

    private var creditorsStep: Step {
        switch claims {
        case .back: return .unwind(Self.byTheOther)
        case .none, .requested: return now > deadline ? .unwind(Self.tooLate) : .wait
        case .instructed: return .wait
        case .settled: return now > deadline ? .tell(Self.notArrived) : .wait
        }
    }

    static let tooLate = "TM01"
    static let takenBack = "NARR what is owed was taken back on the ledger"
    static let byTheOther = "NARR the other bank did not pay"
    static let unanswered =
        "nothing says whether the payment between banks was made: ask, then tell the desk by a message"
    static let notArrived =
        "the other bank says that it has paid, and no message says that the money came"
    static let paidAndUnwound =
        "the money between banks came, and the other bank took its word back"
    static let paidAndTakenBack =
        "a payment between banks was made, and some of what it was for was given back on the ledger"
    static let unwoundAndSettled =
        "a payment between banks was not made, and some of what it was for was settled on the ledger"
    static let forgotten =
        "the node does not keep the blocks any more by which the banks agree: start the desk with --node of one that does"
    static let paidAndRefused =
        "a payment between banks was refused after the other bank settled it"
}

extension PairStanding.Claims {
    /// What this bank's redemptions of the other's token have come to, together.
    init(_ side: Journal.Side) {
        if side.units.keys.contains(where: { $0 == "rejected" || $0 == "returned" }) {
            // A bank unwinds only what it has not begun to settle: what it settled says more than what a person gave back.
            self = side.units["settled"] == nil ? .back : .settled
        } else if side.count == 0 {
            self = .none
        } else if side.isAll("settled") {
            self = .settled
        } else {
            self = side.isAll("instructed", "settled") ? .instructed : .requested
        }
    }
}
