import Glibc

/// The time of day, for certificates and for people; nothing is ordered by it.
enum WallClock {
    /// Milliseconds since 1970.
    static var millis: UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return UInt64(max(0, time.tv_sec)) * 1_000 + UInt64(time.tv_nsec) / 1_000_000
    }

    /// Seconds since 1970.
    static var seconds: Int64 { Int64(millis / 1_000) }
}
