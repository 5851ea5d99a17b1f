import Foundation

/// Appends to a new file through a buffer; a file that is not closed properly is without worth.
struct FileWriter: ~Copyable {
    /// The file's path.
    let path: String
    /// How many bytes were appended.
    private(set) var count: UInt64 = 0
    private let file: Int32
    private var buffer: [UInt8] = []
    private var unsyncedBytes = 0

    /// Bytes gathered before they go to the system.
    private static let bufferBytes = 1 << 20
    /// Bytes after which the disk is made to write.
    ///
    /// Were all of a large file left to the system, the next sync of a node's log would wait for it.
    private static let syncBytes = 8 << 20

    /// Makes an empty file, over one of that name if there is one.
    init(path: String) throws(StoreFault) {
        self.path = path
        file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw Files.fault("write", path) }
        buffer.reserveCapacity(Self.bufferBytes)
    }

    deinit { close(file) }

    /// Appends bytes.
    mutating func append(_ bytes: UnsafeRawBufferPointer) throws(StoreFault) {
        if buffer.count + bytes.count > Self.bufferBytes { try flush() }
        if bytes.count >= Self.bufferBytes {
            try write(bytes)
        } else {
            buffer.append(contentsOf: bytes)
        }
        count += UInt64(bytes.count)
    }

    /// Appends bytes.
    mutating func append(_ bytes: [UInt8]) throws(StoreFault) {
        let outcome = bytes.withUnsafeBytes { bytes -> StoreFault? in
            do throws(StoreFault) {
                try append(bytes)
                return nil
            } catch {
                return error
            }
        }
        if let outcome { throw outcome }
    }

    /// Makes everything appended so far durable.
    mutating func sync() throws(StoreFault) {
        try flush()
        guard fdatasync(file) == 0 else { throw Files.fault("sync", path) }
        unsyncedBytes = 0
    }

    private mutating func flush() throws(StoreFault) {
        guard !buffer.isEmpty else { return }
        let outcome = buffer.withUnsafeBytes { bytes -> StoreFault? in
            Self.writeAll(bytes, to: file) ? nil : Files.fault("write", path)
        }
        if let outcome { throw outcome }
        try written(buffer.count)
        buffer.removeAll(keepingCapacity: true)
    }

    private mutating func write(_ bytes: UnsafeRawBufferPointer) throws(StoreFault) {
        guard Self.writeAll(bytes, to: file) else { throw Files.fault("write", path) }
        try written(bytes.count)
    }

    private mutating func written(_ count: Int) throws(StoreFault) {
        unsyncedBytes += count
        guard unsyncedBytes >= Self.syncBytes else { return }
        guard fdatasync(file) == 0 else { throw Files.fault("sync", path) }
        unsyncedBytes = 0
    }

    private static func writeAll(_ bytes: UnsafeRawBufferPointer, to file: Int32) -> Bool {
        var done = 0
        while done < bytes.count {
            let rest = UnsafeRawBufferPointer(rebasing: bytes[done...])
            let count = Glibc.write(file, rest.baseAddress, rest.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { return false }
            done += count
        }
        return true
    }
}

/// Reads a file at any place, for any thread.
final class FileReader: Sendable {
    /// The file's path.
    let path: String
    /// The file's size in bytes when it was opened.
    let size: UInt64
    private let file: Int32

    /// Opens a file.
    init(path: String) throws(StoreFault) {
        self.path = path
        file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw Files.fault("read", path) }
        var status = stat()
        guard fstat(file, &status) == 0 else {
            let fault = Files.fault("read", path)
            close(file)
            throw fault
        }
        size = UInt64(status.st_size)
    }

    deinit { close(file) }

    /// Reads exactly so many bytes; fewer are there is a fault.
    func read(_ count: Int, at offset: UInt64) throws(StoreFault) -> [UInt8] {
        guard offset <= size, UInt64(count) <= size - offset else {
            throw StoreFault(
                .corrupt, operation: "read", path: path,
                message: "it ends at byte \(size), bytes \(offset) and \(count) more were wanted")
        }
        var fault: StoreFault?
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            while filled < count {
                let done = pread(
                    file, buffer.baseAddress.map { $0 + filled }, count - filled,
                    off_t(offset) + off_t(filled))
                if done < 0, errno == EINTR { continue }
                guard done > 0 else {
                    fault = Files.fault("read", path, done < 0 ? errno : EIO)
                    return
                }
                filled += done
            }
        }
        if let fault { throw fault }
        return bytes
    }
}
