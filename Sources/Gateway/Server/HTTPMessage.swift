import NIOCore

/// The bytes of HTTP/1.1 responses.
///
/// They are put together here, not by NIO's encoder, which writes head, body and end apart: one
/// buffer a response is one write, and with small answers that is most of the work.
enum HTTPMessage {
    static let json = "application/json"

    /// A whole response.
    ///
    /// A large body is not copied but follows as a second buffer.
    static func response(
        status: Int, contentType: String?, body: ByteBuffer?, headers: [(String, String)] = [],
        close: Bool, withoutBody: Bool = false
    ) -> (head: ByteBuffer, body: ByteBuffer?) {
        let length = body?.readableBytes ?? 0
        let isCopied = length <= 16 << 10
        var head = ByteBuffer()
        head.reserveCapacity(192 + (isCopied ? length : 0))
        head.writeStaticString("HTTP/1.1 ")
        if status == 200 {
            head.writeStaticString("200 OK\r\n")
        } else {
            head.writeString("\(status) \(reason(status))\r\n")
        }
        if let contentType {
            if contentType == json {
                head.writeStaticString("content-type: application/json\r\n")
            } else {
                head.writeString("content-type: \(contentType)\r\n")
            }
        }
        for (name, value) in headers { head.writeString("\(name): \(value)\r\n") }
        if close { head.writeStaticString("connection: close\r\n") }
        if status != 204, status != 101 {
            head.writeStaticString("content-length: ")
            head.writeString(String(length))
            head.writeStaticString("\r\n")
        }
        head.writeStaticString("\r\n")
        guard let body, !withoutBody else { return (head, nil) }
        guard isCopied else { return (head, body) }
        head.writeImmutableBuffer(body)
        return (head, nil)
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
        self.status = status
        self.closes = closes
        error =
            switch status {
            case 401, 403: .forbidden(message)
            case 413, 429, 431, 503: .limitExceeded(message)
            default: .invalidRequest(message)
            }
        switch status {
        case 401: headers = [("www-authenticate", "Bearer")]
        case 429, 503: headers = [("retry-after", "1")]
        default: break
        }
    }
}
