extension DriverState {
    /// How much a driver keeps and says at once.
    package struct Limits {
        /// Payload bytes of durable entries that stay in memory.
        package var cacheBytes = 64 << 20
        /// Payload bytes in one message, if it has more than one entry.
        package var messageBytes = 4 << 20
        /// Entries that stay behind a snapshot for peers that are a little late.
        package var trailingEntries: UInt64 = 1_024
        /// Payload bytes in one delivery.
        package var deliveryBytes = 4 << 20

        /// The usual limits.
        package init() {}
    }
}
