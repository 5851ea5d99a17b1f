import Ledger

/// What a desk needs of the ledger; a node gives it, tests have it in memory.
public protocol DeskLedger: Sendable {
    /// Which ledger it is, and what a transaction costs.
    func facts() async throws(DeskFault) -> LedgerFacts
    /// How many transactions of an account are carried out.
    func nonce(of account: Address) async throws(DeskFault) -> UInt64
    /// What a call would do now.
    func attempt(_ call: LedgerCall) async throws(DeskFault) -> Trial
    /// Hands signed transactions over; nil for one that was taken or is known, else why not.
    func send(_ raw: [[UInt8]]) async throws(DeskFault) -> [String?]
    /// The DIP that an account has, in smallest units.
    func funds(of account: Address) async throws(DeskFault) -> UInt128
    /// What became of transactions; nil for one of which nothing is known within its time. The times pass together.
    func receipts(
        of questions: [ReceiptQuestion]
    ) async throws(DeskFault) -> [CallReceipt?]
    /// The time of a block, seconds since 1970; nil where the node keeps the block no more.
    func time(ofBlock height: UInt64) async throws(DeskFault) -> UInt64?
    /// Reads from a contract, as the last block left it.
    func read(_ contract: Address, _ data: [UInt8]) async throws(DeskFault) -> [UInt8]
    /// What happened at 0x…d105 from a cursor on; the first cursor is `0:0`.
    func events(from cursor: String) async throws(DeskFault) -> EventPage
    /// To whom and how much was issued under a reference; nil where nothing was, or the node has forgotten it.
    func issued(
        _ token: Address, under reference: Hash32
    ) async throws(DeskFault) -> (to: Address, amount: UInt128)?
    /// The order of a number; nil where there is none.
    func order(_ id: UInt64) async throws(DeskFault) -> OrderFacts?
}

/// Which ledger a node has, and what it takes for a transaction.
public struct LedgerFacts: Sendable, Equatable {
    /// The chain id.
    public var chainID: UInt64
    /// The hash of block 0.
    public var genesis: Hash32
    /// DIP units per gas.
    public var gasPrice: UInt128
    /// The gas that a block has: what asks for more is in none.
    public var blockGas: UInt64
    /// The last block's time, seconds since 1970.
    public var time: UInt64
    /// The highest block that a quorum of the banks has signed, and with it all below.
    public var certified: UInt64
    /// Whether the node has all that the banks have, as far as it can say.
    public var isCurrent: Bool

    /// States facts.
    public init(
        chainID: UInt64, genesis: Hash32, gasPrice: UInt128, blockGas: UInt64, time: UInt64,
        certified: UInt64, isCurrent: Bool
    ) {
        self.chainID = chainID
        self.genesis = genesis
        self.gasPrice = gasPrice
        self.blockGas = blockGas
        self.time = time
        self.certified = certified
        self.isCurrent = isCurrent
    }
}

/// What an order's payment depends on.
public struct OrderFacts: Sendable, Equatable {
    /// Who pays it.
    public var buyer: Address
    /// In which token.
    public var token: Address
    /// What is still to be paid; 0 for one that takes no money any more.
    public var outstanding: UInt128

    /// States facts.
    public init(buyer: Address, token: Address, outstanding: UInt128) {
        self.buyer = buyer
        self.token = token
        self.outstanding = outstanding
    }
}

/// What a call would do.
public enum Trial: Sendable, Equatable {
    /// It would be carried out with so much gas, for which an account would pay.
    case works(gas: UInt64, payer: Address)
    /// It would be refused.
    case refused(LedgerRefusal)
}

/// Asks what became of a transaction.
public struct ReceiptQuestion: Sendable, Equatable {
    /// Which transaction.
    public var hash: Hash32
    /// Whether a quorum must have signed its block.
    public var certified: Bool
    /// How long to wait for it, from when it is asked together with others.
    public var milliseconds: Int

    /// Asks a question.
    public init(hash: Hash32, certified: Bool, milliseconds: Int) {
        self.hash = hash
        self.certified = certified
        self.milliseconds = milliseconds
    }
}

/// What became of a transaction.
public struct CallReceipt: Sendable, Equatable {
    /// In which block.
    public var block: UInt64
    /// Why it was refused; nil where it was carried out.
    public var refusal: LedgerRefusal?

    /// States what became of one.
    public init(block: UInt64, refusal: LedgerRefusal?) {
        self.block = block
        self.refusal = refusal
    }
}

/// Why the ledger refused a call.
public struct LedgerRefusal: Sendable, Equatable {
    /// The error's name, `DuplicateReference` for instance.
    public var name: String
    /// The first 32 bytes of its arguments, where it has any: the reference, for `DuplicateReference`.
    public var word: Hash32?

    /// Names a refusal.
    public init(_ name: String, word: Hash32? = nil) {
        self.name = name
        self.word = word
    }

    /// As the journal keeps it: the name, and the word behind a space.
    var text: String { word.map { "\(name) \($0.hex)" } ?? name }

    /// Reads what the journal kept.
    init(text: String) {
        let parts = text.split(separator: " ", maxSplits: 1)
        name = parts.first.map(String.init) ?? ""
        word = parts.count > 1 ? Hash32(hex: parts[1]) : nil
    }
}

/// Events of the banks' contract, in order.
public struct EventPage: Sendable, Equatable {
    /// What happened.
    public var events: [BankEvent]
    /// Where the next page begins.
    public var cursor: String
    /// Whether there may be more by now.
    public var hasMore: Bool

    /// Makes a page.
    public init(events: [BankEvent], cursor: String, hasMore: Bool) {
        self.events = events
        self.cursor = cursor
        self.hasMore = hasMore
    }
}

/// What the desk follows on the ledger.
public enum BankEvent: Sendable, Equatable {
    /// A customer wants its money.
    case requested(
        id: UInt64, token: Address, owner: Address, amount: UInt128, payout: Hash32, block: UInt64)
    /// A redemption is in its bank's hands; `message` is the hash of what the bank calls its payment file.
    case instructed(id: UInt64, block: UInt64 = 0, message: Hash32 = .zero)
    /// A redemption was paid, and its tokens are gone.
    case settled(id: UInt64)
    /// The tokens went back, because the bank could not pay.
    case rejected(id: UInt64)
    /// The tokens went back, because the bank did not answer in time.
    case returned(id: UInt64)
    /// A bank has another operator from this block on.
    case operatorChanged(from: Address, to: Address, block: UInt64)
}
