import Consensus
import Logging
import NIOCore
import Synchronization

/// Brings refusals to the log, to the peer's state and to whoever counts them.
///
/// The log gets the same reason about the same peer at most once a minute: a dialer comes back every
/// two seconds.
final class RefusalBook: Sendable {
    private struct Entry: Hashable {
        var peer: NodeID?
        /// Only for strangers, of whom one host may be many.
        var host: String?
        var dialer: PeerRefusal.Dialer
        var side: PeerRefusal.Side
        var reason: RefusalReason
    }

    private struct Logged {
        var at: NIODeadline
        var suppressed = 0
    }

    private static let pause = TimeAmount.minutes(1)
    private static let limit = 1_024

    private let logger: Logger
    private let observe: @Sendable (PeerRefusal) -> Void
    private let logged = Mutex<[Entry: Logged]>([:])

    init(logger: Logger, observe: @escaping @Sendable (PeerRefusal) -> Void) {
        self.logger = logger
        self.observe = observe
    }

    func record(_ refusal: PeerRefusal, _ notes: PeerNotes?) {
        notes?.refused(refusal)
        observe(refusal)
        guard let suppressed = admit(refusal, now: .now()) else { return }
        var metadata: Logger.Metadata = [
            "peer": refusal.peer.map { "\($0.rawValue)" } ?? "unknown",
            "dialer": "\(refusal.dialer)", "remote": "\(refusal.remote)",
            "reason": "\(refusal.reason.name)",
        ]
        metadata["lane"] = refusal.lane.map { "\($0)" }
        if suppressed > 0 { metadata["sinceLastLine"] = "\(suppressed)" }
        let level = Self.level(refusal)
        switch refusal.side {
        case .here:
            metadata["told"] = "\(refusal.text)"
            logger.log(level: level, "refused a peer", metadata: metadata)
        case .there:
            metadata["says"] = "\(refusal.text)"
            logger.log(level: level, "refused by a peer", metadata: metadata)
        }
    }

    /// What belongs to stopping, changing and coming back needs nobody's attention.
    private static func level(_ refusal: PeerRefusal) -> Logger.Level {
        switch (refusal.reason, refusal.side) {
        case (.stopping, _), (.changed, _), (.replaced, .here): .info
        default: .warning
        }
    }

    /// How many like it were passed over since the last one, or nil if this one is, too.
    func admit(_ refusal: PeerRefusal, now: NIODeadline) -> Int? {
        let host = refusal.peer == nil ? Self.host(refusal.remote) : nil
        let entry = Entry(
            peer: refusal.peer, host: host, dialer: refusal.dialer, side: refusal.side,
            reason: refusal.reason)
        return logged.withLock { logged in
            if let last = logged[entry], now - last.at < Self.pause {
                logged[entry]?.suppressed += 1
                return nil
            }
            if logged.count >= Self.limit {
                logged = logged.filter { now - $0.value.at < Self.pause }
                guard logged.count < Self.limit else { return nil }
            }
            return logged.updateValue(Logged(at: now), forKey: entry)?.suppressed ?? 0
        }
    }

    private static func host(_ remote: String) -> String {
        String(remote[..<(remote.lastIndex(of: ":") ?? remote.endIndex)])
    }
}
