import Foundation
import Glibc

/// Something that the load could not do; ends the run.
struct LoadFailure: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

/// One HTTP connection, blocking, kept alive: the load shares the machine with the node, so that it must
/// cost as little as a socket can.
final class Connection {
    private let socket: Int32
    private var buffer = [UInt8](repeating: 0, count: 1 << 16)
    private var held: [UInt8] = []

    init(port: Int) throws {
        socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7f00_0001).bigEndian
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else { throw LoadFailure("cannot connect to port \(port)") }
        var on: Int32 = 1
        setsockopt(socket, Int32(IPPROTO_TCP), TCP_NODELAY, &on, 4)
    }

    deinit { close(socket) }

    /// A whole request around a JSON body.
    static func request(_ body: [UInt8]) -> [UInt8] {
        let head =
            "POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: \(body.count)\r\n\r\n"
        return Array(head.utf8) + body
    }

    func send(_ request: [UInt8]) throws {
        var sent = 0
        try request.withUnsafeBytes { bytes in
            while sent < bytes.count {
                let count = write(
                    socket, UnsafeRawBufferPointer(rebasing: bytes[sent...]).baseAddress,
                    bytes.count - sent)
                guard count > 0 else { throw LoadFailure("the node closed the connection") }
                sent += count
            }
        }
    }

    /// Reads one response; its body.
    func receive() throws -> [UInt8] {
        var headEnd: Int?
        while true {
            if headEnd == nil { headEnd = Self.headEnd(held) }
            if let end = headEnd {
                let length = try Self.contentLength(held[..<end])
                if held.count >= end + length {
                    let body = Array(held[end..<(end + length)])
                    held.removeFirst(end + length)
                    return body
                }
            }
            let count = read(socket, &buffer, buffer.count)
            guard count > 0 else { throw LoadFailure("the node closed the connection") }
            held.append(contentsOf: buffer[..<count])
        }
    }

    func call(_ body: String) throws -> [UInt8] {
        try send(Self.request(Array(body.utf8)))
        return try receive()
    }

    private static func headEnd(_ bytes: [UInt8]) -> Int? {
        guard bytes.count >= 4 else { return nil }
        for index in 0...(bytes.count - 4)
        where bytes[index] == 13 && bytes[index + 1] == 10 && bytes[index + 2] == 13
            && bytes[index + 3] == 10
        { return index + 4 }
        return nil
    }

    private static func contentLength(_ head: ArraySlice<UInt8>) throws -> Int {
        let text = String(decoding: head, as: UTF8.self).lowercased()
        for line in text.split(separator: "\r\n") where line.hasPrefix("content-length:") {
            if let length = Int(line.dropFirst(15).trimmingCharacters(in: .whitespaces)) {
                return length
            }
        }
        throw LoadFailure("a response without length: \(text.prefix(200))")
    }
}
