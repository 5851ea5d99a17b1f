import Ledger

/// How far the ledger was at the place to which the log is read, on a node whose state may be further.
///
/// Whether an entry makes a block depends on what stands before it: a body that comes too early is passed over
/// by all nodes. Read again on top of a later block it might fit, and the node would have another block than
/// the others, and sign it. So what is read again is never tried: of the entries up to the one that made the
/// state's last block, each made the block that it made, or none.
package struct LogPosition: Equatable, Sendable {
    /// The last block that the entries so far have made; nil: it is the state's.
    private var height: UInt64?

    /// The place from which a node that starts reads its log.
    ///
    /// - Parameters:
    ///   - tip: the height of its state.
    ///   - logIndex: the last entry that is in the state, behind which the log is read; nil or 0: not known, so that
    ///     it is read from its beginning.
    ///   - isAlone: whether its bank orders alone, in a log that it began itself: where it was restored from a
    ///     backup, that one begins behind the state.
    package init(tip: UInt64, logIndex: UInt64?, isAlone: Bool) {
        height = (logIndex ?? 0) > 0 || isAlone || tip == 0 ? nil : 0
    }

    /// The place behind a marker.
    ///
    /// - Parameters:
    ///   - marker: the marker; the state has the block that it names.
    ///   - tip: the height of the state.
    package init(behind marker: StateMarker, tip: UInt64) {
        height = marker.height < tip ? marker.height : nil
    }

    /// Reads on over a body.
    ///
    /// - Parameters:
    ///   - body: the body.
    ///   - tip: the height of the state.
    ///   - known: the hash of the body of a block up to that, nil if this node has forgotten it: then the first body
    ///     of the right height counts as the one, and one of a block that is not forgotten tells in the end.
    /// - Returns: whether it stands before the place that the state stands for: there is nothing to be done about it.
    /// - Throws: what `known` throws; then nothing has changed.
    package mutating func passes<Failure: Error>(
        _ body: Body, tip: UInt64, known: (_ height: UInt64) throws(Failure) -> Hash32?
    ) throws(Failure) -> Bool {
        guard let height else { return false }
        guard body.height == height + 1, try known(body.height).map({ $0 == body.hash }) ?? true
        else { return true }
        self.height = body.height < tip ? body.height : nil
        return true
    }
}
