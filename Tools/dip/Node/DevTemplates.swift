import ArgumentParser
import Foundation
import JSON
import Ledger
import Node
import Settlement

/// `dip dev templates`.
struct DevTemplates: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "templates",
        abstract: "Put the official templates onto a development ledger, ready to use.",
        discussion: """
            Published by the bank, key 0, and approved by the last published keys that have DIP, 9 and \
            down, whom the bank admits as reviewers. Those that are there already are left alone. For a \
            ledger of one bank, as 'dip node --dev' starts it.
            """)

    @Option(
        help: ArgumentHelp("Another folder of templates.", valueName: "folder"),
        completion: .directory)
    var folder: String?

    @OptionGroup var language: LanguageOptions
    @OptionGroup var reading: ReadingOptions

    func run() async throws {
        let session = try reading.session()
        let banks = try await session.voters()
        let key = PrivateKey.development(0)
        guard banks.map(\.account) == [key.address] else {
            throw Failure.failed(
                "this ledger's banks do not vote with published key 0: publish templates with "
                    + "'dip template publish' and have them reviewed")
        }
        let templates = try Self.templates(
            in: try folder ?? ShippedFile.path("Genesis/templates"))
        let published = try await Self.publish(templates, with: session, by: key)
        session.show([
            "published": .array(published.map { .string($0.id.hex) }),
            "templates": .array(templates.map { .string($0.id.hex) }),
        ]) {
            let rows = templates.map { template in
                [
                    LedgerTemplate.short(template.id.hex),
                    TemplateTexts(template, language: language.code).name,
                ]
            }
            Output.table(["id", "name"], rows)
        }
    }

    /// Publishes those that are not there, and lets reviewers approve whatever waits for it.
    ///
    /// - Returns: those that were not there.
    private static func publish(
        _ templates: [Template], with session: Session, by key: PrivateKey
    ) async throws -> [Template] {
        let ledger = try await DemoLedger(session.client)
        let last = UInt32(DevelopmentKeys.addresses.count - 1)
        let reviewers = (0..<min(last, UInt32(try await ledger.requiredReviews()))).map {
            PrivateKey.development(last - $0)
        }
        try await ledger.learnNonces(of: ([key] + reviewers).map(\.address))
        let shelf = TemplateShelf(
            bank: try DemoBank(ledger), operators: [key], reviewers: reviewers)
        try await shelf.admit()
        var there: [String: JSON] = [:]
        for json in try await session.templates(.object([]), atMost: 100_000).elements {
            if let id = json["id"]?.string { there[id] = json }
        }
        let missing = templates.filter { there[$0.id.hex] == nil }
        try await shelf.publish(missing)
        try await shelf.approve(
            templates.compactMap { template in
                guard let json = there[template.id.hex] else { return (template, reviewers) }
                guard json["status"]?.string == "draft" else { return nil }
                let spoke = (json["reviews"]?.elements ?? []).compactMap { $0["reviewer"]?.address }
                return (template, reviewers.filter { !spoke.contains($0.address) })
            })
        return missing
    }

    private static func templates(in folder: String) throws -> [Template] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        let files = names.filter { $0.hasSuffix(".yaml") }.sorted()
        guard !files.isEmpty else { throw Failure.usage("\(folder): no templates are there") }
        return try files.map { try TemplateFile("\(folder)/\($0)").template() }
    }
}
