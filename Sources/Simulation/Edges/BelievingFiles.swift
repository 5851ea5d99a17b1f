import Consensus
import Synchronization

/// A log's folder of which whoever opens the log believes what can be read, and writes nothing of it again.
final class BelievingFiles: LogFiles {
    private let files: MemoryFiles
    private let isOpened = Mutex(false)

    init(_ files: MemoryFiles) { self.files = files }

    /// The log is open: what is written from now on is written.
    func opened() { isOpened.withLock { $0 = true } }

    var path: String { files.path }
    func names() throws(LogFault) -> [String] { try files.names() }
    func open(_ name: String) throws(LogFault) -> any LogFile {
        File(try files.open(name), of: self)
    }
    func create(_ name: String) throws(LogFault) -> any LogFile { try files.create(name) }
    func rename(_ name: String, to other: String) throws(LogFault) {
        try files.rename(name, to: other)
    }
    func remove(_ name: String) throws(LogFault) { try files.remove(name) }
    func syncFolder() throws(LogFault) { try files.syncFolder() }
    func release() {}

    private final class File: LogFile {
        private let file: any LogFile
        private let files: BelievingFiles

        init(_ file: any LogFile, of files: BelievingFiles) {
            self.file = file
            self.files = files
        }

        var path: String { file.path }
        func size() throws(LogFault) -> Int { try file.size() }
        func read(
            into buffer: UnsafeMutableRawBufferPointer, at offset: Int
        ) throws(LogFault) -> Int { try file.read(into: buffer, at: offset) }
        func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(LogFault) {
            if files.isOpened.withLock({ $0 }) { try file.write(bytes, at: offset) }
        }
        func reserve(_ size: Int) throws(LogFault) { try file.reserve(size) }
        func truncate(to size: Int) throws(LogFault) { try file.truncate(to: size) }
        func sync() throws(LogFault) { try file.sync() }
    }
}
