import JSON

/// The pages of a server beside JSON-RPC, such as `/health`.
public struct HTTPRoutes: Sendable {
    struct Route: Sendable {
        let scope: RPCScope?
        let body: @Sendable (String) -> HTTPAnswer
    }

    private(set) var pages: [String: Route] = [:]

    /// No pages.
    public init() {}

    /// Adds a page for GET and HEAD.
    ///
    /// - Parameters:
    ///   - path: the exact path, starting with `/`.
    ///   - scope: what a caller must be allowed to; nil for everybody who can connect.
    ///   - body: makes the page from the text after the question mark; quick, on any thread.
    public mutating func get(
        _ path: String, scope: RPCScope? = nil, _ body: @escaping @Sendable (String) -> HTTPAnswer
    ) {
        pages[path] = Route(scope: scope, body: body)
    }
}

/// A page.
public struct HTTPAnswer: Sendable {
    /// The HTTP status, such as 200 or 503.
    public var status: Int
    /// The media type of `body`.
    public var contentType: String
    /// The contents.
    public var body: [UInt8]

    /// Makes a page.
    public init(status: Int, contentType: String, body: [UInt8]) {
        self.status = status
        self.contentType = contentType
        self.body = body
    }

    /// A page of plain text.
    public static func text(_ text: String, status: Int = 200) -> HTTPAnswer {
        HTTPAnswer(status: status, contentType: "text/plain; charset=utf-8", body: Array(text.utf8))
    }

    /// A page of JSON.
    public static func json(_ value: JSON, status: Int = 200) -> HTTPAnswer {
        var writer = JSONWriter()
        writer.value(value)
        return HTTPAnswer(status: status, contentType: "application/json", body: writer.bytes)
    }

    /// The page of `metrics` for Prometheus.
    public static func metrics(_ metrics: Metrics) -> HTTPAnswer {
        HTTPAnswer(
            status: 200, contentType: "text/plain; version=0.0.4; charset=utf-8",
            body: Array(metrics.page().utf8))
    }
}
