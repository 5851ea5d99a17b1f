import Ledger

/// All money on a ``State``: DIP and issued tokens, who holds what, and who may do what with it.
///
/// Decoded tokens are kept in memory and written through at once, so that between calls the state alone
/// says everything. Every throwing operation either happens or leaves the state as it was.
public final class TokenLedger: DraftParticipant {
    /// Where everything is kept.
    public let state: State

    /// Decoded tokens by id, nil where not read yet; as long as there are tokens, DIP included.
    var records: ContiguousArray<TokenRecord?>
    /// What a payment must know of each token; the same length as `records`.
    var policies: ContiguousArray<TokenPolicy>
    /// All issued tokens by address.
    ///
    /// Complete, so that a payment to an account, which must make sure that no token answers there, reads
    /// nothing; some 50 bytes a token.
    private var ids: [Address: TokenID] = [:]
    /// Of which addresses ``ids`` need be asked at all: every payee is asked for.
    private var mayBeToken = AddressFilter()

    /// Who operates the bank behind a deposit token, which is known to the banks only.
    ///
    /// Nil where there are no banks, as when a template is played: who has such a token's admin's role says.
    public var operatorOfDeposit: ((TokenID) -> Address?)?

    /// When which redemption returns by itself.
    var deadlines = TimerQueue<RedemptionTimer>()
    /// What the running transaction paid in deposit tokens and that is to be converted or redeemed.
    var payoutsDue: ContiguousArray<PayoutDue> = []
    /// How many of them were looked at for being converted.
    var conversionsServed = 0
    /// How many of them were looked at for being redeemed.
    var redemptionsServed = 0

    /// Scratch of a batch: where its payees' cells are.
    var slots: ContiguousArray<UInt32> = []

    private var participant = 0
    private var undos: ContiguousArray<TokenUndo> = []

    /// How many records are not nil.
    private var recordsLoaded: ContiguousArray<UInt32> = []
    /// Decoded tokens kept in memory between blocks.
    private let recordLimit: Int

    /// Opens the money of a state.
    ///
    /// - Parameters:
    ///   - state: where it is kept.
    ///   - recordLimit: how many decoded tokens may stay in memory between blocks.
    public init(state: State, recordLimit: Int = 1 << 14) {
        self.state = state
        self.recordLimit = recordLimit
        let issued = state.object(TokenKey.count).map { believed($0) { try $0.read(UInt32.self) } }
        records = ContiguousArray(repeating: nil, count: Int(issued ?? 0) + 1)
        policies = ContiguousArray(repeating: TokenPolicy(), count: records.count)
        for index in 1..<records.count {
            let id = TokenID(rawValue: UInt32(index))
            ids[id.address] = id
            mayBeToken.insert(id.address)
        }
        state.scan(prefix: [DepositKey.deadlinePrefix]) { key, _ in
            deadlines.set(believed(key, RedemptionTimer.init(fromKey:)))
            return true
        }
        participant = state.join(self)
    }

    // MARK: Which tokens there are

    /// How many tokens were issued, DIP not among them.
    public var count: UInt32 { UInt32(records.count - 1) }

    /// The token that answers at an address: DIP at 0x…d100, issued ones at theirs.
    public func find(_ address: Address) -> TokenID? {
        address == .dip ? .dip : issued(at: address)
    }

    /// The issued token that answers at an address.
    @inline(__always)
    func issued(at address: Address) -> TokenID? {
        mayBeToken.contains(address) ? ids[address] : nil
    }

    /// The n-th issued token, counted from 0.
    public func issued(_ index: UInt32) -> TokenID? {
        index < count ? TokenID(rawValue: index + 1) : nil
    }

    /// Where a token's contract answers.
    public func address(of id: TokenID) -> Address {
        id == .dip ? .dip : record(id).address
    }

    /// How much of a token there is: the sum of all balances.
    public func supply(of id: TokenID) -> UInt128 { record(id).supply }

    /// What a wallet shows of a token.
    public func info(_ id: TokenID) -> TokenInfo { TokenInfo(id: id, record(id)) }

    // MARK: Decoded tokens

    /// A token, read if need be; the caller has the id from ``find(_:)`` or ``issued(_:)``.
    func record(_ id: TokenID) -> TokenRecord {
        records[Int(id.rawValue)] ?? load(id)
    }

