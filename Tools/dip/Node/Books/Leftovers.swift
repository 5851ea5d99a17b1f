import Dispatch
import Foundation
import Synchronization

/// What a program makes for the time of its work, and removes at its end and when the user loses patience.
final class Leftovers: Sendable {
    private let paths = Mutex<[String]>([])

    /// Makes a file or folder; it is among the leftovers if it is made, and never between.
    func make<Result>(_ path: String, _ make: () throws -> Result) throws -> Result {
        try paths.withLock { paths in
            let result = try make()
            paths.append(path)
            return result
        }
    }

    /// Lets something stay.
    func forget(_ path: String) { paths.withLock { $0.removeAll { $0 == path } } }

    /// Removes one of them, if it is one still.
    func remove(_ path: String) {
        paths.withLock { paths in
            guard let index = paths.firstIndex(of: path) else { return }
            try? FileManager.default.removeItem(atPath: paths.remove(at: index))
        }
    }

    /// Removes all of them.
    func remove() {
        paths.withLock { paths in
            for path in paths { try? FileManager.default.removeItem(atPath: path) }
            paths = []
        }
    }

    /// Removes them when SIGINT or SIGTERM ends the program, until what is returned is called.
    func removeWhenInterrupted() -> () -> Void {
        let sources = [SIGINT, SIGTERM].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { [self] in
                remove()
                Foundation.exit(128 + number)
            }
            source.resume()
            return source
        }
        return { for source in sources { source.cancel() } }
    }
}
