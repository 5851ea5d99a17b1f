import Foundation
import JSON
import Ledger
import Settlement
import Testing

@testable import dip

/// The official templates, as they are shipped.
struct TemplateLibraryTests {
    private static let folder = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("Genesis/templates").path

    static let files: [String] = {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.filter { $0.hasSuffix(".yaml") }.sorted().map { "\(folder)/\($0)" }
    }()

    @Test func `there are at least twelve, each with a name of its own`() throws {
        let templates = try Self.files.map { try TemplateFile($0).template() }
        #expect(templates.count >= 12)
        #expect(Set(templates.map(\.name)).count == templates.count)
    }

    @Test(arguments: files) func `it is accepted, and its examples come out`(_ file: String) throws
    {
        let template = try TemplateFile(file).template()
        if case .refused(let fault, let example) = template.check() {
            Issue.record("\(fault): \(example.map { "\($0)" } ?? "no counterexample")")
        }
        let results = template.runExamples()
        #expect(!results.isEmpty)
        for result in results {
            #expect(result.passes, "\(result.example) \(result.number): \(result.differences)")
        }
    }

    @Test(arguments: files) func `it names everything in Chinese and English`(_ file: String) throws
    {
        let template = try TemplateFile(file).template()
        let zh = try #require(template.locale("zh"))
        let en = try #require(template.locale("en"))
        #expect(zh.name != nil && zh.description != nil)
        #expect(!template.description.isEmpty)
        for locale in [zh, en] {
            #expect(locale.roles.map(\.name) == template.roles.map(\.name))
            #expect(locale.parameters.map(\.name) == template.parameters.map(\.name))
            #expect(locale.gates.map(\.name) == template.gates.map(\.name))
        }
    }

    @Test(arguments: files) func `an editor finds the schema`(_ file: String) throws {
        let text = try String(contentsOfFile: file, encoding: .utf8)
        #expect(text.hasPrefix("# yaml-language-server: $schema=template.schema.json\n"))
    }

    @Test(arguments: files) func `it can be drawn and explained`(_ file: String) throws {
        let template = try TemplateFile(file).template()
        for language in ["zh", "en"] {
            let texts = TemplateTexts(template, language: language)
            let diagram = TemplateDiagram(texts)
            #expect(diagram.mermaid[0] == "flowchart LR")
            #expect(diagram.text.count > template.lines.count)
            let example = try #require(template.examples.first)
            let explanation = try Explanation(
                texts, example.bindings, Currency(address: .zero, symbol: "", decimals: 2),
                now: example.now)
            for outcome in explanation.outcomes {
                let paid = outcome.paid.reduce(0) { $0 + $1.reduce(0, +) }
                #expect(paid + outcome.refund == explanation.price)
                #expect(outcome.closedAt != nil)
            }
            #expect(
                explanation.table(all: true).count == explanation.outcomes.count + 1)
        }
    }
}
