extension DriverState {
    /// How much a driver keeps and says at once, and how long it waits before it does something.
    package struct Limits: Sendable {
        /// Payload bytes of durable entries that stay in memory.
        package var cacheBytes = 64 << 20
        /// Payload bytes in one message, if it has more than one entry.
        package var messageBytes = 4 << 20
        /// Entries that stay behind a snapshot for peers that are a little late.
        package var trailingEntries: UInt64 = 1_024
        /// Payload bytes in one delivery.
        package var deliveryBytes = 4 << 20
        /// Payload bytes that may wait for the disk before a follower takes no more.
        package var waitingBytes = 256 << 20

        /// How long a leader's peer is believed to be there after it was heard; what elections wait.
        package var electionMilliseconds: UInt64 = 1_000
        /// How long a peer may be heard without coming on before something is done about it.
        package var stuckMilliseconds: UInt64 = 10_000
        /// How long a leader waits after it handed over, or tried to, because of a peer that was stuck.
        package var handOverPauseMilliseconds: UInt64 = 600_000

        /// The usual limits.
        package init() {}
    }
}
