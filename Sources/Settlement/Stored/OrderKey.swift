import Ledger

/// The keys of this module's objects: 0x10 to 0x1f, then plain big-endian numbers and addresses.
enum OrderKey {
    static let counters: [UInt8] = [0x10]
    static let timerPrefix: UInt8 = 0x14
    /// The value of an object that says all by being there.
    static let present: [UInt8] = [1]

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

    /// What the book knows of an account.
    static func account(_ address: Address) -> [UInt8] { key(0x16, address, UInt8?.none) }
    /// A full page of the orders in which an account has a part.
    static func orderPage(_ address: Address, _ number: UInt32) -> [UInt8] {
        key(0x17, address, number)
    }
    /// A full page of the lines of which an account got claims.
    static func claimPage(_ address: Address, _ number: UInt32) -> [UInt8] {
        key(0x18, address, number)
    }
    /// That an account got a part in an order after it was opened.
    static func part(_ address: Address, _ order: UInt64) -> [UInt8] { key(0x19, address, order) }
    /// That an account lets another move its claims.
    static func approval(owner: Address, operator: Address) -> [UInt8] {
        var writer = ByteWriter(capacity: 41)
        writer.write(byte: 0x1a)
        writer.write(owner)
        writer.write(`operator`)
        return writer.bytes
    }
    /// An offer of claims.
    static func offer(_ number: UInt64) -> [UInt8] { key(0x1b, number) }

    private static func key<Number: FixedWidthInteger>(
        _ prefix: UInt8, _ address: Address, _ number: Number?
    ) -> [UInt8] {
        var writer = ByteWriter(capacity: 29)
        writer.write(byte: prefix)
        writer.write(address)
        if let number { writer.write(number) }
        return writer.bytes
    }

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
