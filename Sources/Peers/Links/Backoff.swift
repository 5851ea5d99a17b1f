/// How long to wait before the next try: twice as long each time, with jitter, so that the nodes that
/// lost one peer do not all come back to it in the same instant.
struct Backoff: Sendable {
    let range: ClosedRange<Int64>
    private var millis: Int64

    init(_ range: ClosedRange<Int64>) {
        self.range = range
        millis = range.lowerBound
    }

    /// The next wait: half to all of the present step, at most the range's end.
    ///
    /// - Parameter random: any number.
    /// - Returns: milliseconds.
    mutating func next(_ random: UInt64) -> Int64 {
        let step = millis
        millis = min(range.upperBound, millis * 2)
        let half = max(1, step / 2)
        return step - half + Int64(random % UInt64(half + 1))
    }

    /// The other end was reached: start over.
    mutating func reset() { millis = range.lowerBound }
}
