import ArgumentParser
import ISO20022
import JSON

/// `dip bank check`.
struct BankCheck: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract:
            "Read messages as the desk would, and say what is in them or why it refuses them.",
        discussion: """
            Needs no desk and no node, and changes nothing. Exit status 1 if a file is refused.

              dip bank check statement.xml
              dip bank check --show inbox/*.xml
            """)

    @Argument(help: "Files with one message each.", completion: .file())
    var files: [String]

    @Flag(help: "Also what stands where a file is wrong; it may be personal.")
    var show = false

    @OptionGroup var output: OutputOptions

    func run() throws {
        var results: [JSON] = []
        var status: Int32 = 0
        for file in files {
            do throws(MessageFault) {
                let summary = try MessageSummary(path: file)
                if output.json {
                    let named: [(String, JSON?)] = [("file", .string(file)), ("ok", .bool(true))]
                    results.append(.members(named + summary.members))
                } else {
                    Output.line("\(Output.clean(file)): read")
                    for line in summary.lines { Output.line("  " + line) }
                }
            } catch {
                status = max(status, error.code == .unreadable ? 64 : 1)
                if output.json {
                    results.append(refusal(file, error))
                } else {
                    Output.line("\(Output.clean(file)): refused, \(error.code.rawValue)")
                    Output.line("  line \(error.line), \(Output.clean(error.path, atMost: 1000))")
                    Output.line("  \(error.why)")
                    if show, let found = error.found {
                        Output.line("  found: \(Output.clean(found))")
                    }
                }
            }
        }
        if output.json { Output.json(["files": .array(results)]) }
        if status > 0 { throw ExitCodeOnly(status: status) }
    }

    private func refusal(_ file: String, _ fault: MessageFault) -> JSON {
        .members([
            ("file", .string(file)), ("ok", .bool(false)), ("code", .string(fault.code.rawValue)),
            ("line", .integer(UInt64(max(0, fault.line)))), ("path", .string(fault.path)),
            ("why", .string(fault.why)), ("found", show ? fault.found.map { .string($0) } : nil),
        ])
    }
}
