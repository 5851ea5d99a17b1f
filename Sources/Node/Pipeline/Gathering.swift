import Ledger
import Threads

/// Collects the shares of a submission.
final class Gathering: Sendable {
    typealias Verified = Intake.Verified

    private struct Parts {
        var results: [Verified?]
        var missing: Int
    }

    private let parts: Locked<Parts>

    init(count: Int, shares: Int) {
        parts = Locked(Parts(results: Array(repeating: nil, count: count), missing: shares))
    }

    /// - Returns: everything, to whoever brought the last share.
    func put(_ results: [Verified], at start: Int) -> [Verified]? {
        parts.with { parts in
            for (offset, result) in results.enumerated() { parts.results[start + offset] = result }
            parts.missing -= 1
            return parts.missing == 0 ? parts.results.compactMap { $0 } : nil
        }
    }
}
