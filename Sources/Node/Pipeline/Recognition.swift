import Ledger
import Replica

/// Tells transactions that were executed from those whose nonce somebody else has used.
///
/// A client that lost its connection asks again with a transaction that was executed meanwhile; it must not
/// take that for a nonce that somebody else has used. To find out takes a look into the history, one for each
/// transaction, however often a submission has it.
struct Recognition: Sendable {
    /// What the pool said, one for each transaction of the submission.
    private let said: [Intake.Answer]
    /// Where in the submission unclear transactions stand.
    private var places: [(index: Int, hash: Hash32)] = []
    /// Those that are still to be looked up, each once.
    private var unclear: ArraySlice<Hash32> = []
    private var executed: Set<Hash32> = []

    /// Finds what is unclear about a submission.
    ///
    /// - Parameters:
    ///   - answers: what the pool said.
    ///   - verified: the transactions; of those without a signer nothing is unclear.
    init(
        _ answers: [Intake.Answer], of verified: [Result<VerifiedTransaction, PoolRefusal>]
    ) {
        said = answers
        var known: Set<Hash32> = []
        for (index, answer) in answers.enumerated() {
            guard case .failure(.nonceTooLow) = answer,
                case .success(let transaction) = verified[index]
            else { continue }
            places.append((index, transaction.hash))
            if known.insert(transaction.hash).inserted { unclear.append(transaction.hash) }
        }
    }

    /// Whether nothing is unclear any more.
    var isDone: Bool { unclear.isEmpty }

    /// One for each transaction of the submission, final once ``isDone``.
    ///
    /// They are put together at the end: a submission has up to ten thousand, of which each turn looks at a few.
    var answers: [Intake.Answer] {
        guard !executed.isEmpty else { return said }
        var answers = said
        for (index, hash) in places where executed.contains(hash) {
            answers[index] = .failure(.alreadyKnown(hash))
        }
        return answers
    }

    /// Looks up the next few transactions.
    ///
    /// - Parameters:
    ///   - count: how many at most.
    ///   - reads: after how many blocks that were read it is enough.
    ///   - wasExecuted: looks one up, and adds how many blocks it read for that: one that was skipped is found
    ///     in its block, too.
    mutating func look(
        atMost count: Int, reads: Int, wasExecuted: (Hash32, _ reads: inout Int) -> Bool
    ) {
        var (looked, readNow) = (0, 0)
        for hash in unclear.prefix(count) {
            guard readNow < reads else { break }
            looked += 1
            if wasExecuted(hash, &readNow) { executed.insert(hash) }
        }
        unclear = unclear.dropFirst(looked)
    }
}
