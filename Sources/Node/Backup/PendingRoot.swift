import Execution
import Ledger
import Storage

extension Genesis {
    /// The root that a backup must have besides the state after a block, for a block to come certifies it.
    ///
    /// - Parameters:
    ///   - height: the state's.
    ///   - path: the data folder that is backed up, for the fault.
    ///   - root: the root of the checkpoint of a height, as far as the node knows it.
    /// - Returns: nil if there is none.
    /// - Throws: ``StoreFault/Kind/corrupt`` if it is not known: nobody can work it out of this state any more,
    ///   and a node restored from such a backup would halt.
    func pendingRoot(
        at height: UInt64, of path: String, _ root: (UInt64) -> Hash32?
    ) throws(StoreFault) -> CheckpointRoot? {
        guard let checkpoint = checkpointPending(at: height) else { return nil }
        guard let root = root(checkpoint) else {
            throw StoreFault(
                .corrupt, operation: "back up", path: path,
                message: "its state is that of block \(height), and the checkpoint of block "
                    + "\(checkpoint), whose root block \(checkpoint + checkpointDelay) certifies, "
                    + "is not there: this node will halt before that block, and so would one that "
                    + "is restored from its backup")
        }
        return CheckpointRoot(height: checkpoint, root: root)
    }
}
