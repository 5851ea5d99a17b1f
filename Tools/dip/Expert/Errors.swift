import ArgumentParser
import JSON
import Node
import Replica

/// `dip errors`.
struct Errors: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Explain why things are refused.",
        discussion: """
            Without an argument all refusals of the ledger and of its pool. No node is needed.

              dip errors
              dip errors Overfunded
              dip errors 78
            """)

    @Argument(help: "A refusal's number, name, or the first part of its name.")
    var error: String?

    @OptionGroup var output: OutputOptions

    private struct Entry {
        let code: UInt16
        let name: String
        let signature: String
        let selector: String?
        let cause: String
        let cure: String

        var json: JSON {
            .members([
                ("code", .integer(code)), ("name", .string(name)),
                ("signature", selector == nil ? nil : .string(signature)),
                ("selector", selector.map { .string($0) }), ("cause", .string(cause)),
                ("cure", .string(cure)),
            ])
        }
    }

    private static var all: [Entry] {
        let ledger = RejectionCatalogue.entries.map { entry in
            let digits = String(entry.item.selector, radix: 16)
            let selector = "0x" + String(repeating: "0", count: 8 - digits.count) + digits
            return Entry(
                code: entry.code, name: entry.item.name, signature: entry.item.signature,
                selector: selector, cause: entry.cause, cure: entry.cure)
        }
        let pool = PoolRefusalEntry.all.map { entry in
            Entry(
                code: entry.code, name: entry.name, signature: entry.name, selector: nil,
                cause: entry.cause, cure: entry.cure)
        }
        return ledger + pool
    }

    func run() throws {
        let found = Self.all.filter { matches($0) }
        guard !found.isEmpty else {
            throw Failure.failed("no refusal is called \"\(error ?? "")\"")
        }
        if output.json { return Output.json(.array(found.map(\.json))) }
        if found.count > 3 {
            return Output.table(
                ["code", "name", "cause"], found.map { ["\($0.code)", $0.name, $0.cause] },
                right: [0])
        }
        for entry in found {
            Output.line(
                "\(entry.code)  \(entry.signature)\(entry.selector.map { "  \($0)" } ?? "")")
            Output.line("  why:  \(entry.cause)")
            Output.line("  cure: \(entry.cure)")
        }
    }

    private func matches(_ entry: Entry) -> Bool {
        guard let error else { return true }
        if let code = UInt16(error) { return entry.code == code }
        if error.hasPrefix("0x") {
            return entry.selector.map { error.lowercased().hasPrefix($0) } ?? false
        }
        let name = error.lowercased()
        // An exact name hides others that begin with it.
        let isExact = Self.all.contains { $0.name.lowercased() == name }
        let own = entry.name.lowercased()
        return isExact ? own == name : own.contains(name)
    }
}
