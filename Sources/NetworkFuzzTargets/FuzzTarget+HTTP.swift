import FuzzTargets
import Gateway
import JSON
import Logging
import NIOCore
import NIOEmbedded

extension FuzzTarget {
    /// The bytes of a connection to the server: HTTP/1.1 and, once asked for, WebSocket.
    ///
    /// It does not matter in what pieces HTTP comes, and only well-formed answers go out. Only where a head is refused for
    /// two reasons the pieces may decide which one is told: NIO looks at its size as often as some of it has come.
    static let http = FuzzTarget("http", seeds: { HTTPStreams.seeds }) {
        (bytes) throws(FuzzFinding) in
        guard let first = bytes.first else { return }
        let stream = bytes.dropFirst()
        let whole = try HTTPStreams.answers(to: stream, by: stream.count + 1)
        let pieces = try HTTPStreams.answers(to: stream, by: Int(first % 32) + 1)
        // A client speaks WebSocket only once its upgrade is answered (RFC 6455, 4.1).
        let isUpgraded = pieces.starts(with: "HTTP/1.1 101".utf8)
        let isSame = HTTPStreams.withoutRefusedHead(pieces) == HTTPStreams.withoutRefusedHead(whole)
        guard isSame || isUpgraded else {
            let texts = [whole, pieces].map { String(decoding: $0, as: UTF8.self) }
            throw FuzzFinding("http: in pieces it is answered otherwise: \(texts)")
        }
        var check = HTTPAnswerCheck(pieces)
        try check.run()
    }
}

private enum HTTPStreams {
    /// Small limits, so that a fuzzer meets them.
    private static let core: ServerCore = {
        var configuration = ServerConfiguration(address: .tcp(host: "127.0.0.1", port: 0))
        configuration.limits.bodyBytes = 512
        configuration.limits.messageBytes = 256
        configuration.limits.headerBytes = 1_024
        configuration.limits.headerCount = 16
        configuration.limits.batchCalls = 4
        // All on this thread, which is the only one.
        configuration.limits.sliceNanoseconds = .max
        configuration.origins = ["https://bank.example"]
        configuration.workerThreads = 1
        configuration.proxies = ["127.0.0.1", "10.0.0.0/8"].compactMap(AddressNetwork.init)
        var methods = RPCMethods()
        methods.value("echo") { (request) throws(RPCError) in try request.params().value }
        methods.value("advance", scope: .admin) { _ in true }
        var routes = HTTPRoutes()
        routes.get("/health") { query in .json(["query": .string(query)]) }
        routes.get("/metrics", scope: .admin) { _ in .json(nil) }
        return ServerCore(
            configuration, methods: methods, routes: routes, metrics: Metrics(),
            logger: Logger(label: "fuzz") { _ in SwiftLogNoOpLogHandler() })
    }()

    /// Answers without the last one, if that says that a head is malformed or too long.
    static func withoutRefusedHead(_ answers: [UInt8]) -> [UInt8] {
        let refusals = ["400 Bad Request", "431 Request Header Fields Too Large"]
        let last = refusals.compactMap { reason in
            answers.lastPlace(of: Array("HTTP/1.1 \(reason)\r\n".utf8))
        }
        return last.max().map { Array(answers[..<$0]) } ?? answers
    }

    /// The first byte says in what pieces the others come.
    static let seeds: [[UInt8]] = {
        let body = #"{"jsonrpc":"2.0","id":1,"method":"echo","params":[1]}"#
        let post =
            "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
        // What a proxy sends, each time for another.
        let proxied = [
            "X-Forwarded-For: 192.0.2.1, 10.0.0.1", "X-Forwarded-For: [2001:db8::1]:443",
            #"Forwarded: proto=https;for="[2001:db8::1]:443", for=10.0.0.1"#,
            "Forwarded: for=192.0.2.1\r\nX-Forwarded-For: 192.0.2.1",
        ].map { post.replacing("Host", with: $0 + "\r\nHost", maxReplacements: 1) }
        let upgrade =
            "GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        let texts = [
            post + post, proxied.joined(),
            "GET /health?a=1 HTTP/1.1\r\nHost: localhost\r\n\r\nHEAD /health HTTP/1.1\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n5\r\n[1,2]\r\n0\r\n\r\n",
            "OPTIONS / HTTP/1.1\r\nHost: 127.0.0.1:8545\r\nOrigin: https://bank.example\r\n\r\n",
            "GET /metrics HTTP/1.0\r\nAuthorization: Bearer x\r\nConnection: keep-alive\r\n\r\n",
        ]
        let frames: [[UInt8]] = [
            frame(0x81, Array(body.utf8)), frame(0x01, [0x5b]) + frame(0x80, [0x5d]),
            frame(0x89, [1, 2]), frame(0x88, [0x03, 0xe8]),
            [0x82, 0xfe, 0x00, 0x7e] + [UInt8](repeating: 0, count: 130),
        ]
        let (begun, hello): ([UInt8], [UInt8]) = ([5], Array(upgrade.utf8))
        var seeds: [[UInt8]] = texts.map { begun + Array($0.utf8) }
        for frame in frames { seeds.append(begun + hello + frame) }
        seeds.append(begun + hello + Array(frames.joined()))
        return seeds
    }()

    /// A short frame as clients send it.
    private static func frame(_ head: UInt8, _ payload: [UInt8]) -> [UInt8] {
        let mask: [UInt8] = [1, 2, 3, 4]
        return [head, 0x80 | UInt8(payload.count)] + mask
            + payload.enumerated().map { $1 ^ mask[$0 % 4] }
    }

    /// What goes out when a stream comes in pieces of so many bytes.
    static func answers(to stream: ArraySlice<UInt8>, by size: Int) throws(FuzzFinding) -> [UInt8] {
        do {
            let channel = EmbeddedChannel()
            let address = try SocketAddress(ipAddress: "127.0.0.1", port: 1)
            channel.remoteAddress = address
            try RPCServer.configure(channel, core, nil)
            try channel.connect(to: address).wait()
            var out: [UInt8] = []
            var rest = stream
            while !rest.isEmpty, channel.isActive {
                // What is no HTTP is answered, and then thrown.
                _ = try? channel.writeInbound(ByteBuffer(bytes: rest.prefix(size)))
                rest = rest.dropFirst(size)
                channel.embeddedEventLoop.run()
                while let bytes = try channel.readOutbound(as: ByteBuffer.self) {
                    out += bytes.readableBytesView
                }
            }
            _ = try? channel.finish(acceptAlreadyClosed: true)
            return out
        } catch {
            throw FuzzFinding("http: the server's connection failed: \(error)")
        }
    }
}

