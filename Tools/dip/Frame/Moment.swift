import ArgumentParser
import Foundation

/// A time as people write it.
///
/// Seconds since 1970, a date or date and time of ISO 8601 (UTC unless it says otherwise), or a distance
/// from the last block such as `+30d`.
struct Moment: ExpressibleByArgument {
    private enum Kind {
        case at(UInt64)
        case after(UInt64)
    }

    /// The largest time or duration that the ledger takes.
    static let largest: UInt64 = 1 << 40

    private let kind: Kind

    init?(argument: String) {
        if argument.hasPrefix("+") {
            guard let seconds = TimeSpan.seconds(String(argument.dropFirst())) else { return nil }
            kind = .after(seconds)
            return
        }
        guard let seconds = Self.seconds(argument), seconds <= Self.largest else { return nil }
        kind = .at(seconds)
    }

    private static func seconds(_ text: String) -> UInt64? {
        // Eight digits are a date without its dashes, and not a moment of the seventies.
        (text.utf8.count == 8 ? nil : UInt64(text)) ?? CivilTime(text)?.seconds
    }

    /// Whether the last block's time is needed to know it.
    var isRelative: Bool {
        if case .after = kind { return true }
        return false
    }

    /// Seconds since 1970, for a ledger whose last block has the time `now`.
    func seconds(now: UInt64) -> UInt64 {
        switch kind {
        case .at(let seconds): seconds
        case .after(let seconds): min(now, Self.largest) + seconds
        }
    }

    /// Whether a time is past, by this machine's clock; 0 is none.
    ///
    /// The clock of an idle ledger stands still.
    static func isPast(_ seconds: UInt64) -> Bool {
        seconds > 0 && seconds <= UInt64(max(0, Date().timeIntervalSince1970))
    }

    /// Tells whoever says a time that is past, where the ledger takes it.
    ///
    /// - Parameters:
    ///   - seconds: the time.
    ///   - name: what it is called where it was said.
    ///   - what: what comes of it.
    static func warn(ofPast seconds: UInt64, _ name: String, _ what: String) {
        guard isPast(seconds) else { return }
        Output.note("dip: \(name), \(text(seconds)), is past: \(what)")
    }

    /// Why nothing is signed that the ledger would refuse for its time.
    static func past(_ seconds: UInt64) -> Failure {
        .usage("--until, \(text(seconds)), is past: the ledger would refuse what is signed for it")
    }

    /// What to tell of a text that is no time.
    static let help = "seconds since 1970, 2026-12-31, 2026-12-31T17:00:00Z or +30d"

    /// Reads a text, of a file where a place is given.
    static func seconds(_ text: String, now: UInt64, _ place: String? = nil) throws -> UInt64 {
        guard let moment = Moment(argument: text) else {
            let prefix = place.map { "\($0): " } ?? ""
            throw Failure.usage("\(prefix)\"\(text)\" is no time: write \(help)")
        }
        return moment.seconds(now: now)
    }

    /// A time of the ledger for a person, `2026-12-31 17:00:00Z`; `—` for 0, which means none.
    static func text(_ seconds: UInt64) -> String {
        seconds == 0 ? "—" : CivilTime.text(seconds) ?? "\(seconds)"
    }
}

/// A length of time such as `90`, `30d`, `12h`, `45m`.
struct TimeSpan: ExpressibleByArgument {
    let seconds: UInt64

    init?(argument: String) {
        guard let seconds = Self.seconds(argument) else { return nil }
        self.seconds = seconds
    }

    /// `30 d`, `12 h`, or seconds.
    static func text(_ seconds: UInt64) -> String {
        for (unit, length) in [("d", 86_400 as UInt64), ("h", 3600), ("min", 60)]
        where seconds > 0 && seconds % length == 0 {
            return "\(seconds / length) \(unit)"
        }
        return "\(seconds) s"
    }

    /// Seconds; nil for no such text or more than the ledger takes.
    static func seconds(_ text: String) -> UInt64? {
        let units: [Character: UInt64] = [
            "s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800, "y": 31_536_000,
        ]
        let unit = text.last.flatMap { units[$0] }
        guard let count = UInt64(unit == nil ? text : String(text.dropLast())) else { return nil }
        let (seconds, overflow) = count.multipliedReportingOverflow(by: unit ?? 1)
        return overflow || seconds > Moment.largest ? nil : seconds
    }
}
