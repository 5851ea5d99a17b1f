import Ledger
import Tokens

/// What the banks decide together: who they are, prices and limits, the protocol's version.
///
/// Answers at 0x…d107, where the treasury's money is too. What a block goes by (``rules``, ``bankSet``) is
/// kept decoded and changes only at the start of a block, before its first transaction, so that no draft
/// has to undo it; everything that a transaction writes is read from the state.
public final class Governance {
    /// Prices and limits in force.
    public private(set) var rules: Rules
    /// The banks that sign the next block's header.
    public private(set) var bankSet: BankSet
    /// The hash of ``bankSet``.
    public private(set) var bankSetHash: Hash32

    /// How many blocks lie at least between the vote that activates a protocol version and the first block
    /// of that version: more than a leader cuts ahead of what it has executed.
    public static let versionNotice: UInt64 = 256
    /// How far a protocol version may be above the last one that was activated.
    public static let versionsSkippedMax: UInt16 = 16
    /// How many blocks ahead a protocol version may be activated: four months of a block a second.
    ///
    /// Versions hold one after the other and none is taken back, so that no other one comes before. Banks need weeks to
    /// exchange their programs; a mistaken height is not to keep them from it for years.
    public static let versionAheadMax: UInt64 = 10_000_000
    /// The largest `data` of a proposal in bytes.
    public static let dataBytesMax = 4096
    /// How many decided proposals may wait where another one is decided for a height further on.
    ///
    /// Twice as many may where it is for the next block.
    public static let waitingMax = 256
    /// How many blocks a proposal may state its height ahead, so that none waits for ever.
    public static let heightAheadMax: UInt64 = 100_000_000
    /// How many reviewers of templates there may be.
    public static let reviewersMax = 64

    let state: State
    let tokens: TokenLedger
    let economy: Economy
    let genesis: Genesis

    /// The templates, as far as the banks have a say in them.
    var shelf: TemplateShelf { TemplateShelf(state: state, tokens: tokens) }

    /// The banks as 0x…d105 knows them.
    var roll: BankRoll { BankRoll(state: state, tokens: tokens) }

    /// Goes on from a stored state, or begins with what genesis says.
    init(state: State, tokens: TokenLedger, economy: Economy, genesis: Genesis) {
        self.state = state
        self.tokens = tokens
        self.economy = economy
        self.genesis = genesis
        rules =
            state.object(GovernanceKey.rules).map { bytes in believed { try Rules(decoding: bytes) }
            }
            ?? genesis.rules
        bankSet =
            state.object(GovernanceKey.banks).map { bytes in
                believed { try BankSet(decoding: bytes) }
            }
            ?? genesis.bankSet
        bankSetHash = bankSet.hash
    }

    /// Writes what genesis says into the state of block 0.
    func begin() {
        state.setObject(GovernanceKey.rules, rules.bytes)
        state.setObject(GovernanceKey.banks, bankSet.bytes)
    }

    /// Makes another set that of the banks; only at the start of a block.
    func adopt(_ set: BankSet) {
        roll.follow(from: bankSet, to: set)
        bankSet = set
        bankSetHash = set.hash
        state.setObject(GovernanceKey.banks, set.bytes)
        noteBankChange()
    }

    /// Puts other rules in force; only at the start of a block.
    func adopt(_ rules: Rules) {
        self.rules = rules
        state.setObject(GovernanceKey.rules, rules.bytes)
        state.block.gasPrice = rules.gasPrice
        state.block.stepLimit = Int(rules.stepLimit)
        state.block.redemptionDeadline = rules.redemptionDeadline
    }

    /// The value of a parameter by its name, nil if there is none of that name.
    public func parameter(_ name: String) -> UInt128? {
        switch name {
        case "certificateQuorum": UInt128(bankSet.quorum)
        case "checkpointInterval": UInt128(genesis.checkpointInterval)
        case "protocolVersion": UInt128(versions.version(at: state.block.height))
        default: rules[name]
        }
    }
}
