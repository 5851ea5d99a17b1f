/// How much happened in runs.
public struct Counts: Sendable, CustomStringConvertible {
    /// Blocks of the ledger.
    public var blocks = 0
    /// Transactions executed.
    public var transactions = 0
    /// Transactions skipped.
    public var skipped = 0
    /// Receipts that clients have.
    public var receipts = 0
    /// Processes that ended.
    public var crashes = 0
    /// Terms with a leader.
    public var leaders = 0
    /// Disks that were lost and restored from a backup.
    public var restores = 0
    /// Changes of the banks.
    public var changes = 0
    /// Checkpoints of the state, on each node.
    public var checkpoints = 0
    /// Proofs that a bank signed two headers.
    public var evidence = 0
    /// Messages that came over a connection after something over its successor.
    public var late = 0
    /// Times that a node followed the marker of a lying leader.
    public var misled = 0
    /// Epochs for which banks were paid.
    public var epochs = 0
    /// Times that a node fetched blocks from others.
    public var fetches = 0
    /// Bodies that a node passed over because nobody can execute them.
    public var voidBodies = 0

    /// Nothing.
    public init() {}

    private static let fields: [(words: String, path: WritableKeyPath<Counts, Int> & Sendable)] = [
        ("blocks", \.blocks), ("transactions", \.transactions), ("skipped", \.skipped),
        ("receipts", \.receipts), ("crashes", \.crashes), ("leaders", \.leaders),
        ("epochs paid", \.epochs), ("fetches", \.fetches), ("of them misled", \.misled),
        ("void bodies passed over", \.voidBodies), ("late messages", \.late),
        ("restores", \.restores),
        ("changes of banks", \.changes),
        ("checkpoints", \.checkpoints), ("proofs against liars", \.evidence),
    ]

    /// The counts in a fixed order.
    public var numbers: [Int] { Self.fields.map { self[keyPath: $0.path] } }

    /// Reads what ``numbers`` gave.
    public init(numbers: [Int]) {
        for (field, number) in zip(Self.fields, numbers) { self[keyPath: field.path] = number }
    }

    /// Adds what happened in other runs.
    public mutating func add(_ other: Counts) {
        for field in Self.fields { self[keyPath: field.path] += other[keyPath: field.path] }
    }

    /// Every count with its name.
    public var description: String {
        Self.fields.map { "\(self[keyPath: $0.path]) \($0.words)" }.joined(separator: ", ")
    }

    /// What happened too seldom in so many runs to prove anything, in words; nil if nothing did.
    public func lack(seeds: Int) -> String? {
        guard seeds >= 100 else { return nil }
        let wanted = [
            (transactions, 10, "transactions"), (receipts, 10, "receipts"), (crashes, 2, "crashes"),
            (leaders, 2, "leaders"), (10 * fetches, 1, "tenths of fetches"),
            (epochs, 1, "epochs paid"),
        ]
        guard let lack = wanted.first(where: { $0.0 < $0.1 * seeds }) else { return nil }
        return "\(lack.0) \(lack.2) in \(seeds) runs"
    }
}
