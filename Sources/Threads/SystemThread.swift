import CLinux
import Glibc

/// A thread of the system, for work that blocks.
public struct SystemThread: @unchecked Sendable {
    // `@unchecked`: a handle never changes.
    private let handle: pthread_t
    /// Bytes of a name that Linux keeps.
    private static let nameLimit = 15

    /// Starts a thread, which somebody has to wait for or to let go.
    ///
    /// - Parameters:
    ///   - name: what `top -H` and `perf` show it as; at most 15 bytes. Threads that it starts bear it too, if
    ///     they get no other.
    ///   - body: what it does.
    public init(named name: String, _ body: @escaping @Sendable () -> Void) {
        precondition(name.utf8.count <= Self.nameLimit, "a thread's name is too long: \(name)")
        final class Box {
            let body: @Sendable () -> Void
            init(_ body: @escaping @Sendable () -> Void) { self.body = body }
        }
        var handle = pthread_t()
        let box = Unmanaged.passRetained(
            Box {
                Self.nameCurrent(name)
                body()
            })
        let code = pthread_create(
            &handle, nil,
            { argument in
                guard let argument else { return nil }
                Unmanaged<Box>.fromOpaque(argument).takeRetainedValue().body()
                return nil
            }, box.toOpaque())
        precondition(code == 0, "the system refused a thread: \(code)")
        self.handle = handle
    }

    /// Whether the caller runs on this thread.
    public var isCurrent: Bool { pthread_equal(handle, pthread_self()) != 0 }

    /// Waits until the thread has ended; once, and not after ``letGo()``.
    public func join() { pthread_join(handle, nil) }

    /// Leaves the thread to itself; nobody may wait for it then.
    public func letGo() { pthread_detach(handle) }

    /// Names the calling thread, which another library has started.
    ///
    /// - Parameter name: at most 15 bytes.
    public static func nameCurrent(_ name: String) {
        precondition(name.utf8.count <= nameLimit, "a thread's name is too long: \(name)")
        pthread_setname_np(pthread_self(), name)
    }
}
