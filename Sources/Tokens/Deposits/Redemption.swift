import Ledger

/// Deposit tokens on their way back to the bank, which owes their owner the money.
public struct Redemption: Hashable, Sendable {
    /// How far it has come; never `none`.
    public internal(set) var state: IBanks.Redemption
    /// Which bank's money.
    public let token: TokenID
    /// Who asked, and gets the tokens back if nothing comes of it, unless it was a bank's operator that was replaced.
    public let owner: Address
    /// How much; in flight it is at 0x…d105.
    public let amount: UInt128
    /// What the owner and the bank call the account to be paid.
    public let payout: Hash32
    /// When it returns if the bank has not instructed it, in seconds.
    public let deadline: UInt64
    /// The redemption that this owner asked for before, 0 for none.
    public let previous: UInt64
}

extension Redemption {
    /// As it is stored, 98 bytes.
    var bytes: [UInt8] {
        var writer = ByteWriter(capacity: 98)
        writer.write(byte: state.rawValue)
        writer.write(token.rawValue)
        writer.write(owner)
        writer.write(amount)
        writer.write(payout)
        writer.write(deadline)
        writer.write(previous)
        return writer.bytes
    }

    init(from reader: inout ByteReader) throws(DecodingFault) {
        guard let state = IBanks.Redemption(rawValue: try reader.read()), state != .none else {
            throw DecodingFault("unknown state of a redemption", at: reader.offset - 1)
        }
        self.state = state
        token = TokenID(rawValue: try reader.read())
        owner = try reader.readAddress()
        amount = try reader.read()
        payout = try reader.readHash()
        deadline = try reader.read()
        previous = try reader.read()
    }
}

/// When a redemption returns by itself.
struct RedemptionTimer: Hashable, Sendable, QueuedTimer {
    /// In seconds.
    let deadline: UInt64
    let id: UInt64

    var owner: UInt64 { id }

    static func < (left: RedemptionTimer, right: RedemptionTimer) -> Bool {
        left.deadline != right.deadline ? left.deadline < right.deadline : left.id < right.id
    }

    init(deadline: UInt64, id: UInt64) {
        self.deadline = deadline
        self.id = id
    }

    /// Reads a timer from its key.
    init(fromKey reader: inout ByteReader) throws(DecodingFault) {
        _ = try reader.read(UInt8.self)
        deadline = try reader.read()
        id = try reader.read()
    }
}
