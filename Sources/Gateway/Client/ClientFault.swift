/// Why a client got no result.
public enum ClientFault: Error, Equatable, Sendable, CustomStringConvertible {
    /// The address or one of the files that go with it cannot be used.
    case misconfigured(String)
    /// No connection, or it ended before the answer: whether a request was carried out is unknown.
    case unreachable(String)
    /// No answer in time: whether the request was carried out is unknown.
    case timedOut(String)
    /// The server turned the request away before looking at the method.
    case refused(status: Int, String)
    /// What came back is no answer to what was asked.
    case badAnswer(String)
    /// The method's own error.
    case method(RPCError)

    /// What happened, where, and what to try.
    public var description: String {
        switch self {
        case .misconfigured(let text), .unreachable(let text), .timedOut(let text),
            .badAnswer(let text):
            text
        case .refused(let status, let text): "\(text) (HTTP \(status))"
        case .method(let error): error.description
        }
    }
}
