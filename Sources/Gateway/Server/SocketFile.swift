import Files
import Glibc
import NIOCore

/// A listening socket in the file system that only its owner can connect to.
enum SocketFile {
    /// Makes the file, with mode 0600 from its first instant, and listens.
    ///
    /// Linux gives a socket file the mode of the unbound socket, so no process-wide `umask` has to
    /// be changed and there is no moment in which others could connect.
    ///
    /// - Throws: if somebody listens there already, or something other than a socket is there.
    static func listen(_ path: String) throws(ServerFault) -> Int32 {
        var address = try Self.address(path)
        try removeStale(path, &address)
        let handle = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | closeOnExec, 0)
        guard handle >= 0 else { throw fault("make a socket for", path) }
        var isListening = false
        defer { if !isListening { close(handle) } }
        guard fchmod(handle, 0o600) == 0 else { throw fault("protect", path) }
        guard call(bind, handle, &address) == 0 else { throw fault("make", path) }
        var facts = stat()
        guard lstat(path, &facts) == 0, facts.st_mode & S_IFMT == S_IFSOCK,
            facts.st_mode & 0o777 == 0o600
        else {
            unlink(path)
            throw ServerFault("the socket \(path) could not be closed to other users")
        }
        guard Glibc.listen(handle, 128) == 0 else { throw fault("listen on", path) }
        isListening = true
        return handle
    }

    /// The file's number in its file system, by which it is known again.
    static func identity(_ path: String) -> UInt64? {
        var facts = stat()
        return lstat(path, &facts) == 0 ? UInt64(facts.st_ino) : nil
    }

    /// Removes the file unless another one has taken its place.
    static func remove(_ path: String, identity: UInt64?) {
        if let identity, identity == Self.identity(path) { unlink(path) }
    }

    private static let closeOnExec = Int32(SOCK_CLOEXEC.rawValue)

    private static func fault(_ action: String, _ path: String) -> ServerFault {
        ServerFault(
            "cannot \(action) the socket \(path): \(systemMessage(errno))",
            isPassing: !isLastingRefusal(errno))
    }

    /// Removes the file that a process left which ended without doing so.
    private static func removeStale(
        _ path: String, _ address: inout sockaddr_un
    ) throws(ServerFault) {
        var facts = stat()
        guard lstat(path, &facts) == 0 else { return }
        guard facts.st_mode & S_IFMT == S_IFSOCK else {
            throw ServerFault("\(path) is there and is no socket; name another path")
        }
        let handle = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | closeOnExec, 0)
        guard handle >= 0 else { throw fault("make a socket for", path) }
        defer { close(handle) }
        guard call(connect, handle, &address) != 0 else {
            throw ServerFault(
                "another node listens on \(path); stop it or name another path", isPassing: true)
        }
        guard errno == ECONNREFUSED else { throw fault("look at", path) }
        guard unlink(path) == 0 || errno == ENOENT else { throw fault("remove the old", path) }
    }

    private static func address(_ path: String) throws(ServerFault) -> sockaddr_un {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let room = MemoryLayout.size(ofValue: address.sun_path)
        let bytes = Array(path.utf8)
        guard !bytes.isEmpty, bytes.count < room, !bytes.contains(0) else {
            throw ServerFault("a socket's path has 1 to \(room - 1) bytes: \(path)")
        }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        return address
    }

    private static func call(
        _ function: (Int32, UnsafePointer<sockaddr>?, socklen_t) -> Int32, _ handle: Int32,
        _ address: inout sockaddr_un
    ) -> Int32 {
        withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                function(handle, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
    }
}
