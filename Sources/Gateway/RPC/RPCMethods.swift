import JSON

/// The methods of a server, each with the way in which it is called.
public struct RPCMethods: Sendable {
    /// Writes exactly one JSON value, or throws.
    public typealias Immediate = @Sendable (RPCRequest, inout JSONWriter) throws(RPCError) -> Void
    /// Answers through the reply, once, at any time and on any thread.
    public typealias Deferred = @Sendable (RPCRequest, RPCReply) -> Void
    /// Answers each of the calls, in any order, at any time and on any thread.
    public typealias Run = @Sendable ([RPCCall]) -> Void

    private(set) var all: [String: RPCMethod] = [:]
    private(set) var disconnectHandlers: [@Sendable (RPCCaller) -> Void] = []
    private var runs = 0

    /// No methods.
    public init() {}

    /// The names in alphabetical order.
    public var names: [String] { all.keys.sorted() }

    /// Adds a method that is answered at once on the connection's thread.
    ///
    /// For what takes microseconds: the other requests of that thread wait meanwhile.
    public mutating func immediate(
        _ name: String, scope: RPCScope = .read, _ body: @escaping Immediate
    ) {
        add(name, scope, .immediate(body))
    }

    /// Adds a method that is answered at once with a tree.
    public mutating func value(
        _ name: String, scope: RPCScope = .read,
        _ body: @escaping @Sendable (RPCRequest) throws(RPCError) -> JSON
    ) {
        add(
            name, scope,
            .immediate { (request, writer) throws(RPCError) in
                writer.value(try body(request))
            })
    }

    /// Adds a method that computes or reads for longer: it runs on the server's worker threads.
    ///
    /// - Parameters:
    ///   - name: the method's.
    ///   - scope: what the caller must be allowed.
    ///   - isLong: whether it may read through much history; those have threads of their own, so that
    ///     nobody else waits for them.
    ///   - body: writes one value, or throws.
    public mutating func offloaded(
        _ name: String, scope: RPCScope = .read, isLong: Bool = false, _ body: @escaping Immediate
    ) {
        add(name, scope, .offloaded(body, isLong: isLong))
    }

    /// Adds a method that answers when it can.
    public mutating func deferred(
        _ name: String, scope: RPCScope = .read, _ body: @escaping Deferred
    ) {
        add(name, scope, .deferred(body))
    }

    /// Adds methods that get all their consecutive calls of one batch together.
    ///
    /// A body with one such call gives a run of one.
    ///
    /// - Parameters:
    ///   - names: the methods', whose calls go together.
    ///   - scope: what the caller must be allowed.
    ///   - waits: whether they wait for something to happen, so that what each takes meanwhile is counted.
    ///   - body: called on the connection's thread; it should hand longer work on.
    public mutating func run(
        _ names: [String], scope: RPCScope = .send, waits: Bool = false, _ body: @escaping Run
    ) {
        runs += 1
        for name in names { add(name, scope, .run(body, group: runs, waits: waits)) }
    }

    /// Adds what is to be done when a connection is gone: to drop what its calls wait for, as nobody would read the
    /// answers.
    ///
    /// - Parameter body: called on the connection's thread after it has closed, with the caller of its last requests.
    public mutating func onDisconnect(_ body: @escaping @Sendable (RPCCaller) -> Void) {
        disconnectHandlers.append(body)
    }

    /// The same methods, which answer with an error as long as there is one.
    ///
    /// - Parameters:
    ///   - names: methods that answer all the same.
    ///   - fault: asked before each call, on the thread that would answer it.
    /// - Returns: the methods, to be served in the place of these.
    public func closed(
        except names: Set<String>, while fault: @escaping @Sendable () -> RPCError?
    ) -> RPCMethods {
        var methods = self
        for (name, method) in all where !names.contains(name) {
            methods.all[name] = RPCMethod(
                name: name, scope: method.scope, form: method.form.closed(while: fault))
        }
        return methods
    }

    private mutating func add(_ name: String, _ scope: RPCScope, _ form: RPCMethod.Form) {
        precondition(all[name] == nil, "the method \(name) is there already")
        all[name] = RPCMethod(name: name, scope: scope, form: form)
    }
}

/// One method.
final class RPCMethod: Sendable {
    enum Form: Sendable {
        case immediate(RPCMethods.Immediate)
        case offloaded(RPCMethods.Immediate, isLong: Bool)
        case deferred(RPCMethods.Deferred)
        case run(RPCMethods.Run, group: Int, waits: Bool)

        /// The same, with an error instead of an answer as long as there is one.
        func closed(while fault: @escaping @Sendable () -> RPCError?) -> Form {
            func closed(_ body: @escaping RPCMethods.Immediate) -> RPCMethods.Immediate {
                { (request, writer) throws(RPCError) in
                    if let fault = fault() { throw fault }
                    try body(request, &writer)
                }
            }
            switch self {
            case .immediate(let body): return .immediate(closed(body))
            case .offloaded(let body, let isLong):
                return .offloaded(closed(body), isLong: isLong)
            case .deferred(let body):
                return .deferred { request, reply in
                    if let fault = fault() {
                        reply.failure(fault)
                    } else {
                        body(request, reply)
                    }
                }
            case .run(let body, let group, let waits):
                return .run(
                    { calls in
                        guard let fault = fault() else { return body(calls) }
                        for call in calls { call.reply.failure(fault) }
                    }, group: group, waits: waits)
            }
        }
    }

    let name: String
    let nameBytes: [UInt8]
    let scope: RPCScope
    let form: Form

    init(name: String, scope: RPCScope, form: Form) {
        self.name = name
        nameBytes = Array(name.utf8)
        self.scope = scope
        self.form = form
    }
}
