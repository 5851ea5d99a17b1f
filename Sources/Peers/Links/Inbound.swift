import Consensus
import NIOCore
import Synchronization

/// What comes from one peer on one lane: at any time from one connection, the newest.
final class Inbound: Sendable {
    let peer: NodeID
    let lane: Lane
    let counts = Counts()
    /// The epoch of the connection from which frames are delivered; held while one is.
    private let gate = Mutex<UInt64>(0)
    private let holder = Mutex<Holder?>(nil)

    struct Counts: ~Copyable, Sendable {
        let frames = Atomic<UInt64>(0)
        let bytes = Atomic<UInt64>(0)
    }

    private struct Holder {
        var epoch: UInt64
        var sinceMillis: UInt64
        var connection: NIOLoopBound<AcceptedConnection>
        var loop: any EventLoop
    }

    init(_ peer: NodeID, _ lane: Lane) {
        self.peer = peer
        self.lane = lane
    }

    /// Makes a connection the one from which frames are delivered; an older one is told and ends.
    func take(over connection: AcceptedConnection, epoch: UInt64, on loop: any EventLoop) {
        // From here on nothing of the older one is delivered, whatever its thread is about to do.
        gate.withLock { $0 = max($0, epoch) }
        let newest = Holder(
            epoch: epoch, sinceMillis: WallClock.millis,
            connection: NIOLoopBound(connection, eventLoop: loop), loop: loop)
        let older = holder.withLock { holder -> Holder? in
            // Two that come at the same instant on two threads: the greater epoch stays.
            guard (holder?.epoch ?? 0) < epoch else { return newest }
            defer { holder = newest }
            return holder
        }
        Self.end(older, Refusal(.replaced, "a newer connection took this one's place"))
    }

    /// Delivers a frame unless a newer connection took over.
    /// - Throws: why the connection is to end.
    func deliver(
        _ bytes: [UInt8], epoch: UInt64, to receiver: any PeerReceiver
    ) throws(Refusal) {
        counts.frames.add(1, ordering: .relaxed)
        counts.bytes.add(UInt64(bytes.count), ordering: .relaxed)
        do throws(UnreadableFrame) {
            try gate.withLock { current throws(UnreadableFrame) in
                guard current == epoch else { return }
                try receiver.received(bytes, from: peer, lane: lane, epoch: epoch)
            }
        } catch {
            throw Refusal(.malformedFrame, error.why)
        }
    }

    /// The connection is over.
    func release(_ epoch: UInt64) {
        holder.withLock { if $0?.epoch == epoch { $0 = nil } }
    }

    /// Ends the connection that is there.
    func end(_ refusal: Refusal) { Self.end(holder.withLock { $0 }, refusal) }

    /// Since when a connection is there, in milliseconds since 1970.
    var sinceMillis: UInt64? { holder.withLock { $0?.sinceMillis } }

    private static func end(_ holder: Holder?, _ refusal: Refusal) {
        guard let holder else { return }
        holder.loop.execute { holder.connection.value.refuse(refusal) }
    }
}
