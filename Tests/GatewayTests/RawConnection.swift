import Glibc
import NIOPosix

/// A blocking socket that sends what a test says, well formed or not.
///
/// A test that waits for what never comes fails after two minutes instead of hanging: it has to be
/// long for a machine that does much else. Waiting is
/// done on threads apart from those that run the tests, which would otherwise wait for each other.
/// One task uses a connection at a time.
final class RawConnection: @unchecked Sendable {
    private let handle: Int32
    private var unread: [UInt8] = []

    /// Connects to the loopback address, from it or another address of this host.
    init(port: Int, from source: String? = nil) throws {
        handle = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        if let source { try bind(to: source) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        inet_pton(AF_INET, "127.0.0.1", &address.sin_addr)
        var patience = timeval(tv_sec: 120, tv_usec: 0)
        setsockopt(
            handle, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(handle, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else { throw Failure.connect(errno) }
    }

    private func bind(to source: String) throws {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        inet_pton(AF_INET, source, &address.sin_addr)
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.bind(handle, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else { throw Failure.connect(errno) }
    }

    deinit { close(handle) }

    enum Failure: Error, Equatable {
        case connect(Int32)
        case ended
        case tooSlow
    }

    func send(_ text: String) { send(Array(text.utf8)) }

    func send(_ bytes: [UInt8]) {
        var start = 0
        while start < bytes.count {
            let count = bytes[start...].withUnsafeBytes {
                Glibc.send(handle, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return }
            start += count
        }
    }

    private func apart<Value: Sendable>(
        _ body: @escaping @Sendable (RawConnection) throws -> Value
    ) async throws -> Value {
        try await NIOThreadPool.singleton.runIfActive { try body(self) }
    }

    func head() async throws -> String {
        try await apart { try $0.read(through: "\r\n\r\n") }
    }

    /// Reads until the other side ends the connection.
    func readToEnd() async throws -> Bool {
        try await apart { $0.drain() }
    }

    /// Reads one HTTP response.
    func response() async throws -> (status: Int, head: String, body: String) {
        try await apart { try $0.readResponse() }
    }

    /// Reads one frame.
    func frame() async throws -> (opcode: UInt8, payload: [UInt8]) {
        try await apart { try $0.readFrame() }
    }

    /// Reads frames until the close frame; gives its code.
    func closeCode() async throws -> Int {
        try await apart { connection in
            while true {
                let (opcode, payload) = try connection.readFrame()
                if opcode == 8 { return payload.prefix(2).reduce(0) { $0 << 8 | Int($1) } }
            }
        }
    }

    /// Reads exactly so many bytes.
    private func read(_ count: Int) throws -> [UInt8] {
        while unread.count < count { try fill() }
        defer { unread.removeFirst(count) }
        return Array(unread[..<count])
    }

    /// Reads up to and including `mark`.
    private func read(through mark: String) throws -> String {
        let mark = Array(mark.utf8)
        while true {
            if unread.count >= mark.count {
                for end in mark.count...unread.count
                where unread[(end - mark.count)..<end].elementsEqual(mark) {
                    return String(decoding: try read(end), as: UTF8.self)
                }
            }
            try fill()
        }
    }

    private func fill() throws {
        var room = [UInt8](repeating: 0, count: 65_536)
        let count = recv(handle, &room, room.count, 0)
        if count == 0 { throw Failure.ended }
        guard count > 0 else { throw errno == EAGAIN ? Failure.tooSlow : Failure.ended }
        unread += room[..<count]
    }

    private func drain() -> Bool {
        do {
            while true { try fill() }
        } catch {
            return error as? Failure == .ended
        }
    }

    private func readResponse() throws -> (status: Int, head: String, body: String) {
        let head = try read(through: "\r\n\r\n")
        let status = Int(head.split(separator: " ")[1]) ?? 0
        let length =
            head.lowercased().split(separator: "\r\n")
            .first { $0.hasPrefix("content-length:") }
            .flatMap { Int($0.split(separator: ":")[1].drop { $0 == " " }) } ?? 0
        return (status, head.lowercased(), String(decoding: try read(length), as: UTF8.self))
    }

    /// Sends a request with the usual headers, or others instead.
    func post(_ body: String, headers: [String: String] = [:], path: String = "/") {
        var all = ["Host": "localhost", "Content-Type": "application/json"]
        all["Content-Length"] = String(body.utf8.count)
        for (name, value) in headers { all[name] = value }
        let lines = all.map { "\($0.key): \($0.value)\r\n" }.joined()
        send("POST \(path) HTTP/1.1\r\n\(lines)\r\n\(body)")
    }

    // MARK: WebSocket

    /// Asks to speak WebSocket.
    func upgrade(_ more: String = "") async throws -> (status: Int, head: String) {
        send(
            "GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
                + more + "\r\n")
        let response = try await response()
        return (response.status, response.head)
    }

    /// Sends one frame, masked as a client does unless told otherwise.
    func frame(
        _ opcode: UInt8, _ payload: [UInt8], isLast: Bool = true, reserved: UInt8 = 0,
        isMasked: Bool = true
    ) {
        var bytes: [UInt8] = [opcode | reserved | (isLast ? 0x80 : 0)]
        let mask: UInt8 = isMasked ? 0x80 : 0
        if payload.count < 126 {
            bytes.append(mask | UInt8(payload.count))
        } else {
            bytes += [mask | 127]
            bytes += withUnsafeBytes(of: UInt64(payload.count).bigEndian) { Array($0) }
        }
        let key: [UInt8] = [0x11, 0x22, 0x33, 0x44]
        if isMasked { bytes += key }
        bytes += isMasked ? payload.enumerated().map { $1 ^ key[$0 % 4] } : payload
        send(bytes)
    }

    func text(_ text: String) { frame(1, Array(text.utf8)) }

    private func readFrame() throws -> (opcode: UInt8, payload: [UInt8]) {
        let head = try read(2)
        var count = Int(head[1] & 0x7f)
        if count == 126 { count = try read(2).reduce(0) { $0 << 8 | Int($1) } }
        if count == 127 { count = try read(8).reduce(0) { $0 << 8 | Int($1) } }
        return (head[0] & 0x0f, try read(count))
    }
}
