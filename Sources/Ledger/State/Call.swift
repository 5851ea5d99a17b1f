/// One call of a native contract: made by a transaction, by a batch, or by a reader.
public struct Call: Sendable {
    /// As whom.
    public let sender: Address
    /// Of which contract.
    public let to: Address
    /// DIP units sent along.
    public let value: UInt128
    /// Four bytes of selector, then the ABI-encoded arguments.
    public let data: ArraySlice<UInt8>

    /// Makes a call.
    public init(sender: Address, to: Address, value: UInt128 = 0, data: ArraySlice<UInt8>) {
        self.sender = sender
        self.to = to
        self.value = value
        self.data = data
    }

    /// The first four bytes, big-endian, or nil where there are fewer.
    public var selector: UInt32? {
        guard data.count >= 4 else { return nil }
        return data.prefix(4).reduce(0) { $0 << 8 | UInt32($1) }
    }

    /// What follows the selector.
    public var arguments: ArraySlice<UInt8> { data.dropFirst(4) }
}
