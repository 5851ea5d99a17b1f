import JSON

/// The parameters of a call, by place or by name.
///
/// Every getter names the parameter in its error, so that the caller knows what to mend.
public struct RPCParams: Sendable {
    /// An array or an object.
    public let value: JSON

    init(_ value: JSON) { self.value = value }

    /// How many there are.
    public var count: Int { value.array?.count ?? value.object?.count ?? 0 }

    /// The parameter at `index`, or called `name`; nil if it is absent or null.
    public func find(_ index: Int, _ name: String) -> JSON? {
        let found = value.object == nil ? value[index] : value[name]
        return found?.isNull == true ? nil : found
    }

    /// The parameter at `index`, or called `name`.
    ///
    /// - Throws: −32602 if it is absent or null.
    public func need(_ index: Int, _ name: String) throws(RPCError) -> JSON {
        guard let found = find(index, name) else {
            throw .invalidParams("missing parameter \(index + 1), \(name)")
        }
        return found
    }

    /// A string.
    ///
    /// - Throws: −32602 if it is absent or something else.
    public func string(_ index: Int, _ name: String) throws(RPCError) -> String {
        guard let text = try need(index, name).string else {
            throw wrong(index, name, "a string")
        }
        return text
    }

    /// Data, `0x` and two digits a byte; of exactly `count` bytes if that is given.
    ///
    /// - Throws: −32602 if it is absent or something else.
    public func data(_ index: Int, _ name: String, count: Int? = nil) throws(RPCError) -> [UInt8] {
        guard let data = try need(index, name).data, count == nil || data.count == count else {
            let size = count.map { "\(2 * $0) " } ?? ""
            throw wrong(index, name, "0x and \(size)hexadecimal digits")
        }
        return data
    }

    /// A quantity (`0x1f`) or a whole number (`31`).
    ///
    /// - Throws: −32602 if it is absent, something else or from 2^128 on.
    public func quantity(_ index: Int, _ name: String) throws(RPCError) -> UInt128 {
        let found = try need(index, name)
        guard let number = found.quantity ?? found.unsigned else {
            throw wrong(index, name, "a quantity such as 0x1f, below 2^128")
        }
        return number
    }

    /// A quantity or whole number below 2^64.
    ///
    /// - Throws: −32602 if it is absent, something else or larger.
    public func quantity64(_ index: Int, _ name: String) throws(RPCError) -> UInt64 {
        guard let number = UInt64(exactly: try quantity(index, name)) else {
            throw wrong(index, name, "a quantity below 2^64")
        }
        return number
    }

    /// A truth value; `absent` if it is not there.
    ///
    /// - Throws: −32602 if it is something else.
    public func bool(_ index: Int, _ name: String, absent: Bool) throws(RPCError) -> Bool {
        guard let found = find(index, name) else { return absent }
        guard let flag = found.bool else { throw wrong(index, name, "true or false") }
        return flag
    }

    /// At most `count` parameters are there.
    ///
    /// - Throws: −32602 if there are more.
    public func atMost(_ count: Int) throws(RPCError) {
        guard self.count <= count else {
            throw .invalidParams("\(self.count) parameters where at most \(count) are expected")
        }
    }

    /// The error for a parameter of the wrong kind.
    public func wrong(_ index: Int, _ name: String, _ expected: String) -> RPCError {
        .invalidParams("parameter \(index + 1), \(name): expected \(expected)")
    }
}
