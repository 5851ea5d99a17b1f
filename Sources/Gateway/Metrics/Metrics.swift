import Synchronization

/// The counters, gauges and histograms of one process, and their page for Prometheus.
///
/// Making an instrument takes a lock and happens at start; using one is an atomic addition. Asking
/// twice for the same name and labels gives the same instrument.
public final class Metrics: Sendable {
    /// Names and values that tell instruments of one family apart, in the order given.
    public typealias Labels = [(name: String, value: String)]

    /// A number with the labels that tell it from others of its family.
    public typealias Reading = (labels: Labels, value: Double)

    private enum Instrument {
        case counter(Counter)
        case gauge(Gauge)
        case reading(@Sendable () -> Double)
        case readings(@Sendable () -> [Reading])
        case histogram(Histogram)
    }

    private struct Family {
        let name: String
        let help: String
        let type: String
        var series: [(labels: String, instrument: Instrument)] = []
    }

    private let families = Mutex<[Family]>([])

    /// An empty registry.
    public init() {}

    /// A number that only grows.
    ///
    /// By custom `name` ends in `_total`.
    public func counter(_ name: String, _ help: String, labels: Labels = []) -> Counter {
        let found = instrument(name, help, "counter", labels) { .counter(Counter()) }
        guard case .counter(let counter) = found else { return Counter() }
        return counter
    }

    /// A number that goes up and down.
    public func gauge(_ name: String, _ help: String, labels: Labels = []) -> Gauge {
        let found = instrument(name, help, "gauge", labels) { .gauge(Gauge()) }
        guard case .gauge(let gauge) = found else { return Gauge() }
        return gauge
    }

    /// A number that is asked for, on any thread, whenever the page is made.
    public func gauge(
        _ name: String, _ help: String, labels: Labels = [],
        reading: @escaping @Sendable () -> Double
    ) {
        _ = instrument(name, help, "gauge", labels) { .reading(reading) }
    }

    /// Numbers that go up and down, of things that come and go: asked for, on any thread, whenever the page
    /// is made.
    public func gauges(
        _ name: String, _ help: String, readings: @escaping @Sendable () -> [Reading]
    ) {
        _ = instrument(name, help, "gauge", []) { .readings(readings) }
    }

    /// The same for numbers that only grow, which are counted elsewhere.
    public func counters(
        _ name: String, _ help: String, readings: @escaping @Sendable () -> [Reading]
    ) {
        _ = instrument(name, help, "counter", []) { .readings(readings) }
    }

    /// How long things took.
    ///
    /// By custom `name` ends in `_seconds`.
    public func durations(
        _ name: String, _ help: String, labels: Labels = [],
        nanosecondBounds: [UInt64] = Histogram.latencies
    ) -> Histogram {
        histogram(name, help, labels) { Histogram(bounds: nanosecondBounds, decimals: 9) }
    }

    /// How many or how large things were: whole numbers.
    public func sizes(
        _ name: String, _ help: String, labels: Labels = [],
        bounds: [UInt64] = Histogram.powersOfFour
    ) -> Histogram {
        histogram(name, help, labels) { Histogram(bounds: bounds, decimals: 0) }
    }

    private func histogram(
        _ name: String, _ help: String, _ labels: Labels, _ make: () -> Histogram
    ) -> Histogram {
        let found = instrument(name, help, "histogram", labels) { .histogram(make()) }
        guard case .histogram(let histogram) = found else { return make() }
        return histogram
    }

    /// The instrument that exists, or a new one.
    ///
    /// A name that is in use for another type keeps it; the caller then gets an instrument that is
    /// not on the page.
    private func instrument(
        _ name: String, _ help: String, _ type: String, _ labels: Labels, _ make: () -> Instrument
    ) -> Instrument {
        let key = Self.text(labels)
        return families.withLock { families in
            let place: Int
            if let known = families.firstIndex(where: { $0.name == name }) {
                assert(families[known].type == type, "\(name) is a \(families[known].type)")
                place = known
            } else {
                place = families.count
                families.append(Family(name: name, help: help, type: type))
            }
            if let known = families[place].series.first(where: { $0.labels == key }) {
                return known.instrument
            }
            let instrument = make()
            families[place].series.append((key, instrument))
            return instrument
        }
    }

    private static func text(_ labels: Labels) -> String {
        labels.map { "\($0.name)=\"\(escaped($0.value))\"" }.joined(separator: ",")
    }

    private static func escaped(_ value: String) -> String {
        var result = ""
        for character in value.unicodeScalars {
            switch character {
            case "\\": result += "\\\\"
            case "\"": result += "\\\""
            case "\n": result += "\\n"
            default: result.unicodeScalars.append(character)
            }
        }
        return result
    }

    private static func suffix(_ labels: String) -> String {
        labels.isEmpty ? "" : "{\(labels)}"
    }

    /// The page in Prometheus' text format 0.0.4.
    public func page() -> String {
        var page = ""
        for family in families.withLock({ $0 }) {
            page += "# HELP \(family.name) \(family.help)\n# TYPE \(family.name) \(family.type)\n"
            for (labels, instrument) in family.series {
                let suffix = Self.suffix(labels)
                switch instrument {
                case .counter(let counter): page += "\(family.name)\(suffix) \(counter.value)\n"
                case .gauge(let gauge): page += "\(family.name)\(suffix) \(gauge.value)\n"
                case .reading(let read): page += "\(family.name)\(suffix) \(read())\n"
                case .readings(let read):
                    for reading in read() {
                        let suffix = Self.suffix(Self.text(reading.labels))
                        page += "\(family.name)\(suffix) \(reading.value)\n"
                    }
                case .histogram(let histogram):
                    histogram.append(to: &page, name: family.name, labels: labels)
                }
            }
        }
        return page
    }
}

/// A number that only grows.
public final class Counter: Sendable {
    private let count = Atomic<UInt64>(0)

    init() {}

    /// Adds `amount`.
    public func add(_ amount: Int = 1) {
        count.wrappingAdd(UInt64(truncatingIfNeeded: max(0, amount)), ordering: .relaxed)
    }

    /// The sum so far.
    public var value: UInt64 { count.load(ordering: .relaxed) }
}

/// A number that goes up and down.
public final class Gauge: Sendable {
    private let level = Atomic<Int>(0)

    init() {}

    /// Adds `amount`, which may be negative.
    public func add(_ amount: Int) { level.wrappingAdd(amount, ordering: .relaxed) }

    /// The number now.
    public var value: Int { level.load(ordering: .relaxed) }
}
