import ArgumentParser
import Files
import JSON
import Ledger
import Settlement

/// `dip template check`.
struct TemplateCheck: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Say what is wrong with a template, and where.",
        discussion: """
            Every fault of form is told with file, line and column. Then every combination of gate \
            outcomes is played on the settlement code itself, at the largest bindings too: where money \
            could be stuck or short, the bindings and the outcome in which it is are shown. The ledger \
            makes the same check, so that what passes here is not refused there. Beyond that, its \
            examples must come out as they say: they are what buyers are shown.

              dip template check order.yaml
              dip template check Genesis/templates/*.yaml --json
            """)

    @Argument(help: "Templates, as YAML or JSON.", completion: .templates)
    var files: [String]

    @OptionGroup var output: OutputOptions

    func run() throws {
        let reports = files.map { CheckReport($0) }
        if output.json {
            Output.json([
                "ok": .bool(reports.allSatisfy(\.isAccepted)),
                "templates": .array(reports.map(\.json)),
            ])
        } else {
            for report in reports {
                for line in report.lines { Output.line(line) }
            }
        }
        guard reports.allSatisfy(\.isAccepted) else {
            throw ExitCodeOnly(status: reports.contains(where: \.isUnreadable) ? 64 : 1)
        }
    }
}

/// What a check of a file found.
struct CheckReport {
    private let path: String
    private let result: Result

    private enum Result {
        case unreadable(String)
        case faults(FileFaults)
        case refused(Template, FileFaults, Counterexample?)
        case accepted(Template, TemplateFacts, ExampleTally)
    }

    /// Checks the template in a file.
    init(_ path: String) {
        self.path = path
        do {
            let template = try TemplateFile(path).template()
            switch template.check() {
            case .accepted(let facts):
                result = .accepted(template, facts, ExampleTally(template))
            case .refused(let fault, let example):
                result = .refused(template, FileFaults(path: path, [fault]), example)
            }
        } catch let faults as FileFaults {
            result = .faults(faults)
        } catch {
            result = .unreadable("\(error)")
        }
    }

    /// Whether there is no file to be read.
    var isUnreadable: Bool { if case .unreadable = result { true } else { false } }

    var isAccepted: Bool {
        if case .accepted(_, _, let examples) = result { examples.fault == nil } else { false }
    }

    // MARK: For people

    var lines: [String] {
        switch result {
        case .unreadable(let why): ["\(path): \(why)"]
        case .faults(let faults): faults.lines
        case .refused(let template, let faults, let example):
            faults.lines + (example.map { Self.lines($0, template) } ?? [])
        case .accepted(let template, let facts, let examples):
            (examples.fault.map {
                ["\(path): \($0); 'dip template test \(ShellWord.quoted(path))' says which"]
            } ?? [])
                + [
                    "\(path): accepted. \(facts.outcomeCount) outcomes, at most \(facts.lines) lines; opening "
                        + "an order takes up to \(facts.openingGas) gas, settling it up to "
                        + "\(facts.settlingGas).",
                    "  id \(template.id.hex), \(template.canonicalBytes.count) bytes",
                ]
        }
    }

    private static func lines(_ example: Counterexample, _ template: Template) -> [String] {
        var lines = ["  It happens with:"]
        let bindings = (try? JSON(parsing: example.bindings)) ?? .null
        for parameter in template.parameters {
            guard let value = bindings[parameter.name] else { continue }
            lines.append("    \(parameter.name)  \(shortened(value))")
        }
        for role in template.roles where role.isMany {
            let count = bindings[role.name]?.elements.count ?? 0
            lines.append("    \(role.name)  \(count) of them")
        }
        lines.append("    opened  \(Moment.text(example.now))")
        if !example.outcomes.isEmpty {
            lines.append("  and these outcomes:")
            for (gate, outcome) in zip(template.gates, example.outcomes) where gate.isAttested {
                lines.append("    \(gate.name)  \(outcome.name)")
            }
        }
        lines.append("  Then \(example.what).")
        return lines
    }

    /// A value, of a long list only the first ones.
    private static func shortened(_ value: JSON) -> String {
        guard let elements = value.array else { return value.plain }
        let first = elements.prefix(4).map(\.plain).joined(separator: ", ")
        return elements.count > 4 ? "\(first), … (\(elements.count) values)" : first
    }

    // MARK: For programs

    var json: JSON {
        switch result {
        case .unreadable(let why):
            return ["file": .string(path), "ok": false, "faults": [["why": .string(why)]]]
        case .faults(let faults):
            return ["file": .string(path), "ok": false, "faults": .array(faults.json)]
        case .refused(let template, let faults, let example):
            return .members([
                ("file", .string(path)), ("ok", false), ("id", .string(template.id.hex)),
                ("faults", .array(faults.json)),
                ("counterexample", example.map { Self.json($0, template) }),
            ])
        case .accepted(let template, let facts, let examples):
            return [
                "file": .string(path), "ok": .bool(examples.fault == nil),
                "examplesFailed": .integer(examples.failed), "id": .string(template.id.hex),
                "bytes": .integer(template.canonicalBytes.count),
                "outcomes": .integer(facts.outcomeCount), "lines": .integer(facts.lines),
                "gates": .integer(facts.gates), "openingGas": .integer(facts.openingGas),
                "settlingGas": .integer(facts.settlingGas), "longest": .integer(facts.longest),
            ]
        }
    }

    private static func json(_ example: Counterexample, _ template: Template) -> JSON {
        [
            "bindings": (try? JSON(parsing: example.bindings)) ?? .null,
            "now": .integer(example.now),
            "outcomes": .object(
                zip(template.gates, example.outcomes).map { gate, outcome in
                    JSON.Member(gate.name, .string(outcome.name))
                }), "what": .string(example.what),
        ]
    }
}

/// How the examples of a template come out.
struct ExampleTally {
    /// Cases that come out otherwise than they say.
    let failed: Int
    private let count: Int

    /// Plays them.
    init(_ template: Template) {
        let results = template.runExamples()
        count = results.count
        failed = results.count { !$0.passes }
    }

    /// What is wrong with them, for a person; nil if nothing is.
    var fault: String? {
        failed == 0
            ? nil : "\(failed) of \(count) cases of its examples come out otherwise than they say"
    }
}
