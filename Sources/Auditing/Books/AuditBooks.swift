import Execution
import Ledger
import Storage

/// What an audit writes down of the blocks that it executed and found right; the caller says where.
public struct AuditBooks {
    /// Takes each movement of money, in the order of the ledger.
    public var journal: ((JournalEntry) throws(StoreFault) -> Void)?
    /// Takes each change of a role or parameter, in the order of the ledger.
    public var roles: ((RoleChange) throws(StoreFault) -> Void)?

    /// Writes nothing down.
    public init() {}
}

/// The books while an audit runs.
struct OpenBooks {
    private let journal: Journal?
    private let roles: Roles?

    init(_ books: AuditBooks, _ machine: Machine) {
        journal = books.journal.map { Journal(machine, $0) }
        roles = books.roles.map { Roles(machine, $0) }
    }

    /// Whether there is anything to write.
    private var areWanted: Bool { journal != nil || roles != nil }

    /// Writes what there is after the block that the audit starts from.
    func open(_ start: AuditStart, _ block: Header) throws(StoreFault) {
        try roles?.open(block)
        guard let journal else { return }
        // The state of genesis is in no store yet.
        guard start.genesisBlock == nil else {
            return try journal.open(start.machine.genesis.allocations, block)
        }
        try journal.open(start.store.snapshot(), block)
    }

    /// Writes what a block did.
    func add(_ executed: ExecutedBlock, _ transactions: [VerifiedTransaction]) throws(StoreFault) {
        guard areWanted else { return }
        let block = BookedBlock(executed, transactions)
        try journal?.add(block)
        try roles?.add(block)
    }

    /// Whether what was written comes to the balances of a state.
    func agree(with state: StateSnapshot) throws(StoreFault) -> Bool {
        try journal?.agrees(with: state) ?? true
    }
}
