/// An Ethereum log, as it follows from an effect.
public struct Log: Hashable, Sendable {
    /// The contract that speaks.
    public let address: Address
    /// The event's hash, then its indexed arguments; one to four.
    public let topics: [Hash32]
    /// The other arguments, ABI-encoded.
    public let data: [UInt8]

    /// Makes a log.
    public init(address: Address, topics: [Hash32], data: [UInt8]) {
        self.address = address
        self.topics = topics
        self.data = data
    }
}
