import JSON
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import Synchronization

/// A JSON-RPC client over one HTTP/1.1 connection, made when first needed and kept.
///
/// Calls may be made from several tasks at once; they are pipelined.
public final class RPCClient: Sendable {
    /// One call of a batch.
    public struct Call: Sendable {
        /// The method's name.
        public var method: String
        /// An array or object.
        public var params: JSON

        /// Makes a call.
        public init(_ method: String, _ params: JSON = []) {
            self.method = method
            self.params = params
        }
    }

    /// Where the calls go.
    public let endpoint: RPCEndpoint
    private let eventLoop: any EventLoop
    private let connection = Mutex<Connection?>(nil)

    /// A connection, made or on its way, and why it ended.
    private struct Connection {
        let future: EventLoopFuture<any Channel>
        let end: ConnectionEnd
    }

    /// Makes a client; nothing is connected yet.
    public init(_ endpoint: RPCEndpoint) {
        self.endpoint = endpoint
        eventLoop = MultiThreadedEventLoopGroup.singleton.next()
    }

    // MARK: Calls

    /// Makes one call and waits for its result.
    ///
    /// - Throws: ``ClientFault/method(_:)`` with the method's error, or why there is no answer.
    public func call(
        _ method: String, _ params: JSON = []
    ) async throws(ClientFault) -> JSON {
        var writer = JSONWriter()
        Self.write(Call(method, params), id: 1, to: &writer)
        let answer = try Self.tree(try await post(ByteBuffer(writer)), endpoint)
        return try Self.result(answer, endpoint).get()
    }

    /// Makes several calls in one request and waits for all results, which are in the same order.
    ///
    /// - Throws: why there is no answer; a method's own error is among the results.
    public func batch(
        _ calls: [Call]
    ) async throws(ClientFault) -> [Result<JSON, ClientFault>] {
        guard !calls.isEmpty else { return [] }
        var writer = JSONWriter(capacity: 128 * calls.count)
        writer.openArray()
        for (id, call) in calls.enumerated() { Self.write(call, id: id, to: &writer) }
        writer.closeArray()
        let answer = try Self.tree(try await post(ByteBuffer(writer)), endpoint)
        guard let answers = answer.array else {
            throw try Self.result(answer, endpoint).failure
                ?? .badAnswer("\(endpoint): one answer to a batch")
        }
        var results = [Result<JSON, ClientFault>](
            repeating: .failure(.badAnswer("\(endpoint): no answer to this call")),
            count: calls.count)
        for answer in answers {
            guard let id = answer["id"]?.unsigned, id < UInt128(calls.count) else { continue }
            results[Int(id)] = try Self.result(answer, endpoint)
        }
        return results
    }

    /// Asks for a page such as `/health`, or sends something to it.
    ///
    /// - Parameters:
    ///   - path: which.
    ///   - body: JSON to be sent there; without it the page is asked for.
    /// - Returns: the answer, whatever its status.
    /// - Throws: why there is no answer.
    public func page(
        _ path: String, posting body: [UInt8]? = nil
    ) async throws(ClientFault) -> (status: Int, body: [UInt8]) {
        let response = try await wait(
            send(body == nil ? .GET : .POST, path, ByteBuffer(bytes: body ?? [])))
        return (response.status, Array(response.body.readableBytesView))
    }

    private func post(_ body: ByteBuffer) async throws(ClientFault) -> ByteBuffer {
        try accepted(try await wait(send(.POST, "/", body)))
    }

    private func wait(
        _ future: EventLoopFuture<ClientResponse>
    ) async throws(ClientFault) -> ClientResponse {
        do {
            return try await future.get()
        } catch {
            throw endpoint.unreachable(error)
        }
    }

    private func accepted(_ response: ClientResponse) throws(ClientFault) -> ByteBuffer {
        guard response.status != 200, response.status != 204 else { return response.body }
        throw response.refusal(endpoint)
    }

    // MARK: The connection

    /// Ends the connection; a later call makes a new one.
    public func close() async {
        let connection = connection.withLock { connection in
            defer { connection = nil }
            return connection
        }
        guard let channel = try? await connection?.future.get() else { return }
        try? await channel.close().get()
    }

