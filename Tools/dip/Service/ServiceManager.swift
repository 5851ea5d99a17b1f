import Foundation
import Glibc
import Threads

/// The systemd that started this process, where one did and wants to hear of it (sd_notify(3)).
enum ServiceManager {
    /// Tells it that the service can be used: `systemctl start` returns now, and what is ordered after
    /// the service begins.
    ///
    /// - Parameter status: what `systemctl status` shows, on one line.
    static func isReady(_ status: String) {
        // One that does not hear it says so itself, by ending a service that is never ready.
        tell("READY=1\nSTATUS=\(Output.clean(status))\n")
    }

    /// Tells it that the service ends because somebody else asked it to.
    static func isStopping() { tell("STOPPING=1\n") }

    /// Begins to tell it that the service moves, three times in the time after which it would end a service
    /// that says nothing; does nothing where it does not want to hear of it.
    ///
    /// - Parameter isMoving: looks, on a thread of its own: whether it does, nil when there is nothing left to
    ///   look at. It may take for ever.
    static func watch(_ isMoving: @escaping @Sendable () -> Bool?) {
        guard let micros = patienceMicros else { return }
        // Once more, since this process may have said that it is not to be watched for a while.
        tell("WATCHDOG_USEC=\(micros)\n")
        SystemThread(named: "pulse") {
            while let moves = isMoving() {
                if moves { tell("WATCHDOG=1\n") }
                Thread.sleep(forTimeInterval: Double(micros) / 3e6)
            }
        }.letGo()
    }

    /// Tells it not to expect signs of life until ``watch(_:)`` is called again, by this process or by the one that
    /// takes its place under its number.
    static func stopWatching() {
        guard patienceMicros != nil else { return }
        tell("WATCHDOG_USEC=0\n")
    }

    /// For how long it does without a sign of life; nil where it does not ask this process for any.
    private static var patienceMicros: UInt64? {
        guard let asked = getenv("WATCHDOG_USEC"), let micros = UInt64(String(cString: asked)),
            micros > 0
        else { return nil }
        let process = getenv("WATCHDOG_PID").map { String(cString: $0) }
        return process == nil || process == "\(getpid())" ? micros : nil
    }

    private static func tell(_ message: String) {
        guard let path = getenv("NOTIFY_SOCKET") else { return }
        tell(message, at: String(cString: path))
    }

    /// Sends a message to a socket file, or to a name in the system's own space where it begins with `@`.
    ///
    /// - Returns: whether it was sent.
    @discardableResult static func tell(_ message: String, at path: String) -> Bool {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        var name = Array(path.utf8)
        guard name.first == UInt8(ascii: "/") || name.first == UInt8(ascii: "@"),
            name.count < MemoryLayout.size(ofValue: address.sun_path)
        else { return false }
        if name[0] == UInt8(ascii: "@") { name[0] = 0 }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: name) }
        let handle = socket(
            AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard handle >= 0 else { return false }
        defer { close(handle) }
        // In the system's own space the length is part of the name.
        let length = MemoryLayout<sa_family_t>.size + name.count
        let bytes = Array(message.utf8)
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                sendto(handle, bytes, bytes.count, 0, $0, socklen_t(length))
            }
        } == bytes.count
    }
}
