import Logging
import NIOCore
import Synchronization

/// Sees that the certificate files have changed, and that the certificate comes to its end.
final class CertificateWatch: Sendable {
    /// Days before the end from which the log says so once a day.
    static let warningDays: Int64 = 14

    private let core: NetworkCore
    private let state: Mutex<State>

    private struct State {
        var stamps: FileStamps
        var warnedAt: NIODeadline?
    }

    /// Starts from the files as they are.
    init(_ core: NetworkCore, _ stamps: FileStamps) {
        self.core = core
        state = Mutex(State(stamps: stamps))
    }

    /// Looks once; reads files, so not on an event loop.
    func look() {
        let stamps = FileStamps(core.configuration.files)
        let hasChanged = state.withLock { state in
            defer { state.stamps = stamps }
            return state.stamps != stamps
        }
        if hasChanged {
            do {
                try core.reload()
            } catch {
                core.logger.error(
                    "the changed certificate files cannot be used; those before stay in use",
                    metadata: ["reason": "\(error)"])
            }
        } else {
            // Links whose change-over failed the last time.
            core.renewLinks()
        }
        warn()
    }

    private func warn() {
        guard let certificate = core.credentials?.certificate else { return }
        let days = certificate.daysLeft(at: core.now)
        guard days < Self.warningDays else { return }
        let isDue = state.withLock { state in
            if let warnedAt = state.warnedAt, .now() - warnedAt < .hours(24) { return false }
            state.warnedAt = .now()
            return true
        }
        guard isDue else { return }
        core.logger.warning(
            "the node's certificate comes to its end",
            metadata: [
                "days": "\(days)", "until": "\(CertificateFacts.text(certificate.notAfter))",
                "file": "\(core.configuration.files.chain)",
            ])
    }
}
