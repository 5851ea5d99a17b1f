import Gateway
import Ledger

/// Why the ledger refused a call: the custom error with its arguments, cause and cure.
struct Refusal: CustomStringConvertible {
    /// The error's name, such as `ERC20InsufficientBalance`; nil where only a message came.
    var name: String?
    /// The stable number.
    var code: UInt16?
    /// The arguments' names and values in order.
    var arguments: [(name: String, value: String)] = []
    /// In words, with the arguments filled in.
    var cause: String
    /// What to do about it.
    var cure: String?
    /// The bytes that came.
    var data: [UInt8] = []

    /// Of an error that carries revert data; nil for any other.
    init?(_ error: RPCError) {
        guard let data = error.data?.data ?? error.data?["data"]?.data,
            !data.isEmpty || error.code == 3
        else { return nil }
        self.init(data, message: error.message)
    }

    /// Of revert data.
    init(_ data: [UInt8], message: String = "execution reverted") {
        self.data = data
        cause = message
    }

    var description: String {
        var text = cause
        if let name { text = "\(name): " + text }
        if let cure { text += "\n  what to do: \(cure)" }
        return text
    }

    /// What a program reads.
    var json: [JSON.Member] {
        var members: [JSON.Member] = []
        if let name { members.append(.init("name", .string(name))) }
        if let code { members.append(.init("code", .integer(code))) }
        members.append(
            .init(
                "arguments", .object(arguments.map { JSON.Member($0.name, .string($0.value)) })))
        members.append(.init("cause", .string(cause)))
        if let cure { members.append(.init("cure", .string(cure))) }
        members.append(.init("data", .data(data)))
        return members
    }
}
