import NIOCore

/// The bytes of an HTTP/1.1 response.
///
/// They are put together here, not by NIO's encoder, which writes head, body and end apart: one
/// buffer a response is one write, and with small answers that is most of the work.
struct HTTPMessage {
    static let json = "application/json"

    /// The head, followed by the body if that is small.
    private(set) var head = ByteBuffer()
    /// A body that is too large to be copied.
    private(set) var body: ByteBuffer?

    init(
        status: Int, contentType: String?, body: ByteBuffer?, headers: [(String, String)] = [],
        closes: Bool, isHead: Bool = false
    ) {
        let length = body?.readableBytes ?? 0
        let isCopied = length <= 16 << 10
        head.reserveCapacity(192 + (isCopied ? length : 0))
        head.writeStaticString("HTTP/1.1 ")
        if status == 200 {
            head.writeStaticString("200 OK\r\n")
        } else {
            head.writeString("\(status) \(Self.reason(status))\r\n")
        }
        if let contentType {
            if contentType == Self.json {
                head.writeStaticString("content-type: application/json\r\n")
            } else {
                head.writeString("content-type: \(contentType)\r\n")
            }
        }
        for (name, value) in headers { head.writeString("\(name): \(value)\r\n") }
        if closes { head.writeStaticString("connection: close\r\n") }
        if status != 204, status != 101 {
            head.writeStaticString("content-length: ")
            head.writeString(String(length))
            head.writeStaticString("\r\n")
        }
        head.writeStaticString("\r\n")
        guard let body, !isHead else { return }
        if isCopied {
            head.writeImmutableBuffer(body)
        } else {
            self.body = body
        }
    }

    /// A refusal as a response.
    init(_ refusal: HTTPRefusal, _ facts: HTTPRequestFacts) {
        self.init(
            status: refusal.status, contentType: Self.json,
            body: RPCResponse.refusal(refusal.error), headers: refusal.headers + facts.headers,
            closes: !facts.keepsAlive, isHead: facts.isHead)
    }

    static func reason(_ status: Int) -> String {
        switch status {
        case 101: "Switching Protocols"
        case 200: "OK"
        case 204: "No Content"
        case 400: "Bad Request"
        case 401: "Unauthorized"
        case 403: "Forbidden"
        case 404: "Not Found"
        case 405: "Method Not Allowed"
        case 408: "Request Timeout"
        case 413: "Content Too Large"
        case 415: "Unsupported Media Type"
        case 426: "Upgrade Required"
        case 429: "Too Many Requests"
        case 431: "Request Header Fields Too Large"
        case 500: "Internal Server Error"
        case 503: "Service Unavailable"
        default: "Status"
        }
    }
}

/// A request that is turned away before JSON-RPC sees it.
struct HTTPRefusal: Error, Equatable {
    let status: Int
    let error: RPCError
    var headers: [(String, String)] = []
    /// Whether the connection ends with it.
    var closes = false

    static func == (one: HTTPRefusal, other: HTTPRefusal) -> Bool {
        one.status == other.status && one.error == other.error
    }

    init(_ status: Int, _ message: String, closes: Bool = false) {
        let error: RPCError =
            switch status {
            case 401, 403: .forbidden(message)
            case 413, 431, 503: .limitExceeded(message)
            default: .invalidRequest(message)
            }
        self.init(status, error, closes: closes)
    }

    init(_ status: Int, _ error: RPCError, closes: Bool = false) {
        self.status = status
        self.error = error
        self.closes = closes
        switch status {
        case 401: headers = [("www-authenticate", "Bearer")]
        case 429, 503: headers = [("retry-after", "1")]
        default: break
        }
    }
}
