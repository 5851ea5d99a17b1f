import CFuzzer
import FuzzTargets
import Glibc

/// `FUZZ_TARGET=rlp fuzz …`: what follows is libFuzzer's.
public enum FuzzLoop {
    /// The target that libFuzzer's loop, which takes no context, runs.
    private nonisolated(unsafe) static var chosen: FuzzTarget?

    /// Runs the one of the targets that the environment names; with `--list` says which there are.
    public static func run(among targets: [FuzzTarget]) -> Never {
        if CommandLine.arguments.dropFirst() == ["--list"] {
            for target in targets { print(target.name) }
            exit(0)
        }
        let name = getenv("FUZZ_TARGET").map { String(cString: $0) } ?? ""
        guard let target = targets.first(where: { $0.name == name }) else {
            fatalError("FUZZ_TARGET is '\(name)'; --list says which there are")
        }
        chosen = target
        if let folder = getenv("FUZZ_SEEDS") { write(target.seeds(), to: String(cString: folder)) }
        var count = CommandLine.argc
        var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = CommandLine.unsafeArgv
        exit(
            LLVMFuzzerRunDriver(&count, &arguments) { bytes, count in
                let input = [UInt8](UnsafeBufferPointer(start: bytes, count: count))
                do throws(FuzzFinding) {
                    try FuzzLoop.chosen?.run(input)
                } catch {
                    fatalError("\(error)")
                }
                return 0
            })
    }

    /// Well-formed bytes to begin with, as files in a folder.
    private static func write(_ seeds: [[UInt8]], to folder: String) {
        for (number, seed) in seeds.enumerated() {
            guard let file = fopen("\(folder)/seed-\(number)", "w") else { continue }
            fwrite(seed, 1, seed.count, file)
            fclose(file)
        }
    }
}
