import Foundation
import Gateway
import JSON
import Ledger
import Settlement

/// Puts templates onto a development ledger: published by its bank, approved by reviewers whom the banks
/// admit.
struct TemplateShelf {
    let bank: DemoBank
    /// The keys that vote for the banks, all of them.
    let operators: [PrivateKey]
    /// As many as the ledger requires, each with DIP for its fees.
    let reviewers: [PrivateKey]

    private var ledger: DemoLedger { bank.ledger }

    /// Publishes templates that are not there yet, and has them approved.
    func put(_ templates: [Template]) async throws {
        try await admit()
        try await publish(templates)
        try await approve(templates.map { ($0, reviewers) })
    }

    /// Publishes templates.
    func publish(_ templates: [Template]) async throws {
        let cost = try await ledger.view(.templates, ITemplates.Function.publicationCost)
        guard cost.count == 64, let fee = Hash32(Array(cost[..<32]))?.number,
            let deposit = Hash32(Array(cost[32...]))?.number
        else { throw Failure.failed("what publishing a template costs is not understood") }
        _ = try await ledger.perform(
            templates.map { template in
                DemoCall(
                    by: bank.key, .templates, ITemplates.Function.publish, words: 2,
                    value: fee + deposit
                ) {
                    $0.write(bytes: template.canonicalBytes)
                    $0.write(word: .zero)
                }
            })
    }

    /// Has templates approved, each by some of the reviewers.
    func approve(_ templates: [(template: Template, by: [PrivateKey])]) async throws {
        _ = try await ledger.perform(
            templates.flatMap { template, reviewers in
                reviewers.map { reviewer in
                    DemoCall(by: reviewer, .templates, ITemplates.Function.review, words: 3) {
                        $0.write(word: template.id)
                        $0.write(true)
                        $0.write(word: Keccak256.hash("\(template.name): as shipped"))
                    }
                }
            })
    }

    /// Has the banks admit those reviewers who are none yet: one proposes, others vote.
    func admit() async throws {
        let answer = try await ledger.view(.treasury, IGovernance.Function.reviewers)
        var reader = ABIReader(answer)
        let there = Set(try reader.array(of: Address.self))
        let wanted = reviewers.map(\.address).filter { !there.contains($0) }
        guard !wanted.isEmpty else { return }
        let count = try await ledger.view(.treasury, IGovernance.Function.count)
        guard let first = Hash32(count)?.number.flatMap({ UInt64(exactly: $0) }) else {
            throw Failure.failed("the number of proposals is not understood")
        }
        let expiry = UInt64(Date().timeIntervalSince1970) + 86_400
        _ = try await ledger.perform(wanted.map { proposal($0, expiry: expiry) })
        // A proposal is decided by a majority, and then takes no more votes.
        let votes = operators.dropFirst().prefix(operators.count / 2).flatMap { key in
            (1...UInt64(wanted.count)).map { index in
                DemoCall(by: key, .treasury, IGovernance.Function.vote, words: 2) {
                    $0.write(first + index)
                    $0.write(true)
                }
            }
        }
        if !votes.isEmpty { _ = try await ledger.perform(votes) }
    }

    private func proposal(_ reviewer: Address, expiry: UInt64) -> DemoCall {
        let change = IGovernance.Change.admitReviewer(reviewer)
        let data = IGovernance.Proposal(change, from: 0).data
        return DemoCall(by: operators[0], .treasury, IGovernance.Function.propose, words: 3) {
            $0.write(change.kind)
            $0.write(bytes: data)
            $0.write(expiry)
        }
    }
}

extension DemoLedger {
    /// What a contract answers.
    func view(
        _ to: Address, _ function: some RawRepresentable<UInt32>, words: Int = 0,
        _ write: (inout ABIWriter) -> Void = { _ in }
    ) async throws -> [UInt8] {
        let call = ContractCall(to, function, words: words, write)
        let answer = try await rpc.call("eth_call", [call.json(), "latest"])
        guard let data = answer.data else { throw Self.strange("eth_call", answer) }
        return data
    }

    /// How many reviewers must approve a template.
    func requiredReviews() async throws -> Int {
        let answer = try await view(.treasury, IGovernance.Function.parameter, words: 1) {
            $0.write(string: "requiredReviews")
        }
        guard let value = Hash32(answer)?.number, value <= 255 else {
            throw Failure.failed("how many reviews are required is not understood")
        }
        return Int(value)
    }
}
