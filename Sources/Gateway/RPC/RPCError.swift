import JSON

/// A JSON-RPC error: what a caller gets instead of a result.
public struct RPCError: Error, Equatable, Sendable, CustomStringConvertible {
    /// A code of JSON-RPC (−32768…−32000) or of the application.
    public var code: Int
    /// One sentence for a person.
    public var message: String
    /// What a program may want to know, such as the revert data of a refused call.
    public var data: JSON?

    /// Makes an error.
    public init(code: Int, message: String, data: JSON? = nil) {
        self.code = code
        self.message = message
        self.data = data
    }

    /// The code and the message.
    public var description: String { "\(message) (\(code))" }

    /// −32700: the bytes are no JSON.
    public static func parseError(_ message: String) -> RPCError {
        RPCError(code: -32700, message: message)
    }

    /// −32600: JSON, but no request.
    public static func invalidRequest(_ message: String) -> RPCError {
        RPCError(code: -32600, message: message)
    }

    /// −32601: no method of this name here.
    public static func methodNotFound(_ message: String) -> RPCError {
        RPCError(code: -32601, message: message)
    }

    /// −32602: parameters that the method cannot take.
    public static func invalidParams(_ message: String) -> RPCError {
        RPCError(code: -32602, message: message)
    }

    /// −32603: the fault is here, not in the request.
    public static func internalError(_ message: String) -> RPCError {
        RPCError(code: -32603, message: message)
    }

    /// −32001: the token given, or none, does not allow this.
    public static func forbidden(_ message: String) -> RPCError {
        RPCError(code: -32001, message: message)
    }

    /// −32005: more than a limit allows; the message names the limit.
    public static func limitExceeded(_ message: String) -> RPCError {
        RPCError(code: -32005, message: message)
    }

    func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.key("code")
            writer.number(code)
            writer.key("message")
            writer.string(message)
            if let data {
                writer.key("data")
                writer.value(data)
            }
        }
    }
}
