import Ledger

/// Reading all arguments of a call at once.
extension Call {
    /// Checks that there are no arguments, and gives the result.
    /// - Throws: ``Rejection/badCalldata(_:)``.
    func returning(_ result: @autoclosure () -> [UInt8]) throws(Rejection) -> [UInt8] {
        try ABIReader(arguments).finish()
        return result()
    }

    func argument<A: ABICodable>(_ type: A.Type = A.self) throws(Rejection) -> A {
        var reader = ABIReader(arguments)
        let value = try reader.read(A.self)
        try reader.finish()
        return value
    }

    func arguments<A: ABICodable, B: ABICodable>(
        _ a: A.Type = A.self, _ b: B.Type = B.self
    ) throws(Rejection) -> (A, B) {
        var reader = ABIReader(arguments)
        let values = (try reader.read(A.self), try reader.read(B.self))
        try reader.finish()
        return values
    }

    func arguments<A: ABICodable, B: ABICodable, C: ABICodable>(
        _ a: A.Type = A.self, _ b: B.Type = B.self, _ c: C.Type = C.self
    ) throws(Rejection) -> (A, B, C) {
        var reader = ABIReader(arguments)
        let values = (try reader.read(A.self), try reader.read(B.self), try reader.read(C.self))
        try reader.finish()
        return values
    }

    func arguments<A: ABICodable, B: ABICodable, C: ABICodable, D: ABICodable>(
        _ a: A.Type = A.self, _ b: B.Type = B.self, _ c: C.Type = C.self, _ d: D.Type = D.self
    ) throws(Rejection) -> (A, B, C, D) {
        var reader = ABIReader(arguments)
        let values = (
            try reader.read(A.self), try reader.read(B.self), try reader.read(C.self),
            try reader.read(D.self)
        )
        try reader.finish()
        return values
    }
}

/// Results of one value or none.
enum Returned {
    /// Of a function that returns nothing.
    static let nothing: [UInt8] = []
    /// The `true` that ERC-20 functions return.
    static let yes = Hash32(0, 0, 0, 1).bytes

    static func of(_ value: Address) -> [UInt8] { Hash32(word: value).bytes }
    static func of(_ value: UInt128) -> [UInt8] { Hash32(word: value).bytes }
    static func of(_ value: Hash32) -> [UInt8] { value.bytes }
    static func of(_ value: Bool) -> [UInt8] { Hash32(0, 0, 0, value ? 1 : 0).bytes }

    static func of(_ text: String) -> [UInt8] {
        var writer = ABIWriter(words: 1)
        writer.write(string: text)
        return writer.finish()
    }
}
