/// What one request may cost the node.
public struct RPCLimits: Sendable {
    /// Blocks of a range of logs, and blocks that a page of events looks at.
    public var rangeBlocks: UInt64 = 100_000
    /// Logs in one answer; the first block of a range is always given whole.
    public var logs = 20_000
    /// Bytes of blocks that are read for one query of logs.
    public var logBytes = 128 << 20
    /// Blocks that a walk through the history of an account reads.
    public var walkBlocks = 10_000
    /// Bytes of blocks that it reads; whoever is in every block of a busy ledger would walk through hundreds of
    /// gigabytes otherwise.
    public var walkBytes = 1 << 30
    /// Bytes of a tree of orders after which no further order is written into it, and after which as many again none is
    /// named; the first one is always given whole.
    public var treeBytes = 16 << 20
    /// Parts of orders that a page of an account's claims looks at: ten thousand small orders, or a thousand of as many
    /// lines as there may be.
    public var claimParts = 1 << 20
    /// Places of an account's list that are looked at to see whether a claim was on an earlier page.
    public var claimPlaces: UInt32 = 1 << 20
    /// Gas of a call that only asks.
    ///
    /// Blocks wait while it runs, so that a block's whole gas would be too much.
    public var callGas: UInt64 = 100_000_000
    /// Calls of one dry run.
    public var simulatedCalls = 100
    /// Milliseconds that a client may wait for a receipt.
    public var waitMillis: UInt64 = 60_000
    /// Milliseconds that a client waits who sends a transaction and says no time.
    public var sendMillis: UInt64 = 2_000
    /// Filters of all clients.
    public var filters = 1_024
    /// Contracts and topics that all filters may name together, and all subscriptions.
    public var filterWords = 500_000
    /// Bytes that may wait to be read by a client of the stream of events before the stream pauses; well
    /// below the server's limit for slow clients.
    public var streamBytes = 1 << 20
    /// Events in one message of the stream.
    public var streamEvents = 500

    /// The limits that `docs/rpc.md` names.
    public init() {}
}
