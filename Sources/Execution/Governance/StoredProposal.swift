import Ledger

/// A proposal as it stands in the state.
struct StoredProposal: Hashable, Sendable {
    /// What a bank said.
    struct Vote: Hashable, Sendable {
        /// The bank, by its id: a rotated key gives no second vote.
        let bank: UInt64
        /// Its operator when it voted.
        let account: Address
        /// For or against.
        let yes: Bool
    }

    /// What a proposal is waiting for, or has come to.
    enum State: Hashable, Sendable {
        /// Votes, until its expiry.
        case open
        /// This height.
        case decided(height: UInt64)
        /// Nothing: it held from this height on.
        case enacted(height: UInt64)
        /// Nothing: at this height it could not be.
        case failed(height: UInt64)
    }

    /// What is proposed.
    let kind: IGovernance.Kind
    /// By whose operator.
    let by: Address
    /// The last second in which it can be voted on.
    let expiry: UInt64
    /// The arguments of the kind, ABI-encoded.
    let data: [UInt8]
    /// How far it has come.
    var state = State.open
    /// What banks said, each once, in the order of their ids.
    private(set) var votes: [Vote] = []

    init(kind: IGovernance.Kind, by account: Address, expiry: UInt64, data: [UInt8]) {
        self.kind = kind
        by = account
        self.expiry = expiry
        self.data = data
    }

    /// Takes a bank's vote instead of the one that it may have given before, and forgets those of banks
    /// that left meanwhile.
    mutating func take(_ vote: Vote, among set: BankSet) {
        votes.removeAll { $0.bank == vote.bank || set[id: $0.bank] == nil }
        votes.append(vote)
        votes.sort { $0.bank < $1.bank }
    }

    /// Whether more than half of the banks are for it, right after ``take(_:among:)`` of the same set.
    func isWanted(by set: BankSet) -> Bool {
        2 * votes.count { $0.yes } > set.banks.count
    }

    // MARK: Bytes

    /// The stored value; `docs/formats/state.md`.
    var bytes: [UInt8] {
        var writer = ByteWriter(capacity: 64 + data.count + 29 * votes.count)
        writer.write(byte: kind.rawValue)
        writer.write(by)
        writer.write(expiry)
        let (code, height): (UInt8, UInt64) =
            switch state {
            case .open: (0, 0)
            case .decided(let height): (1, height)
            case .enacted(let height): (2, height)
            case .failed(let height): (3, height)
            }
        writer.write(byte: code)
        writer.write(height)
        writer.write(counted: data)
        writer.write(byte: UInt8(clamping: votes.count))
        for vote in votes {
            writer.write(vote.bank)
            writer.write(vote.account)
            writer.write(byte: vote.yes ? 1 : 0)
        }
        return writer.bytes
    }

    /// Decodes a stored value.
    init(decoding bytes: [UInt8]) throws(DecodingFault) {
        var reader = ByteReader(bytes)
        guard let kind = IGovernance.Kind(rawValue: try reader.read()) else {
            throw DecodingFault("no kind of proposal has this number")
        }
        self.kind = kind
        by = try reader.readAddress()
        expiry = try reader.read()
        let code = try reader.read(UInt8.self)
        let height: UInt64 = try reader.read()
        switch code {
        case 0: state = .open
        case 1: state = .decided(height: height)
        case 2: state = .enacted(height: height)
        case 3: state = .failed(height: height)
        default: throw DecodingFault("no state of a proposal has this number", at: reader.offset)
        }
        data = Array(try reader.readCounted())
        for _ in 0..<(try reader.read(UInt8.self)) {
            votes.append(
                Vote(
                    bank: try reader.read(), account: try reader.readAddress(),
                    yes: try reader.read(UInt8.self) == 1))
        }
        try reader.finish()
    }
}

/// A decided proposal that waits for its height; the order is that in which they are carried out.
struct WaitingProposal: Hashable, Comparable {
    let height: UInt64
    let id: UInt64

    static func < (left: WaitingProposal, right: WaitingProposal) -> Bool {
        (left.height, left.id) < (right.height, right.id)
    }
}
