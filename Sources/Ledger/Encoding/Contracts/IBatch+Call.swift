extension IBatch {
    /// One of several calls under one signature.
    public struct Call: Hashable, Sendable {
        /// Which contract or account.
        public var to: Address
        /// Selector and arguments; empty to send DIP alone.
        public var data: [UInt8]
        /// DIP units that go along.
        public var value: UInt128

        /// Makes one from its members, unchecked.
        public init(to: Address, data: [UInt8], value: UInt128) {
            self.to = to
            self.data = data
            self.value = value
        }
    }
}

extension IBatch.Call: ABICodable {
    /// Three members.
    public static var abiWords: Int { 3 }
    /// It holds members without a fixed size.
    public static var abiIsDynamic: Bool { true }

    /// Reads the members in order.
    /// - Throws: ``Rejection/badCalldata(_:)``, ``Rejection/amountTooLarge(_:)``.
    public init(abi reader: inout ABIReader) throws(Rejection) {
        to = try reader.address()
        data = try reader.read()
        value = try reader.amount()
    }

    /// Writes the members in order.
    public func encode(to writer: inout ABIWriter) {
        writer.write(to)
        writer.write(data)
        writer.write(value)
    }
}
