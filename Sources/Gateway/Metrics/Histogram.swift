import Synchronization

/// How often values fell between fixed bounds.
public final class Histogram: Sendable {
    /// Upper bounds for durations in nanoseconds: 50 µs to 10 s.
    public static let latencies: [UInt64] = [
        50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000, 5_000_000, 10_000_000,
        25_000_000, 50_000_000, 100_000_000, 250_000_000, 500_000_000, 1_000_000_000,
        2_500_000_000, 10_000_000_000,
    ]

    /// Upper bounds for sizes: 1, 4, 16 … 16,777,216.
    public static let powersOfFour: [UInt64] = (0...12).map { 1 << (2 * $0) }

    /// Upper bounds, ascending; a value equal to a bound counts below it.
    private let bounds: [UInt64]
    /// How many decimal places the unit of the page has over the unit of the values.
    private let decimals: Int
    /// One count for each bound and one for what is above them all.
    private let counts: Cells
    private let sum = Atomic<UInt64>(0)

    init(bounds: [UInt64], decimals: Int) {
        self.bounds = bounds
        self.decimals = decimals
        counts = Cells(count: bounds.count + 1)
    }

    /// Counts one value: nanoseconds for durations.
    public func observe(_ value: UInt64) {
        var place = 0
        while place < bounds.count, value > bounds[place] { place += 1 }
        counts.add(1, at: place)
        sum.wrappingAdd(value, ordering: .relaxed)
    }

    func append(to page: inout String, name: String, labels: String) {
        let before = labels.isEmpty ? "" : labels + ","
        var total: UInt64 = 0
        for place in 0...bounds.count {
            total += counts.value(at: place)
            let bound = place < bounds.count ? scaled(bounds[place]) : "+Inf"
            page += "\(name)_bucket{\(before)le=\"\(bound)\"} \(total)\n"
        }
        let suffix = labels.isEmpty ? "" : "{\(labels)}"
        page += "\(name)_sum\(suffix) \(scaled(sum.load(ordering: .relaxed)))\n"
        page += "\(name)_count\(suffix) \(total)\n"
    }

    /// `value` with the decimal point moved, exactly, without zeros at the end.
    private func scaled(_ value: UInt64) -> String {
        guard decimals > 0 else { return String(value) }
        var digits = Array(String(value).utf8)
        if digits.count <= decimals {
            digits.insert(
                contentsOf: repeatElement(0x30, count: decimals + 1 - digits.count), at: 0)
        }
        digits.insert(UInt8(ascii: "."), at: digits.count - decimals)
        while digits.last == 0x30 { digits.removeLast() }
        if digits.last == UInt8(ascii: ".") { digits.removeLast() }
        return String(decoding: digits, as: UTF8.self)
    }

    /// A fixed number of atomic counts.
    private final class Cells: Sendable {
        // Atomics cannot be moved, hence no array. The pointer never changes and is freed last.
        private nonisolated(unsafe) let cells: UnsafeMutablePointer<Atomic<UInt64>>
        private let count: Int

        init(count: Int) {
            self.count = count
            cells = .allocate(capacity: count)
            for place in 0..<count { (cells + place).initialize(to: Atomic(0)) }
        }

        deinit {
            cells.deinitialize(count: count)
            cells.deallocate()
        }

        func add(_ amount: UInt64, at place: Int) {
            cells[place].wrappingAdd(amount, ordering: .relaxed)
        }

        func value(at place: Int) -> UInt64 { cells[place].load(ordering: .relaxed) }
    }
}
