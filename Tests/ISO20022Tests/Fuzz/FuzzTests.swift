import Foundation
import ISO20022
import Testing

@Suite("Broken and hostile messages")
struct FuzzTests {
    /// `MUTATIONS` in the environment asks for more, `SEED` for others.
    static let count = ProcessInfo.processInfo.environment["MUTATIONS"].flatMap(Int.init) ?? 2000
    static let seed = ProcessInfo.processInfo.environment["SEED"].flatMap(UInt64.init) ?? 0

    /// Our own messages, and real ones where they are.
    static let originals: [[UInt8]] = {
        var files = Messages.all.map { Array(Messages.text($0).utf8) }
        files += Messages.all.map { Array(Messages.enveloped($0).utf8) }
        let names =
            (try? FileManager.default.contentsOfDirectory(
                atPath: Samples.folder?.appending(path: "samples").path ?? "")) ?? []
        files += names.sorted().compactMap { try? Samples.bytes($0) }
        return files
    }()

    /// What reading gives, as far as it may differ.
    static func outcome(_ bytes: [UInt8]) -> Result<[MessagePart], MessageFault> {
        do throws(MessageFault) {
            return .success(try parts(bytes))
        } catch {
            return .failure(error)
        }
    }

    @Test("any file is read or refused with place and reason, the same way each time")
    func mutations() {
        var read = 0
        var codes: [MessageFault.Code: Int] = [:]
        for number in 0..<Self.count {
            let seed = Self.seed &* 1_000_003 &+ UInt64(number)
            var mutation = Mutation(seed: seed)
            let original = mutation.chance.of(Self.originals)
            let file = mutation.applied(to: original, with: Self.originals)
            switch Self.outcome(file) {
            case .success(let parts):
                read += 1
                guard case .header = parts.first else {
                    Issue.record("seed \(seed): a message without header")
                    continue
                }
            case .failure(let fault):
                codes[fault.code, default: 0] += 1
                if fault.why.isEmpty || !fault.path.hasPrefix("/") || fault.line < 0 {
                    Issue.record("seed \(seed): \(fault)")
                }
            }
            if number % 10 == 0, Self.outcome(file) != Self.outcome(file) {
                Issue.record("seed \(seed): read in two ways")
            }
        }
        // If the mutations were too wild, only the first lines of the reader would ever run.
        #expect(read > Self.count / 50)
        #expect(codes.count > 12)
        if Self.count > 2000 {
            print("read \(read) of \(Self.count)")
            for (code, count) in codes.sorted(by: { $0.value > $1.value }) {
                print(code.rawValue, count)
            }
        }
    }
}
