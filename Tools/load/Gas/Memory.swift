import Foundation

/// How much memory this process takes beyond what it had.
struct Memory {
    private let before: Int

    /// From now on.
    init() {
        Self.releaseFree()
        // Lets the kernel count the most anew.
        try? "5".write(toFile: "/proc/self/clear_refs", atomically: false, encoding: .utf8)
        before = Self.kilobytes("VmRSS")
    }

    /// Bytes at most until now.
    var growth: Int { max(Self.kilobytes("VmHWM") - before, 0) << 10 }

    /// Gives the kernel back what malloc keeps of what was freed, where it can.
    private static func releaseFree() {
        guard let place = dlsym(nil, "malloc_trim") else { return }
        typealias Trim = @convention(c) (Int) -> Int32
        _ = unsafeBitCast(place, to: Trim.self)(0)
    }

    private static func kilobytes(_ name: String) -> Int {
        guard let status = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8),
            let line = status.split(separator: "\n").first(where: { $0.hasPrefix(name + ":") })
        else { return 0 }
        return line.split(whereSeparator: { !$0.isNumber }).first.flatMap { Int($0) } ?? 0
    }
}
