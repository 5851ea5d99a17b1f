import Glibc
import Synchronization

/// A folder in memory that behaves as badly as a disk may: it loses what was not synced, in part and by
/// sectors, runs full, and fails when told to.
public final class MemoryFiles: LogFiles {
    /// Tells an operation ("write", "fdatasync" …) on a file to fail with a system's error number.
    public typealias Failure = @Sendable (_ operation: String, _ file: String) -> Int32?

    /// A sector is written whole or not at all.
    static let sector = 512

    fileprivate final class Content: @unchecked Sendable {
        // `@unchecked`: the folder's lock guards what its names stand for.
        var bytes: [UInt8] = []
        /// What a crash leaves for certain.
        var durable: [UInt8] = []
        /// The sectors that were written since they were synced.
        var dirty: Set<Int> = []
        /// The sectors that were cut off since, which are zeros if the file has grown again.
        var cut: Set<Int> = []
    }

    fileprivate enum NameChange: Sendable {
        case link(String, Content)
        case unlink(String)
        case move(from: String, to: String)
    }

    private struct Disk: Sendable {
        var names: [String: Content] = [:]
        var durableNames: [String: Content] = [:]
        /// Not synced yet, in order.
        var changes: [NameChange] = []
        var capacity = Int.max
        var failure: Failure?
    }

    /// A name for messages.
    public let path: String
    private let disk = Mutex(Disk())

    /// Makes an empty folder.
    public init(path: String = "memory") { self.path = path }

    /// Limits the sum of all files' sizes.
    public func setCapacity(_ bytes: Int) { disk.withLock { $0.capacity = bytes } }

    /// Makes operations fail for which this gives an error number; nil for none.
    public func setFailure(_ failure: Failure?) { disk.withLock { $0.failure = failure } }

    /// What is found after the power came back: all that was synced, and by chance some of the rest.
    ///
    /// - Parameter generator: decides which changes of names, in their order, and which sectors of unsynced
    ///   writes, in any order, made it to the disk.
    /// - Returns: a folder that shares nothing with this one.
    public func afterCrash(using generator: inout some RandomNumberGenerator) -> MemoryFiles {
        let after = MemoryFiles(path: path)
        let (names, capacity) = disk.withLock { disk in
            var names = disk.durableNames
            for change in disk.changes.prefix(
                Int.random(in: 0...disk.changes.count, using: &generator))
            {
                change.apply(to: &names)
            }
            return (names, disk.capacity)
        }
        var copies: [String: Content] = [:]
        for name in names.keys.sorted() {
            guard let content = names[name] else { continue }
            let copy = Content()
            var bytes = content.durable
            // A new size counts only from a sync or by chance; new bytes need the size to be there.
            if content.bytes.count != bytes.count, Bool.random(using: &generator) {
                bytes = Array(bytes.prefix(content.bytes.count))
                bytes += [UInt8](repeating: 0, count: content.bytes.count - bytes.count)
            }
            for sector in content.dirty.union(content.cut).sorted()
            where Bool.random(using: &generator) {
                let start = sector * Self.sector
                let end = min(start + Self.sector, bytes.count, content.bytes.count)
                if start < end { bytes[start..<end] = content.bytes[start..<end] }
            }
            copy.bytes = bytes
            copy.durable = bytes
            copies[name] = copy
        }
        after.disk.withLock { disk in
            disk.names = copies
            disk.durableNames = copies
            disk.capacity = capacity
        }
        return after
    }

    /// Changes one byte of a file, as a failing disk would.
    public func damage(_ name: String, at offset: Int) {
        disk.withLock { disk in
            guard let content = disk.names[name], offset < content.bytes.count else { return }
            content.bytes[offset] ^= 0x40
            if offset < content.durable.count { content.durable[offset] ^= 0x40 }
        }
    }

    /// Puts zeros over a file's sector, as a disk that lost a write it had confirmed would.
    public func eraseSector(_ name: String, _ number: Int) {
        disk.withLock { disk in
            guard let content = disk.names[name] else { return }
            let end = min(content.bytes.count, content.durable.count, (number + 1) * Self.sector)
            for place in min(end, number * Self.sector)..<end {
                content.bytes[place] = 0
                content.durable[place] = 0
            }
        }
    }

    // MARK: LogFiles

    /// The names of all files.
    public func names() throws(LogFault) -> [String] {
        try check("opendir", "")
        return disk.withLock { $0.names.keys.sorted() }
    }

    /// Opens a file that exists.
    public func open(_ name: String) throws(LogFault) -> any LogFile {
        try check("open", name)
        guard let content = disk.withLock({ $0.names[name] }) else {
            throw LogFault(errno: ENOENT, file: name, operation: "open")
        }
        return File(path: name, content: content, files: self)
    }

