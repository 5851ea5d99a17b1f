import JSON
import Ledger
import Settlement
import Wallet

/// The template from which a chain's orders are opened: published, reviewed and active on the demo's ledger.
struct DemoTemplate {
    /// DIP for a reviewer's fees.
    private static let reviewerMoney: UInt128 = 1_000_000_000_000_000_000
    /// Where it is shipped.
    private static let file = "Genesis/templates/tiered-manufacturing.yaml"

    private let template: Template
    /// Who would get a fee for each order; here there is none.
    private let platform: Address

    var name: String { template.name }

    /// Publishes the template in the bank's name, and has it approved by as many as the ledger requires.
    ///
    /// - Parameters:
    ///   - bank: who publishes it.
    ///   - operators: the keys that vote for the banks, all of them; a majority admits the reviewers.
    /// - Throws: ``Failure`` where the file is not there or a call is refused.
    init(publishedBy bank: DemoBank, operators: [PrivateKey]) async throws {
        template = try TemplateFile(try ShippedFile.path(Self.file)).template()
        platform = bank.key.address
        let required = try await bank.ledger.requiredReviews()
        let reviewers = try (0..<required).map { _ in try PrivateKey.random() }
        try await bank.pay(reviewers.map { ($0.address, Self.reviewerMoney) }, in: .dip)
        try await TemplateShelf(bank: bank, operators: operators, reviewers: reviewers)
            .put([template])
    }

    /// The call that opens a firm's order on its suppliers.
    func open(
        by key: PrivateKey, token: Address, suppliers: [(account: Address, amount: UInt128)],
        pledges: [IOrders.Pledge]
    ) -> DemoCall {
        let bindings: JSON = [
            "token": .string(token.hex), "buyer": .string(key.address.hex),
            "platform": .string(platform.hex),
            "suppliers": .array(suppliers.map { .string($0.account.hex) }),
            "shares": .array(suppliers.map { .string(String($0.amount)) }),
        ]
        let id = template.id
        return DemoCall(
            by: key, .templates, ITemplates.Function.open, words: 3, value: template.royalty
        ) {
            $0.write(word: id)
            $0.write(string: Output.compact(bindings))
            $0.write(array: pledges)
        }
    }
}
