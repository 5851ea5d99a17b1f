import Consensus
import Glibc
import Ledger
import Synchronization

/// Ordered connections between all banks, each with a thread of its own, over which messages go as bytes.
final class Wires: @unchecked Sendable {
    private struct Link: Hashable {
        let from: NodeID
        let to: NodeID
    }

    /// Frames on their way, and somebody who waits for them.
    private final class Queue: @unchecked Sendable {
        private let lock: UnsafeMutablePointer<pthread_mutex_t> = .allocate(capacity: 1)
        private let ready: UnsafeMutablePointer<pthread_cond_t> = .allocate(capacity: 1)
        private var frames: [[UInt8]] = []
        private var isClosed = false

        init() {
            pthread_mutex_init(lock, nil)
            pthread_cond_init(ready, nil)
        }

        deinit {
            lock.deallocate()
            ready.deallocate()
        }

        func push(_ frame: [UInt8]) {
            pthread_mutex_lock(lock)
            frames.append(frame)
            pthread_cond_signal(ready)
            pthread_mutex_unlock(lock)
        }

        func close() {
            pthread_mutex_lock(lock)
            isClosed = true
            pthread_cond_signal(ready)
            pthread_mutex_unlock(lock)
        }

        /// All frames that have come; nil once it is closed.
        func take() -> [[UInt8]]? {
            pthread_mutex_lock(lock)
            defer { pthread_mutex_unlock(lock) }
            while frames.isEmpty, !isClosed { pthread_cond_wait(ready, lock) }
            guard !isClosed else { return nil }
            defer { frames = [] }
            return frames
        }
    }

    private let queues = Mutex<[Link: Queue]>([:])
    private let drivers = Mutex<[NodeID: Driver]>([:])
    private let threads = Mutex<[pthread_t]>([])

    /// Lets a bank be reached.
    func connect(_ driver: Driver, as id: NodeID) { drivers.withLock { $0[id] = driver } }

    func send(_ message: RaftMessage, from: NodeID, to: NodeID) {
        var writer = ByteWriter(capacity: message.byteCount)
        message.write(to: &writer)
        queue(Link(from: from, to: to)).push(writer.bytes)
    }

    func stop() {
        for queue in queues.withLock({ Array($0.values) }) { queue.close() }
        for thread in threads.withLock({ $0 }) { pthread_join(thread, nil) }
    }

    private func queue(_ link: Link) -> Queue {
        queues.withLock { queues in
            if let known = queues[link] { return known }
            let made = Queue()
            queues[link] = made
            start { [self] in carry(made, over: link) }
            return made
        }
    }

    private func carry(_ queue: Queue, over link: Link) {
        while let frames = queue.take() {
            guard let driver = drivers.withLock({ $0[link.to] }) else { continue }
            for frame in frames {
                var reader = ByteReader(frame)
                guard let message = try? RaftMessage(from: &reader) else { continue }
                driver.receive(message, from: link.from, epoch: 1)
            }
        }
    }

    private func start(_ body: @escaping @Sendable () -> Void) {
        final class Box {
            let body: @Sendable () -> Void
            init(_ body: @escaping @Sendable () -> Void) { self.body = body }
        }
        var thread = pthread_t()
        let argument = Unmanaged.passRetained(Box(body)).toOpaque()
        pthread_create(
            &thread, nil,
            { argument in
                if let argument {
                    Unmanaged<Box>.fromOpaque(argument).takeRetainedValue().body()
                }
                return nil
            }, argument)
        threads.withLock { $0.append(thread) }
    }
}

/// One bank's way to the others.
struct Wire: Outbox {
    let from: NodeID
    let wires: Wires

    func send(_ message: RaftMessage, to peer: NodeID) {
        wires.send(message, from: from, to: peer)
    }
}
