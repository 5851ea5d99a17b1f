import CFuzzer
import FuzzTargets
import Glibc

/// `FUZZ_TARGET=rlp fuzz …`: what follows is libFuzzer's.
@main
struct Fuzz {
    static func main() {
        if CommandLine.arguments.dropFirst() == ["--list"] {
            for target in FuzzTarget.all { print(target.name) }
            return
        }
        if let folder = getenv("FUZZ_SEEDS") { writeSeeds(String(cString: folder)) }
        var count = CommandLine.argc
        var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = CommandLine.unsafeArgv
        exit(
            LLVMFuzzerRunDriver(&count, &arguments) { bytes, count in
                let input = [UInt8](UnsafeBufferPointer(start: bytes, count: count))
                do throws(FuzzFinding) {
                    try target.run(input)
                } catch {
                    fatalError("\(error)")
                }
                return 0
            })
    }

    /// Well-formed bytes to begin with, as files in a folder.
    private static func writeSeeds(_ folder: String) {
        for (number, seed) in target.seeds().enumerated() {
            guard let file = fopen("\(folder)/seed-\(number)", "w") else { continue }
            fwrite(seed, 1, seed.count, file)
            fclose(file)
        }
    }
}

private let target: FuzzTarget = {
    let name = getenv("FUZZ_TARGET").map { String(cString: $0) } ?? ""
    guard let target = FuzzTarget.named(name) else {
        fatalError("FUZZ_TARGET is '\(name)'; --list says which there are")
    }
    return target
}()
