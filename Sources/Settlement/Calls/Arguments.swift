import Ledger

/// Reads all arguments of a call, front to back, and checks that nothing is behind them.
extension Call {
    func read<T>(
        _ body: (inout ABIReader) throws(Rejection) -> T
    ) throws(Rejection) -> T {
        var reader = ABIReader(arguments)
        let value = try body(&reader)
        try reader.finish()
        return value
    }

    func read<A: ABICodable>(_ a: A.Type) throws(Rejection) -> A {
        try read { (reader: inout ABIReader) throws(Rejection) in try reader.read() }
    }

    func read<A: ABICodable, B: ABICodable>(
        _ a: A.Type, _ b: B.Type
    ) throws(Rejection) -> (A, B) {
        try read { (reader: inout ABIReader) throws(Rejection) in
            (try reader.read(), try reader.read())
        }
    }

    func read<A: ABICodable, B: ABICodable, C: ABICodable>(
        _ a: A.Type, _ b: B.Type, _ c: C.Type
    ) throws(Rejection) -> (A, B, C) {
        try read { (reader: inout ABIReader) throws(Rejection) in
            (try reader.read(), try reader.read(), try reader.read())
        }
    }

    func read<A: ABICodable, B: ABICodable, C: ABICodable, D: ABICodable>(
        _ a: A.Type, _ b: B.Type, _ c: C.Type, _ d: D.Type
    ) throws(Rejection) -> (A, B, C, D) {
        try read { (reader: inout ABIReader) throws(Rejection) in
            (try reader.read(), try reader.read(), try reader.read(), try reader.read())
        }
    }
}

/// Results, ABI-encoded.
enum Returned {
    /// Of a function that returns nothing.
    static let nothing: [UInt8] = []

    static func of<Value: ABICodable>(_ value: Value) -> [UInt8] {
        var writer = ABIWriter(words: Value.abiWordsInHead)
        writer.write(value)
        return writer.finish()
    }

    static func of<Value: ABICodable>(array: [Value]) -> [UInt8] {
        var writer = ABIWriter(words: 1)
        writer.write(array: array)
        return writer.finish()
    }
}
