import Ledger
import Tokens

/// What the banks decide together: who they are, prices and limits, the protocol's version.
///
/// Answers at 0x…d107, where the treasury's money is too. What a block goes by (``rules``, ``bankSet``) is
/// kept decoded and changes only between the end of one block and the first transaction of the next, so
/// that no draft has to undo it; everything that a transaction writes is read from the state.
public final class Governance {
    /// Prices and limits in force for the next block.
    public private(set) var rules: Rules
    /// The banks that sign the next block's header.
    public private(set) var bankSet: BankSet
    /// The hash of ``bankSet``.
    public private(set) var bankSetHash: Hash32

    /// How many blocks lie at least between the vote that activates a protocol version and the first block
    /// of that version: more than a leader cuts ahead of what it has executed.
    public static let versionNotice: UInt64 = 256

    let state: State
    private let genesis: Genesis

    /// Goes on from a stored state, or begins with what genesis says.
    init(state: State, genesis: Genesis) {
        self.state = state
        self.genesis = genesis
        rules =
            state.object(GovernanceKey.rules).flatMap { try? Rules(decoding: $0) } ?? genesis.rules
        bankSet =
            state.object(GovernanceKey.banks).flatMap { try? BankSet(decoding: $0) }
            ?? genesis.bankSet
        bankSetHash = bankSet.hash
    }

    /// Writes what genesis says into the state of block 0.
    func begin() {
        state.setObject(GovernanceKey.rules, rules.bytes)
        state.setObject(GovernanceKey.banks, bankSet.bytes)
    }

    /// The heights of the blocks that changed the banks, ascending; genesis is not among them.
    public var bankChanges: [UInt64] {
        guard let bytes = state.peekObject(GovernanceKey.bankChanges) else { return [] }
        var reader = ByteReader(bytes)
        var heights: [UInt64] = []
        while let height: UInt64 = try? reader.read() { heights.append(height) }
        return heights
    }

    /// Which protocol version holds from which height on, as far as it is decided.
    public var versions: VersionSchedule {
        state.object(GovernanceKey.versions).flatMap { try? VersionSchedule(decoding: $0) }
            ?? VersionSchedule()
    }

    // MARK: Calls

    /// Answers what governance can be asked: the rules in force and the banks.
    func call(_ call: Call) throws(Rejection) -> [UInt8] {
        guard let selector = call.selector else { throw .unknownSelector(0) }
        var reader = ABIReader(call.arguments)
        var writer = ABIWriter(words: 1)
        switch IGovernance.Function(rawValue: selector) {
        case .parameter:
            let name = try reader.string()
            try reader.finish()
            try state.gas.charge(Gas.call)
            guard let value = parameter(name) else {
                throw .badCalldata("there is no parameter called \(name)")
            }
            writer.write(uint: value)
        case .banks:
            try reader.finish()
            try state.gas.charge(Gas.call)
            writer.write(array: bankSet.banks.map(\.operator))
        default: throw .unknownSelector(selector)
        }
        return writer.finish()
    }

    /// The value of a parameter by its name, nil if there is none of that name.
    public func parameter(_ name: String) -> UInt128? {
        switch name {
        case "gasPrice": rules.gasPrice
        case "blockGasLimit": UInt128(rules.blockGasLimit)
        case "blockByteLimit": UInt128(rules.blockByteLimit)
        case "stepLimit": UInt128(rules.stepLimit)
        case "certificateQuorum": UInt128(bankSet.quorum)
        case "checkpointInterval": UInt128(genesis.checkpointInterval)
        case "protocolVersion": UInt128(versions.version(at: state.block.height))
        default: nil
        }
    }
}
