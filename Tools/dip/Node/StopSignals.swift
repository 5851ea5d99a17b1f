import Dispatch
import Glibc
import Synchronization

/// SIGINT and SIGTERM: the first asks the process to stop, a second one ends it at once.
final class StopSignals: Sendable {
    private static let numbers = [SIGINT, SIGTERM]

    private let hasCome = Atomic(false)
    // One after another, so that ``letGo()`` can wait for those that are under way.
    private let queue = DispatchQueue(label: "stop signals")
    // Unsafe: it changes in `init` alone, and Dispatch does its own locking.
    private nonisolated(unsafe) var sources: [any DispatchSourceSignal] = []
    private let wishes: AsyncStream<Bool>
    private let wish: AsyncStream<Bool>.Continuation

    /// Takes them from now on.
    init() {
        (wishes, wish) = AsyncStream.makeStream()
        for number in Self.numbers {
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
            source.setEventHandler { [weak self] in self?.take() }
            source.resume()
            sources.append(source)
        }
    }

    /// Whether one has come.
    var haveCome: Bool { hasCome.load(ordering: .acquiring) }

    private func take() {
        hasCome.store(true, ordering: .releasing)
        wish.yield(false)
        Self.endAtOnce()
    }

    private static func endAtOnce() {
        for number in numbers { signal(number, SIG_DFL) }
    }

    /// Returns when the first has come, or when the node wants to be started again.
    ///
    /// - Returns: whether it wants to be started again.
    func wait(orFor restart: AsyncStream<Void>) async -> Bool {
        let watch = Task {
            for await _ in restart {}
            if !Task.isCancelled { wish.yield(true) }
        }
        defer { watch.cancel() }
        for await wantsRestart in wishes { return wantsRestart }
        return false
    }

    /// Lets them end this process, and the program that takes its place, at once.
    ///
    /// Ignored and blocked signals would stay so in that program, which is to end when it is told to while
    /// it still opens its data.
    func letGo() {
        Self.endAtOnce()
        var none = sigset_t()
        sigemptyset(&none)
        pthread_sigmask(SIG_SETMASK, &none, nil)
        // One that Dispatch has taken from the system ends nobody: it is to be seen in `haveCome`, and a
        // source that is cancelled would drop it.
        queue.sync {}
        for source in sources { source.cancel() }
    }
}
