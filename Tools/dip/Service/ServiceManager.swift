import Glibc

/// The systemd that started this process, where one did and wants to hear of it (sd_notify(3)).
enum ServiceManager {
    /// Tells it that the service can be used: `systemctl start` returns now, and what is ordered after
    /// the service begins.
    ///
    /// - Parameter status: what `systemctl status` shows, on one line.
    static func isReady(_ status: String) {
        guard let path = getenv("NOTIFY_SOCKET").map({ String(cString: $0) }) else { return }
        // One that does not hear it says so itself, by ending a service that is never ready.
        tell("READY=1\nSTATUS=\(Output.clean(status))\n", at: path)
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
