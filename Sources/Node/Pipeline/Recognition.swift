import Ledger
import Replica

/// Tells transactions that were executed from those whose nonce somebody else has used.
///
/// A client that lost its connection asks again with a transaction that was executed meanwhile; it must not
/// take that for a nonce that somebody else has used. To find out takes a look into the history, one for each
/// transaction, however often a submission has it.
struct Recognition: Sendable {
    /// One for each transaction of the submission, final once ``isDone``.
    private(set) var answers: [Intake.Answer]
    /// Where in the submission each unclear transaction stands.
    private var places: [Hash32: [Int]] = [:]
    private var unclear: ArraySlice<Hash32> = []

    /// Finds what is unclear about a submission.
    ///
    /// - Parameters:
    ///   - answers: what the pool said.
    ///   - verified: the transactions; of those without a signer nothing is unclear.
    init(
        _ answers: [Intake.Answer], of verified: [Result<VerifiedTransaction, PoolRefusal>]
    ) {
        self.answers = answers
        for (index, answer) in answers.enumerated() {
            guard case .failure(.nonceTooLow) = answer,
                case .success(let transaction) = verified[index]
            else { continue }
            if places[transaction.hash] == nil { unclear.append(transaction.hash) }
            places[transaction.hash, default: []].append(index)
        }
    }

    /// Whether nothing is unclear any more.
    var isDone: Bool { unclear.isEmpty }

    /// Looks the next few transactions up.
    mutating func look(atMost count: Int, wasExecuted: (Hash32) -> Bool) {
        for hash in unclear.prefix(count) where wasExecuted(hash) {
            for index in places[hash] ?? [] { answers[index] = .failure(.alreadyKnown(hash)) }
        }
        unclear = unclear.dropFirst(count)
    }
}
