/// A node's clocks: one that only ever runs, for time-outs, and one that tells the date, which may be
/// wrong and may be set.
struct Clock {
    /// Microseconds of the world's time.
    typealias Time = UInt64

    /// The date at the world's time 0, milliseconds since 1970.
    static let epochMillis: UInt64 = 1_700_000_000_000

    /// How much faster than the world it runs, in millionths.
    var driftMillionths: Int64 = 0
    /// How far the date is off, in milliseconds.
    var offsetMillis: Int64 = 0

    /// Milliseconds on the clock for time-outs.
    func ticks(at time: Time) -> UInt64 { local(time) / 1000 }

    /// The first moment at which the clock for time-outs shows so much.
    func time(ofTicks ticks: UInt64) -> Time {
        // The division below rounds down, so that a guess may be a step early.
        let wanted = UInt128(ticks) * 1000
        var guess = UInt64(
            clamping: wanted * 1_000_000 / UInt128(UInt64(1_000_000 + driftMillionths)))
        while local(guess) < UInt64(clamping: wanted), guess < .max { guess += 1 }
        return guess
    }

    /// Milliseconds since 1970, as this clock has it.
    func date(at time: Time) -> UInt64 {
        let millis = Int64(Self.epochMillis) + Int64(local(time) / 1000) + offsetMillis
        return UInt64(max(millis, 0))
    }

    private func local(_ time: Time) -> UInt64 {
        UInt64(clamping: Int128(time) * Int128(1_000_000 + driftMillionths) / 1_000_000)
    }
}
