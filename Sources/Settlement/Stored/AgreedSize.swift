import Ledger

/// How large an order was when it was opened: what nobody changes afterwards, however others cut its claims.
struct AgreedSize: Equatable {
    var lines: Int
    var gates: Int
    /// Of all gates together.
    var attestors = 0

    /// The parts that an order has at least.
    var parts: Int { lines + gates + attestors }

    /// Counts what stands in the fixed part of an order, without making anything of it.
    ///
    /// - Parameter bytes: ``Order/fixedBytes``.
    /// - Throws: a ``DecodingFault`` where the bytes are of another form.
    init(fixed bytes: [UInt8]) throws(DecodingFault) {
        var reader = ByteReader(bytes)
        _ = try reader.readRaw(Self.bytesBeforeLines)
        lines = Int(try reader.read(UInt16.self))
        for _ in 0..<lines {
            _ = try reader.readRaw(Self.bytesBeforeAmount)
            let width = Int(try reader.read(UInt8.self))
            _ = try reader.readRaw(width)
        }
        gates = Int(try reader.read(UInt8.self))
        for _ in 0..<gates {
            let count = Int(try reader.read(UInt8.self))
            attestors += count
            _ = try reader.readRaw(20 * count + Self.bytesBehindAttestors)
        }
        try reader.finish()
    }

    /// Of an order in memory.
    init(_ order: Order) {
        lines = order.lines.count
        gates = order.gates.count
        for index in order.gates.indices { attestors += order.gates[index].terms.attestors.count }
    }

    // `docs/formats/order.md`, *Fixed part*.
    private static let (bytesBeforeLines, bytesBeforeAmount, bytesBehindAttestors) = (137, 23, 28)
}