/// Reads what a server sent.
private struct HTTPAnswerCheck {
    private static let statuses: Set<Int> = [
        100, 101, 200, 204, 400, 401, 403, 404, 405, 413, 415, 426, 429, 431, 503,
    ]

    private var rest: ArraySlice<UInt8>

    init(_ bytes: [UInt8]) { rest = bytes[...] }

    mutating func run() throws(FuzzFinding) {
        while !rest.isEmpty {
            guard try readResponse() else { return try readFrames() }
        }
    }

    /// False where WebSocket begins.
    private mutating func readResponse() throws(FuzzFinding) -> Bool {
        var head: [Substring] = []
        while let end = rest.firstIndex(of: 0x0a) {
            let line = String(decoding: rest[rest.startIndex..<end], as: UTF8.self)
            rest = rest[(end + 1)...]
            guard line.hasSuffix("\r") else { throw FuzzFinding("http: a bare end of line") }
            if line == "\r" { break }
            head.append(line.dropLast())
        }
        guard let first = head.first, first.hasPrefix("HTTP/1.1 "),
            let status = Int(first.dropFirst(9).prefix(3)), Self.statuses.contains(status)
        else { throw FuzzFinding("http: this is sent: \(head.first ?? "")") }
        guard status != 101 else { return false }
        guard status != 100, status != 204 else { return true }
        let lengths = head.filter { $0.hasPrefix("content-length: ") }
        guard lengths.count == 1, let length = Int(lengths[0].dropFirst(16)) else {
            throw FuzzFinding("http: an answer without a length")
        }
        // The answer to HEAD has the length of a body that is not there.
        if rest.isEmpty || rest.starts(with: "HTTP/1.1 ".utf8) { return true }
        guard length <= rest.count else { throw FuzzFinding("http: an answer is cut off") }
        guard (try? JSON(parsing: rest.prefix(length))) != nil else {
            throw FuzzFinding("http: a body that is no JSON")
        }
        rest = rest.dropFirst(length)
        return true
    }

    private mutating func readFrames() throws(FuzzFinding) {
        while !rest.isEmpty {
            let bytes = Array(rest.prefix(4))
            guard bytes.count >= 2, [0x81, 0x88, 0x8a].contains(bytes[0]) else {
                throw FuzzFinding("http: \(bytes) is no frame of ours")
            }
            var (length, head) = (Int(bytes[1]), 2)
            if length == 126, bytes.count == 4 {
                (length, head) = (Int(bytes[2]) << 8 | Int(bytes[3]), 4)
            }
            guard length < 1 << 16, head + length <= rest.count, bytes[1] < 127 else {
                throw FuzzFinding("http: a frame is masked or cut off")
            }
            let payload = rest.dropFirst(head).prefix(length)
            guard bytes[0] != 0x81 || (try? JSON(parsing: payload)) != nil else {
                throw FuzzFinding("http: a message that is no JSON")
            }
            rest = rest.dropFirst(head + length)
        }
    }
}

extension [UInt8] {
    /// Where the last occurrence of some bytes begins.
    fileprivate func lastPlace(of bytes: [UInt8]) -> Int? {
        guard bytes.count <= count else { return nil }
        return (0...(count - bytes.count)).last { self[$0...].starts(with: bytes) }
    }
}
