import ArgumentParser
import JSON
import Settlement

/// `dip template test`.
struct TemplateTest: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "test",
        abstract: "Play the examples of templates, and compare what everybody gets.",
        discussion: """
            Each case of each example is played on the settlement code itself: gates that it does not \
            name are met in full.

              examples:
                - name: A pump for 10,000.00
                  now: 2027-03-01
                  bindings: { price: "1000000", deliverBy: 2027-05-31 }
                  cases:
                    - { paid: { maker: "1000000" }, refund: "0" }
                    - { gates: { inspected: 80% }, paid: { maker: "800000" }, refund: "200000" }
            """)

    @Argument(help: "Templates, as YAML or JSON.", completion: .templates)
    var files: [String]

    @OptionGroup var output: OutputOptions

    func run() throws {
        var reports: [(path: String, results: [ExampleResult])] = []
        for file in files {
            reports.append((file, try TemplateFile(file).template().runExamples()))
        }
        let failed = reports.contains { $0.results.isEmpty || !$0.results.allSatisfy(\.passes) }
        if output.json {
            Output.json([
                "ok": .bool(!failed),
                "templates": .array(
                    reports.map { path, results in
                        [
                            "file": .string(path),
                            "passed": .integer(results.count(where: \.passes)),
                            "failed": .integer(results.count { !$0.passes }),
                            "results": .array(results.map { Self.json($0) }),
                        ]
                    }),
            ])
        } else {
            for (path, results) in reports { Self.tell(path, results) }
        }
        guard !failed else { throw ExitCodeOnly(status: 1) }
    }

    private static func tell(_ path: String, _ results: [ExampleResult]) {
        let passed = results.count(where: \.passes)
        if results.isEmpty {
            Output.line("\(path): it has no examples")
        } else {
            Output.line("\(path): \(passed) of \(results.count) cases passed")
        }
        for result in results where !result.passes {
            Output.line("  \(Output.clean(result.example)), case \(result.number + 1):")
            for difference in result.differences {
                Output.line("    \(Output.clean(difference, atMost: 400))")
            }
        }
    }

    private static func json(_ result: ExampleResult) -> JSON {
        [
            "example": .string(result.example), "case": .integer(result.number + 1),
            "ok": .bool(result.passes),
            "differences": .array(result.differences.map { .string($0) }),
        ]
    }
}
