import Foundation
import Glibc
import Ledger
import Synchronization

/// A signer on a port of this machine, by plain HTTP; it counts, and leaves when it is told to.
final class TestSigner: Sendable {
    /// What it was asked for, and how.
    struct Count: Equatable {
        var connections = 0
        var lists = 0
        var signatures = 0
    }

    private struct State {
        var count = Count()
        /// Requests that a connection answers; at the next one it ends without a word.
        var patience = Int.max
    }

    let key: PrivateKey
    let port: Int
    private let listener: Int32
    private let state = Mutex(State())

    init(_ key: PrivateKey) {
        self.key = key
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let listener = listener
        let isListening = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, size) == 0 && listen(listener, 64) == 0
                    && getsockname(listener, $0, &size) == 0
            }
        }
        precondition(isListening, "no port: \(errno)")
        port = Int(UInt16(bigEndian: address.sin_port))
        Thread.detachNewThread { [weak self] in
            while true {
                let connection = accept(listener, nil, nil)
                guard connection >= 0 else { break }
                guard let self else {
                    close(connection)
                    break
                }
                Thread.detachNewThread { self.serve(connection) }
            }
            close(listener)
        }
    }

    deinit { shutdown(listener, Int32(SHUT_RDWR)) }

    var count: Count { state.withLock { $0.count } }

    /// Makes each connection end unanswered at the request after so many.
    func answer(_ requests: Int) { state.withLock { $0.patience = requests } }

    private func serve(_ connection: Int32) {
        defer { close(connection) }
        state.withLock { $0.count.connections += 1 }
        var answered = 0
        while let request = Self.read(connection) {
            guard answered < state.withLock({ $0.patience }) else { return }
            answered += 1
            let body = answer(to: request)
            let answer =
                "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: \(body.utf8.count)\r\n\r\n"
                + body
            let sent = Array(answer.utf8).withUnsafeBytes {
                send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) == $0.count
            }
            guard sent else { return }
        }
    }

    private func answer(to request: String) -> String {
        guard request.hasPrefix("POST ") else {
            state.withLock { $0.count.lists += 1 }
            // Whoever else wants the list asks meanwhile, if it may.
            usleep(200_000)
            return "[\"0x\(Hex.encode(key.publicKey.bytes))\"]"
        }
        state.withLock { $0.count.signatures += 1 }
        let digits = request.split(separator: "\"data\":\"0x").last?.prefix { $0 != "\"" } ?? ""
        let preimage = Hex.decode(String(digits)) ?? []
        return "0x" + Hex.encode(key.sign(Keccak256.hash(preimage)).bytes)
    }

    /// One request, head and body; nil when the other side has ended.
    private static func read(_ connection: Int32) -> String? {
        var text = ""
        var room = [UInt8](repeating: 0, count: 4_096)
        while true {
            if let end = text.range(of: "\r\n\r\n") {
                let length = text[..<end.lowerBound].lowercased().split(separator: "\r\n")
                    .first { $0.hasPrefix("content-length:") }
                    .flatMap { Int($0.split(separator: ":")[1].drop { $0 == " " }) }
                if text[end.upperBound...].utf8.count >= length ?? 0 { return text }
            }
            let count = recv(connection, &room, room.count, 0)
            guard count > 0 else { return nil }
            text += String(decoding: room[..<count], as: UTF8.self)
        }
    }
}
