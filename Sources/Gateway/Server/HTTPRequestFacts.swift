import NIOCore
import NIOHTTP1

/// What a request's head says, as far as the server acts on it.
struct HTTPRequestFacts {
    /// What is asked for.
    enum Purpose {
        case rpc
        case page(HTTPRoutes.Route, query: String)
        case preflight
        case webSocket(HTTPRequestHead)
    }

    var keepsAlive: Bool
    var purpose = Purpose.rpc
    var caller = Gatekeeper.Caller(scopes: [], token: nil)
    /// Further headers of the answer.
    var headers: [(String, String)] = []
    var contentLength: Int?
    var expectsContinue = false
    var isHead = false
    private var head: HTTPRequestHead?

    /// Facts of no request: for a refusal that ends the connection.
    static let none = HTTPRequestFacts()

    private init() { keepsAlive = false }

    init(_ head: HTTPRequestHead) {
        self.head = head
        // A client of version 1.0 would have to be told that the connection stays open.
        keepsAlive = head.isKeepAlive && head.version == .http1_1
    }

    static func tooLarge(_ limit: Int) -> HTTPRefusal {
        HTTPRefusal(413, "a request has at most \(limit) bytes; send several", closes: true)
    }

    /// Decides what is asked for and whether the caller may, from one walk over the headers.
    mutating func check(_ core: ServerCore) throws(HTTPRefusal) {
        guard let head else { return }
        self.head = nil
        var fields = Fields()
        for (name, value) in head.headers { fields.take(name, value) }
        contentLength = fields.contentLength
        expectsContinue = fields.expectsContinue
        isHead = head.method == .HEAD
        // NIO's decoder stops at a request that asks for another protocol, so it is the last one.
        if fields.upgrade != nil || head.method == .CONNECT { keepsAlive = false }

        let gatekeeper = core.gatekeeper
        guard !fields.isAmbiguous else {
            throw HTTPRefusal(400, "a header that may stand once stands twice", closes: true)
        }
        try gatekeeper.checkHost(fields.host)
        try gatekeeper.checkOrigin(fields.origin)
        if let origin = fields.origin {
            headers = [("access-control-allow-origin", origin), ("vary", "origin")]
        }
        if let length = contentLength, length > core.limits.bodyBytes {
            throw Self.tooLarge(core.limits.bodyBytes)
        }
        let (path, query) = Self.split(head.uri)
        try decidePurpose(head, path, query, fields, core)
    }

    private mutating func decidePurpose(
        _ head: HTTPRequestHead, _ path: Substring, _ query: String, _ fields: Fields,
        _ core: ServerCore
    ) throws(HTTPRefusal) {
        let route = core.routes.pages[String(path)]
        switch head.method {
        case .POST where path == "/":
            guard fields.isJSON else {
                throw HTTPRefusal(415, "the content type must be application/json")
            }
            caller = try core.gatekeeper.identify(fields.authorization)
        case .GET where path == "/" && fields.upgrade == "websocket":
            caller = try core.gatekeeper.identify(fields.authorization)
            purpose = .webSocket(head)
        case .GET, .HEAD:
            guard let route else {
                guard path == "/" else { throw notFound(path) }
                throw notAllowed("POST")
            }
            if let scope = route.scope {
                caller = try core.gatekeeper.identify(fields.authorization)
                guard caller.scopes.contains(scope) else {
                    throw HTTPRefusal(403, "this page needs a token with scope \(scope)")
                }
            }
            purpose = .page(route, query: query)
        case .OPTIONS where path == "/" || route != nil:
            guard fields.origin != nil else { throw notAllowed(path == "/" ? "POST" : "GET") }
            purpose = .preflight
            headers += [
                ("access-control-allow-methods", path == "/" ? "POST" : "GET"),
                ("access-control-allow-headers", "content-type, authorization"),
                ("access-control-max-age", "600"),
            ]
        default:
            guard path == "/" || route != nil else { throw notFound(path) }
            throw notAllowed(path == "/" ? "POST" : "GET")
        }
    }

    private func notFound(_ path: Substring) -> HTTPRefusal {
        HTTPRefusal(404, "there is nothing at \(path.prefix(80)); JSON-RPC is at / by POST")
    }

    private func notAllowed(_ method: String) -> HTTPRefusal {
        var refusal = HTTPRefusal(405, "here only \(method) is served")
        refusal.headers = [("allow", method)]
        return refusal
    }

    private static func split(_ uri: String) -> (path: Substring, query: String) {
        guard let mark = uri.utf8.firstIndex(of: UInt8(ascii: "?")) else { return (uri[...], "") }
        return (uri[..<mark], String(uri[uri.index(after: mark)...]))
    }

    /// The headers that count.
    private struct Fields {
        /// Whether a header on which a decision hangs stands twice.
        var isAmbiguous = false
        var host: String?
        var origin: String?
        var authorization: String?
        var contentLength: Int?
        var contentType: String?
        var isJSON: Bool {
            // A page may send a body that names no type anywhere, without being asked about first.
            guard let contentType else { return false }
            let type = contentType.utf8.prefix { $0 != UInt8(ascii: ";") && $0 != 0x20 }
            return Self.same(type, "application/json")
        }
        var upgrade: String?
        var expectsContinue = false

        mutating func take(_ name: String, _ value: String) {
            switch name.utf8.count {
            case 4 where Self.same(name, "host"): set(\.host, value)
            case 6 where Self.same(name, "origin"): set(\.origin, value)
            case 6 where Self.same(name, "expect"):
                expectsContinue = Self.same(value, "100-continue")
            case 7 where Self.same(name, "upgrade"): upgrade = value.lowercased()
            case 12 where Self.same(name, "content-type"): set(\.contentType, value)
            case 13 where Self.same(name, "authorization"): set(\.authorization, value)
            case 14 where Self.same(name, "content-length"): contentLength = Int(value)
            default: break
            }
        }

        @inline(__always)
        private mutating func set(_ field: WritableKeyPath<Fields, String?>, _ value: String) {
            if self[keyPath: field] != nil { isAmbiguous = true }
            self[keyPath: field] = value
        }

        private static func same(_ name: String, _ expected: StaticString) -> Bool {
            same(name.utf8, expected)
        }

        private static func same(_ name: some Collection<UInt8>, _ expected: StaticString) -> Bool {
            name.count == expected.utf8CodeUnitCount
                && name.elementsEqual(
                    UnsafeBufferPointer(
                        start: expected.utf8Start, count: expected.utf8CodeUnitCount),
                    by: { ($0 >= 0x41 && $0 <= 0x5a ? $0 | 0x20 : $0) == $1 })
        }
    }
}
