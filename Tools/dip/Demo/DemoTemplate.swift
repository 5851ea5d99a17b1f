import Foundation
import Gateway
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
    ///   - operators: keys that vote for banks, all of them; a majority admits the reviewers.
    /// - Throws: ``Failure`` where the file is not there or a call is refused.
    init(publishedBy bank: DemoBank, operators: [PrivateKey]) async throws {
        template = try TemplateFile(try ShippedFile.path(Self.file)).template()
        platform = bank.key.address
        let ledger = bank.ledger
        let required = try await ledger.parameter("requiredReviews")
        let reviewers = try (0..<required).map { _ in try PrivateKey.random() }
        try await bank.pay(
            reviewers.map { ($0.address, Self.reviewerMoney) }, in: .dip)
        try await ledger.admit(reviewers.map(\.address), operators: operators)
        try await publish(by: bank, reviewers)
    }

    private func publish(by bank: DemoBank, _ reviewers: [PrivateKey]) async throws {
        let ledger = bank.ledger
        let cost = try await ledger.view(.templates, ITemplates.Function.publicationCost)
        guard cost.count == 64, let fee = Hash32(Array(cost[..<32]))?.number,
            let deposit = Hash32(Array(cost[32...]))?.number
        else { throw Failure.failed("what publishing a template costs is not understood") }
        let (json, id) = (template.canonicalBytes, template.id)
        _ = try await ledger.perform(
            DemoCall(
                by: bank.key, .templates, ITemplates.Function.publish, words: 2,
                value: fee + deposit
            ) {
                $0.write(bytes: json)
                $0.write(word: .zero)
            })
        let report = Keccak256.hash("\(template.name): as shipped")
        _ = try await ledger.perform(
            reviewers.map { reviewer in
                DemoCall(by: reviewer, .templates, ITemplates.Function.review, words: 3) {
                    $0.write(word: id)
                    $0.write(true)
                    $0.write(word: report)
                }
            })
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

extension DemoLedger {
    /// What a contract answers.
    fileprivate func view(
        _ to: Address, _ function: some RawRepresentable<UInt32>, words: Int = 0,
        _ write: (inout ABIWriter) -> Void = { _ in }
    ) async throws -> [UInt8] {
        let call = ContractCall(to, function, words: words, write)
        let answer = try await rpc.call("eth_call", [call.json(), "latest"])
        guard let data = answer.data else { throw Self.strange("eth_call", answer) }
        return data
    }

    /// What governance has set.
    fileprivate func parameter(_ name: String) async throws -> Int {
        let answer = try await view(.treasury, IGovernance.Function.parameter, words: 1) {
            $0.write(string: name)
        }
        guard let value = Hash32(answer)?.number, value <= 255 else {
            throw Failure.failed("the parameter \(name) is not understood")
        }
        return Int(value)
    }

    /// Has the banks admit reviewers of templates: one proposes, the others vote.
    fileprivate func admit(_ reviewers: [Address], operators: [PrivateKey]) async throws {
        let count = try await view(.treasury, IGovernance.Function.count)
        guard let first = Hash32(count)?.number.flatMap({ UInt64(exactly: $0) }) else {
            throw Failure.failed("the number of proposals is not understood")
        }
        let expiry = UInt64(Date().timeIntervalSince1970) + 86_400
        _ = try await perform(
            reviewers.map { reviewer in
                let change = IGovernance.Change.admitReviewer(reviewer)
                let data = IGovernance.Proposal(change, from: 0).data
                return DemoCall(
                    by: operators[0], .treasury, IGovernance.Function.propose, words: 3
                ) {
                    $0.write(change.kind)
                    $0.write(bytes: data)
                    $0.write(expiry)
                }
            })
        let ids = (1...UInt64(reviewers.count)).map { first + $0 }
        // A proposal is decided by a majority, and then takes no more votes.
        let votes = operators.dropFirst().prefix(operators.count / 2).flatMap { key in
            ids.map { id in
                DemoCall(by: key, .treasury, IGovernance.Function.vote, words: 2) {
                    $0.write(id)
                    $0.write(true)
                }
            }
        }
        if !votes.isEmpty { _ = try await perform(votes) }
    }
}
