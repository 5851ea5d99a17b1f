import Consensus
import Threads

extension Node {
    /// Goes through what every block and every transaction goes through: the machine, the pool, consensus.
    ///
    /// Returns as soon as each was free once, and so never where a thread does not give one of them back, or does
    /// not come to the end of a block. A node that waits for its disk to take blocks and states, or for the
    /// others' nodes, does so with all of them free, and so does one that has halted: to start these again would
    /// mend nothing. The exceptions are the state that a block reads, under the machine's lock, and the vote of an
    /// election, under that of consensus: where the disk does not answer these the node looks like one that is stuck.
    ///
    /// - Returns: whether the thread that keeps the time of consensus keeps up.
    public func pulse() -> Bool {
        chain.withMachine { _ in }
        pool.with { _ in }
        return driver.isOnTime
    }
}
