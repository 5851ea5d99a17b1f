import Ledger

/// The keys of this module's objects: 0x10 to 0x1f, then plain big-endian numbers and addresses.
enum OrderKey {
    static let counters: [UInt8] = [0x10]
    static let timerPrefix: UInt8 = 0x14

    /// What never changes of an order.
    static func fixed(_ order: UInt64) -> [UInt8] { key(0x11, order) }
    /// What changes of an order.
    static func changing(_ order: UInt64) -> [UInt8] { key(0x12, order) }
    /// The claims of a line, where there are more than a few.
    static func claims(_ order: UInt64, _ line: UInt16) -> [UInt8] {
        var writer = ByteWriter(capacity: 11)
        writer.write(byte: 0x13)
        writer.write(order)
        writer.write(line)
        return writer.bytes
    }
    /// That time will do something to an order; in byte order timers fire in their order.
    static func timer(_ timer: OrderTimer) -> [UInt8] {
        var writer = ByteWriter(capacity: 19)
        writer.write(byte: timerPrefix)
        writer.write(timer.time)
        writer.write(timer.order)
        writer.write(byte: timer.kind.rawValue)
        writer.write(byte: timer.gate)
        return writer.bytes
    }
    /// An entry of the queue of cascades that go on in later blocks.
    static func queued(_ number: UInt64) -> [UInt8] { key(0x15, number) }

    private static func key(_ prefix: UInt8, _ number: UInt64) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: 9) { buffer, count in
            buffer[0] = prefix
            for index in 1...8 {
                buffer[index] = UInt8(truncatingIfNeeded: number >> UInt64(64 - 8 * index))
            }
            count = 9
        }
    }
}

extension OrderTimer {
    /// Reads a timer from its key.
    init(fromKey reader: inout ByteReader) throws(DecodingFault) {
        _ = try reader.read(UInt8.self)
        let time = try reader.read(UInt64.self)
        let order = try reader.read(UInt64.self)
        guard let kind = TimerKind(rawValue: try reader.read()) else {
            throw DecodingFault("unknown kind of timer", at: reader.offset)
        }
        self.init(time: time, order: order, kind: kind, gate: try reader.read())
        try reader.finish()
    }
}
