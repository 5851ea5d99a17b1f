import Ledger
import Tokens

/// Where DIP comes from and goes to: totals, and the fees of epochs, which go to the banks that signed.
///
/// The epochs are kept decoded and change only at the start of a block, before its first transaction, so
/// that no draft has to undo them; everything else is read from the state.
public final class Economy {
    let state: State
    let tokens: TokenLedger
    /// What votes for headers are signed under.
    let domain: EIP712.Domain
    private(set) var epochs: Epochs

    /// Goes on from a stored state, or begins with what genesis says.
    init(state: State, tokens: TokenLedger, genesis: Genesis) {
        self.state = state
        self.tokens = tokens
        domain = .headers(chainID: genesis.chainID)
        epochs =
            state.object(EconomyKey.epochs).map { bytes in believed { try Epochs(decoding: bytes) }
            }
            ?? Epochs(blocks: genesis.rules.epochBlocks)
    }

    /// Writes the first epoch into the state of block 0.
    func begin() { adopt(epochs) }

    /// Makes other epochs the running one and the one before; only at the start of a block.
    func adopt(_ epochs: Epochs) {
        self.epochs = epochs
        state.setObject(EconomyKey.epochs, epochs.bytes)
    }

    // MARK: Totals

    /// What something has come to over the ledger's life, modulo 2^128; without what the running block's
    /// transactions paid in fees.
    public func total(_ total: EconomyTotal) -> UInt128 {
        state.object(EconomyKey.total(total)).map { believed($0) { try $0.read() } } ?? 0
    }

    /// Counts an amount that was moved; undone with the transaction if that is refused.
    func add(_ total: EconomyTotal, _ amount: UInt128) {
        guard amount > 0 else { return }
        var writer = ByteWriter(capacity: 16)
        writer.write(self.total(total) &+ amount)
        state.setObject(EconomyKey.total(total), writer.bytes)
    }

    /// All that came in which signing nodes have a part in, modulo 2^128.
    var sharedFees: UInt128 { EconomyTotal.shared.reduce(0) { $0 &+ total($1) } }

    /// What the treasury must have, apart from what was given to it, modulo 2^128.
    ///
    /// - Parameter endowment: what genesis gave it.
    /// - Returns: an amount in DIP units.
    public func treasury(endowment: UInt128) -> UInt128 {
        let came = EconomyTotal.receipts.reduce(endowment) { $0 &+ total($1) }
        return EconomyTotal.expenses.reduce(came) { $0 &- total($1) }
    }

    // MARK: Epochs

    /// The running epoch.
    public var epoch: Epoch { epochs.current }
    /// The epoch before, whose fees are shared when the running one has ended; nil in the first one.
    public var previous: EndedEpoch? { epochs.previous }
    /// The fees of the running epoch's blocks so far.
    public var epochFees: UInt128 { sharedFees &- epoch.feesBefore }

    /// What was paid for the last epoch that was paid for, nil before there was one.
    public var lastPaid: EpochAccount? {
        state.object(EconomyKey.paid).map { bytes in believed { try EpochAccount(decoding: bytes) }
        }
    }

    /// Whether a block is one of those of which it is asked who signed them.
    public func isSampled(_ height: UInt64) -> Bool { epochs.samples(height) }

    /// How many sampled heights of an epoch there are so far, and how many of them each bank is known to have
    /// signed.
    ///
    /// - Parameter epoch: the running one or the one before; others have no samples.
    /// - Returns: banks that signed none are not listed; ascending by id.
    public func signed(in epoch: Epoch) -> (heights: Int, banks: [(id: UInt64, count: UInt32)]) {
        var counts: [UInt64: UInt32] = [:]
        var heights = 0
        for height in epoch.sampledHeights {
            guard let sample = sample(height) else { continue }
            heights += 1
            for bank in sample.banks { counts[bank, default: 0] += 1 }
        }
        return (heights, counts.keys.sorted().map { ($0, counts[$0] ?? 0) })
    }

    func sample(_ height: UInt64) -> Sample? {
        state.peekObject(EconomyKey.sample(height)).map { bytes in
            believed { try Sample(decoding: bytes) }
        }
    }
}
