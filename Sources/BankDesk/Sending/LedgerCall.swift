import Ledger

/// What a call is for; the desk makes each for one entry of its journal and never twice.
public enum CallPurpose: String, Sendable, CaseIterable {
    /// Deposit tokens for money that came in.
    case issue
    /// An order paid for a customer.
    case fund
    /// A redemption taken in hand.
    case instruct
    /// A redemption that was paid.
    case settle
    /// A redemption that could not be paid.
    case reject
    /// The day's balance.
    case attest
    /// What is in hand of another bank's money, asked of that bank.
    case ask
    /// Nothing: the ledger makes a block, and so tells the time.
    case tick

    /// Whether only a quorum's signature makes it certain enough to act on: a payment order leaves the ledger.
    var needsCertificate: Bool { self == .instruct }

    /// Where the desk may be killed while it makes such a call.
    func point(_ stage: Stage) -> FaultPoint {
        guard let point = FaultPoint(rawValue: "\(rawValue)-\(stage.rawValue)") else {
            preconditionFailure("every purpose has its four places")
        }
        return point
    }

    enum Stage: String {
        case signed
        case sent
        case carriedOut = "carried-out"
        case recorded
    }
}

/// A call that the desk wants to be carried out once.
public struct LedgerCall: Sendable, Equatable {
    /// How far a call has come.
    public enum State: String, Sendable {
        /// To be tried and signed.
        case ready
        /// The ledger would refuse it now and may take it later: above the day's limit, for instance.
        case waiting
        /// Signed; what becomes of it is not known yet.
        case signed
        /// Carried out.
        case done
        /// Refused for good.
        case refused
    }

    /// Its number in the journal.
    public var id: Int64
    /// What it is for.
    public var purpose: CallPurpose
    /// Whose key signs.
    public var signer: Address
    /// Which contract is called.
    public var target: Address
    /// With what.
    public var data: [UInt8]

    /// Describes a call.
    public init(
        id: Int64, purpose: CallPurpose, signer: Address, target: Address, data: [UInt8]
    ) {
        self.id = id
        self.purpose = purpose
        self.signer = signer
        self.target = target
        self.data = data
    }
}

/// The encoding of the desk's calls.
enum DeskCall {
    /// Up to a thousand issues at once.
    static func issue(
        _ token: Address, _ to: [Address], _ amounts: [UInt128], _ references: [Hash32]
    ) -> [UInt8] {
        encoded(IBanks.Function.issueBatch, words: 4) {
            $0.write(token)
            $0.write(array: to)
            $0.write(array: amounts)
            $0.write(array: references)
        }
    }

    static func instruct(_ id: UInt64, message: Hash32) -> [UInt8] {
        encoded(IBanks.Function.instruct, words: 2) {
            $0.write(id)
            $0.write(word: message)
        }
    }

    static func settle(_ id: UInt64, reference: Hash32) -> [UInt8] {
        encoded(IBanks.Function.settle, words: 2) {
            $0.write(id)
            $0.write(word: reference)
        }
    }

    static func reject(_ id: UInt64, reason: String) -> [UInt8] {
        encoded(IBanks.Function.reject, words: 2) {
            $0.write(id)
            $0.write(string: reason)
        }
    }

    static func redeem(_ token: Address, _ amount: UInt128, payout: Hash32) -> [UInt8] {
        encoded(IBanks.Function.redeem, words: 3) {
            $0.write(token)
            $0.write(amount)
            $0.write(word: payout)
        }
    }

    static func attest(
        _ token: Address, balance: UInt128, statement: Hash32, asOf: UInt64
    ) -> [UInt8] {
        encoded(IBanks.Function.attestReserve, words: 4) {
            $0.write(token)
            $0.write(balance)
            $0.write(word: statement)
            $0.write(asOf)
        }
    }

    static func fund(_ order: UInt64, _ amount: UInt128) -> [UInt8] {
        encoded(IOrders.Function.fund, words: 2) {
            $0.write(order)
            $0.write(amount)
        }
    }

    static func encoded(
        _ function: some RawRepresentable<UInt32>, words: Int, _ write: (inout ABIWriter) -> Void
    ) -> [UInt8] {
        var writer = ABIWriter(selector: function.rawValue, words: words)
        write(&writer)
        return writer.finish()
    }
}