    private func send(
        _ method: HTTPMethod, _ path: String, _ body: ByteBuffer
    ) -> EventLoopFuture<ClientResponse> {
        var headers: HTTPHeaders = ["host": endpoint.authority]
        if method == .POST {
            headers.add(name: "content-type", value: HTTPMessage.json)
            headers.add(name: "content-length", value: String(body.readableBytes))
        }
        if let token = endpoint.token {
            headers.add(name: "authorization", value: "Bearer \(token)")
        }
        let head = HTTPRequestHead(version: .http1_1, method: method, uri: path, headers: headers)
        let connection = connected()
        return connection.future.flatMap { [endpoint] channel in
            let promise = channel.eventLoop.makePromise(of: ClientResponse.self)
            let timer = channel.eventLoop.scheduleTask(
                in: .milliseconds(endpoint.timeoutMilliseconds)
            ) {
                // The answers behind the missing one could not be told apart from it.
                promise.fail(
                    ClientFault.timedOut(
                        "\(endpoint): no answer within \(endpoint.timeoutMilliseconds) ms"))
                channel.close(promise: nil)
            }
            let call = ClientCall(head: head, body: body, promise: promise)
            channel.writeAndFlush(call).whenFailure { error in
                // Where TLS failed before there was a request, that is the reason, and may only come now.
                channel.closeFuture.whenComplete { _ in
                    promise.fail(connection.end.noted ?? error)
                }
                channel.close(promise: nil)
            }
            promise.futureResult.whenComplete { _ in timer.cancel() }
            return promise.futureResult
        }
    }

    private func connected() -> Connection {
        let (connection, isNew) = connection.withLock { known in
            if let known { return (known, false) }
            let end = ConnectionEnd()
            let connection = Connection(future: connect(end), end: end)
            known = connection
            return (connection, true)
        }
        guard isNew else { return connection }
        let future = connection.future
        future.whenComplete { [weak self] result in
            guard case .success(let channel) = result else {
                self?.forget(future)
                return
            }
            channel.closeFuture.whenComplete { [weak self] _ in self?.forget(future) }
        }
        return connection
    }

    private func forget(_ future: EventLoopFuture<any Channel>) {
        connection.withLock { connection in
            if connection?.future === future { connection = nil }
        }
    }

    private func connect(_ end: ConnectionEnd) -> EventLoopFuture<any Channel> {
        ClientBootstrap.connect(endpoint, on: eventLoop, end: end) {
            [limit = endpoint.answerLimit] channel in
            try Self.begin(channel, answerLimit: limit)
        }
    }

    /// Has a channel take each ``ClientCall`` and answer it.
    package static func begin(_ channel: any Channel, answerLimit: Int) throws {
        let decoder = HTTPResponseDecoder(informationalResponseStrategy: .forward)
        try channel.pipeline.syncOperations.addHandlers(
            HTTPRequestEncoder(), ByteToMessageHandler(decoder),
            ClientHTTPHandler(limit: answerLimit))
    }
}

extension RPCClient {
    static func write(_ call: Call, id: Int, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.key("jsonrpc")
            writer.string("2.0")
            writer.key("id")
            writer.number(id)
            writer.key("method")
            writer.string(call.method)
            writer.key("params")
            writer.value(call.params)
        }
    }

    static func tree(_ body: ByteBuffer, _ endpoint: RPCEndpoint) throws(ClientFault) -> JSON {
        do throws(JSONFault) {
            return try body.withUnsafeReadableBytes { raw throws(JSONFault) in
                try JSON(reading: raw.bindMemory(to: UInt8.self), limits: .trustedFile)
            }
        } catch {
            throw .badAnswer("\(endpoint): the answer is no JSON (\(error)); is a node there?")
        }
    }

    /// The result or error in one answer.
    static func result(
        _ answer: JSON, _ endpoint: RPCEndpoint
    ) throws(ClientFault) -> Result<JSON, ClientFault> {
        if let error = answer["error"], let code = error["code"]?.integer {
            return .failure(
                .method(
                    RPCError(
                        code: Int(code), message: error["message"]?.string ?? "",
                        data: error["data"])))
        }
        guard let result = answer["result"] else {
            throw .badAnswer("\(endpoint): neither result nor error; is a node there?")
        }
        return .success(result)
    }
}

extension Result {
    fileprivate var failure: Failure? {
        guard case .failure(let error) = self else { return nil }
        return error
    }
}
