import Files
import Glibc
import Storage

/// A file of comma-separated values that is there when it is whole, and not before.
///
/// Rows are written as they come, through a buffer, to a file with `.new` behind its name.
final class CSVFile {
    private let path: String
    private let file: Int32
    private let leftovers: Leftovers
    private var buffer: [UInt8] = []
    /// How many rows were written, the header not among them.
    private(set) var count = 0

    private static let bufferBytes = 1 << 20

    /// Where the rows are until they are all there.
    private static func unfinished(_ path: String) -> String { path + ".new" }

    /// Begins a file that only its owner reads.
    ///
    /// - Parameters:
    ///   - path: its name when it is whole.
    ///   - header: its first row.
    ///   - leftovers: where it is until then, to be removed when the program is interrupted.
    /// - Throws: ``Failure`` if it is there already, or cannot be made.
    init(_ path: String, header: [String], _ leftovers: Leftovers) throws {
        guard access(path, F_OK) != 0 else {
            throw Failure.failed("\(path) is there already; it was not touched: name another file")
        }
        self.path = path
        self.leftovers = leftovers
        let unfinished = Self.unfinished(path)
        // Only a file of its own making is its leftover: one that is there may be another audit's.
        file = try leftovers.make(unfinished) {
            let file = open(
                unfinished, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
            if file >= 0 { return file }
            guard errno != EEXIST else {
                throw Failure.failed(
                    "\(unfinished) is there: another audit writes it, or one was interrupted; "
                        + "then remove it")
            }
            throw Failure.failed("cannot write \(path): \(String(cString: strerror(errno)))")
        }
        buffer.reserveCapacity(Self.bufferBytes + 4096)
        buffer += Output.csvRow(header).utf8
    }

    deinit { close(file) }

    /// Adds a row.
    func write(_ cells: [String]) throws(StoreFault) {
        buffer += Output.csvRow(cells).utf8
        count += 1
        if buffer.count >= Self.bufferBytes { try flush() }
    }

    /// Has all of it on the disk, still without its name.
    func complete() throws(StoreFault) {
        try flush()
        guard fsync(file) == 0 else { throw fault() }
    }

    /// Gives the file its name.
    func finish() throws(StoreFault) {
        try complete()
        guard rename(Self.unfinished(path), path) == 0 else { throw fault() }
        leftovers.forget(Self.unfinished(path))
        do throws(FileFault) {
            try WholeFile.syncFolder(of: path)
        } catch {
            throw StoreFault(
                .inputOutput, operation: "write", path: path, message: error.description)
        }
    }

    /// Removes what is not whole; does nothing after ``finish()``.
    func discard() { leftovers.remove(Self.unfinished(path)) }

    private func flush() throws(StoreFault) {
        var done = 0
        while done < buffer.count {
            let count = buffer.withUnsafeBytes { memory in
                Glibc.write(file, memory.baseAddress.map { $0 + done }, memory.count - done)
            }
            guard count >= 0 || errno == EINTR else { throw fault() }
            done += max(0, count)
        }
        buffer.removeAll(keepingCapacity: true)
    }

    private func fault() -> StoreFault {
        StoreFault(
            errno == ENOSPC ? .diskFull : .inputOutput, operation: "write", path: path,
            message: String(cString: strerror(errno)))
    }
}