    /// Makes an empty file.
    public func create(_ name: String) throws(LogFault) -> any LogFile {
        try check("create", name)
        let content = Content()
        change(.link(name, content))
        return File(path: name, content: content, files: self)
    }

    /// Gives a file another name.
    public func rename(_ name: String, to other: String) throws(LogFault) {
        try check("rename", name)
        change(.move(from: name, to: other))
    }

    /// Removes a file.
    public func remove(_ name: String) throws(LogFault) {
        try check("remove", name)
        change(.unlink(name))
    }

    /// Makes the names durable.
    public func syncFolder() throws(LogFault) {
        try check("fsync", "")
        disk.withLock { disk in
            disk.changes = []
            disk.durableNames = disk.names
        }
    }

    /// Does nothing: a folder in memory is not locked.
    public func release() {}

    private func change(_ change: NameChange) {
        disk.withLock { disk in
            disk.changes.append(change)
            change.apply(to: &disk.names)
        }
    }

    fileprivate func check(_ operation: String, _ file: String) throws(LogFault) {
        guard let errno = disk.withLock({ $0.failure })?(operation, file) else { return }
        throw LogFault(errno: errno, file: file, operation: operation)
    }

    /// Changes a file's bytes, if the folder has the space for its new size.
    fileprivate func change(
        _ content: Content, size: Int, _ operation: String, _ file: String,
        _ body: (Content) -> Void
    ) throws(LogFault) {
        let isFull = disk.withLock { disk in
            let others = disk.names.values.reduce(0) { $0 + ($1 === content ? 0 : $1.bytes.count) }
            guard size <= content.bytes.count || others + size <= disk.capacity else { return true }
            body(content)
            return false
        }
        if isFull { throw LogFault(errno: ENOSPC, file: file, operation: operation) }
    }

    fileprivate func withDisk<Value: Sendable>(_ body: () -> Value) -> Value {
        disk.withLock { _ in body() }
    }

    private final class File: LogFile {
        let path: String
        let content: Content
        let files: MemoryFiles

        init(path: String, content: Content, files: MemoryFiles) {
            self.path = path
            self.content = content
            self.files = files
        }

        func size() throws(LogFault) -> Int { files.withDisk { content.bytes.count } }

        func read(
            into buffer: UnsafeMutableRawBufferPointer, at offset: Int
        ) throws(LogFault) -> Int {
            try files.check("read", path)
            let part = files.withDisk {
                Array(content.bytes.dropFirst(offset).prefix(buffer.count))
            }
            buffer.copyBytes(from: part)
            return part.count
        }

        func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(LogFault) {
            try files.check("write", path)
            guard !bytes.isEmpty else { return }
            let new = Array(bytes)
            let end = offset + new.count
            try files.change(
                content, size: max(content.bytes.count, end), "write", path
            ) { content in
                content.grow(to: end)
                content.bytes.replaceSubrange(offset..<end, with: new)
                content.dirty.formUnion(
                    offset / MemoryFiles.sector...(end - 1) / MemoryFiles.sector)
            }
        }

        func reserve(_ size: Int) throws(LogFault) {
            try files.check("fallocate", path)
            try files.change(content, size: size, "fallocate", path) { $0.grow(to: size) }
        }

        func truncate(to size: Int) throws(LogFault) {
            try files.check("truncate", path)
            files.withDisk {
                let old = content.bytes.count
                guard size < old else { return }
                content.bytes.removeLast(old - size)
                // What grows back later is zeros there, which the durable bytes need not be.
                content.cut.formUnion(
                    size / MemoryFiles.sector...(old - 1) / MemoryFiles.sector)
            }
        }

        /// As the kernel does it: what could not be written stays in its cache and is not tried again.
        func sync() throws(LogFault) {
            do throws(LogFault) {
                try files.check("fdatasync", path)
            } catch {
                files.withDisk { content.dirty = [] }
                throw error
            }
            files.withDisk { content.makeDurable() }
        }
    }
}

extension MemoryFiles.Content {
    fileprivate func makeDurable() {
        durable = Array(durable.prefix(bytes.count))
        durable += [UInt8](repeating: 0, count: bytes.count - durable.count)
        for sector in dirty.union(cut) {
            let start = sector * MemoryFiles.sector
            let end = min(start + MemoryFiles.sector, bytes.count)
            if start < end { durable[start..<end] = bytes[start..<end] }
        }
        (dirty, cut) = ([], [])
    }

    fileprivate func grow(to size: Int) {
        if size > bytes.count { bytes += [UInt8](repeating: 0, count: size - bytes.count) }
    }
}

extension MemoryFiles.NameChange {
    fileprivate func apply(to names: inout [String: MemoryFiles.Content]) {
        switch self {
        case .link(let name, let content): names[name] = content
        case .unlink(let name): names[name] = nil
        case .move(let from, let to): names[to] = names.removeValue(forKey: from)
        }
    }
}
