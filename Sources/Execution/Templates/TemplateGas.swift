import Ledger
import Settlement

/// What work on templates costs, in ``Gas``.
enum TemplateGas {
    /// Parsing a text of so many bytes.
    static func reading(_ bytes: Int) -> UInt64 { UInt64(bytes) * 24 }

    /// Keeping a text of so many bytes, which the transaction has paid to send but not to store.
    static func storing(_ bytes: Int) -> UInt64 { UInt64(bytes) * Gas.dataByte }

    /// Proving what must hold of every order that could be opened from a template: the most that a proof may
    /// compute, and what is played with the least members of each role.
    static func checking(_ template: Template) -> UInt64 {
        10_000_000 + playing(min(template.plays, Template.playLimit))
    }

    /// Playing combinations of outcomes, as ``Template/plays`` counts them.
    static func playing(_ plays: Int) -> UInt64 { UInt64(plays) * 10 }

    /// Splitting a royalty among the developer, the treasury and so many reviewers.
    static func royalty(reviewers: Int) -> UInt64 {
        Gas.entry + UInt64(reviewers + 2) * Gas.payment
    }

    /// Looking up who is behind an account.
    static let entity: UInt64 = 1_000

    /// Working out an order's terms.
    static func instantiating(content: Int, bindings: Int) -> UInt64 {
        reading(content) + reading(bindings)
    }
}