    /// What a payment must know of a token.
    @inline(__always)
    func policy(_ id: TokenID) -> TokenPolicy {
        let policy = policies[Int(id.rawValue)]
        if policy.isLoaded { return policy }
        return TokenPolicy(load(id))
    }

    private func load(_ id: TokenID) -> TokenRecord {
        var record: TokenRecord
        if id == .dip {
            record = .dip
            if let changing = state.object(TokenKey.supply(id)) {
                record.supply = believed { try TokenRecord.read(changing: changing).0 }
            }
        } else {
            let fixed = state.object(TokenKey.token(id))
            let changing = state.object(TokenKey.supply(id))
            guard let fixed, let changing else {
                // Only a store that failed to answer forgets a token that is counted; what follows is
                // dropped with the block, see ``StateSource/fault``.
                precondition(state.fault != nil, "token \(id.rawValue) is counted but not stored")
                return .dip
            }
            record = believed {
                try TokenRecord(fixed: fixed, changing: changing)
            }
        }
        records[Int(id.rawValue)] = record
        policies[Int(id.rawValue)] = TokenPolicy(record)
        recordsLoaded.append(id.rawValue)
        return record
    }

    /// Changes supply or pause of a token, in memory and in the state.
    func change(_ id: TokenID, _ body: (inout TokenRecord) -> Void) {
        var record = record(id)
        note(
            .changed(id, supply: record.supply, flags: record.flags))
        body(&record)
        records[Int(id.rawValue)] = record
        policies[Int(id.rawValue)] = TokenPolicy(record)
        state.setObject(TokenKey.supply(id), record.changingBytes)
    }

    /// Adds a token behind the last one.
    func append(_ record: TokenRecord) -> TokenID {
        let id = TokenID(rawValue: UInt32(records.count))
        note(.issued)
        records.append(record)
        recordsLoaded.append(id.rawValue)
        policies.append(TokenPolicy(record))
        ids[record.address] = id
        mayBeToken.insert(record.address)
        state.setObject(TokenKey.token(id), record.fixedBytes)
        state.setObject(TokenKey.supply(id), record.changingBytes)
        state.setObject(TokenKey.count, bytes { $0.write(id.rawValue) })
        return id
    }

    // MARK: Drafts

    func note(_ undo: TokenUndo) {
        undos.append(undo)
        state.journal(participant: participant, undo: undos.count - 1)
    }

    /// Undoes one change of a decoded token.
    public func undo(_ number: Int) {
        precondition(number == undos.count - 1, "token changes are undone in reverse order")
        switch undos.removeLast() {
        case .issued:
            policies.removeLast()
            if let record = records.removeLast() { ids[record.address] = nil }
        case .changed(let id, let supply, let flags):
            guard var record = records[Int(id.rawValue)] else { return }
            record.supply = supply
            record.flags = flags
            records[Int(id.rawValue)] = record
            policies[Int(id.rawValue)] = TokenPolicy(record)
        case .deadline(let id, let timer): deadlines.set(timer, of: id)
        case .payoutDue:
            payoutsDue.removeLast()
            conversionsServed = min(conversionsServed, payoutsDue.count)
            redemptionsServed = min(redemptionsServed, payoutsDue.count)
        }
    }

    /// Forgets how to undo.
    public func adopted() {
        undos.removeAll(keepingCapacity: true)
        payoutsDue.removeAll(keepingCapacity: true)
        conversionsServed = 0
        redemptionsServed = 0
    }

    /// Lets go of decoded tokens where there are too many; all are written already.
    public func blockEnds() {
        guard recordsLoaded.count > recordLimit else { return }
        // Those alone: there may be many more tokens. One whose issue was undone may be beyond the last.
        for number in recordsLoaded where number < records.count {
            records[Int(number)] = nil
            policies[Int(number)] = TokenPolicy()
        }
        recordsLoaded.removeAll(keepingCapacity: true)
    }
}

/// How to undo a change of a decoded token.
enum TokenUndo {
    case issued
    case changed(TokenID, supply: UInt128, flags: TokenRecord.Flags)
    case deadline(UInt64, RedemptionTimer?)
    case payoutDue
}
