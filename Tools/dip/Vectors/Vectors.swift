import ArgumentParser
import FoundationEssentials
import JSON
import Settlement
import VectorFiles

/// `dip vectors FILE…`.
struct Vectors: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Play files of worked cases on the settlement code.",
        discussion: """
            A file is a JSON array of cases, or has one case a line. Each case mints balances, \
            makes steps and says exactly what must come of each and what is left at the end. Every \
            difference is printed, then how many cases passed and failed; one that cannot be read has \
            failed. No node is needed.

            For whoever writes another implementation: write the cases that yours was tested with \
            into such a file and see whether this one agrees.

              dip vectors settlement-named.json settlement-random-1000.jsonl
            """)

    @Argument(help: "The files; - is the standard input.", completion: .file())
    var files: [String]

    @Flag(help: "Forget everything and read it again from the store after each step.")
    var restarts = false

    @OptionGroup var output: OutputOptions

    func run() throws {
        let player = VectorPlayer(restartsAfterEachStep: restarts)
        var passed = 0
        var failed = 0
        var differences: [JSON] = []
        for path in files {
            for entry in try entries(path) {
                let name: String
                let found: [String]
                switch entry {
                case .success(let vector): (name, found) = (vector.name, player.play(vector))
                // It may be the one that matters: it fails, and the others are played.
                case .failure(let fault): (name, found) = ("", [fault.description])
                }
                if found.isEmpty { passed += 1 } else { failed += 1 }
                for difference in found {
                    if output.json {
                        differences.append([
                            "file": .string(path), "case": .string(name),
                            "difference": .string(difference),
                        ])
                    } else {
                        Output.line("\(path): \(difference)")
                    }
                }
            }
        }
        if output.json {
            Output.json([
                "passed": .integer(passed), "failed": .integer(failed),
                "differences": .array(differences),
            ])
        } else {
            Output.line("\(passed) passed, \(failed) failed")
        }
        if failed > 0 { throw ExitCode(1) }
    }

    private func entries(_ path: String) throws -> [Result<VectorCase, VectorFileFault>] {
        let contents = Data(try Input.bytes(path, atMost: 256 << 20))
        do {
            return try VectorFile(contents).entries
        } catch {
            throw Failure.usage("\(path): \(error)")
        }
    }
}
