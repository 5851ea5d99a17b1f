/// The folder that a log lives in, as far as a log needs one.
///
/// Names have no slashes. Changes of names (create, rename, remove) are durable after ``syncFolder()``,
/// bytes after ``LogFile/sync()``; before that, either may be lost, and bytes in part.
public protocol LogFiles: Sendable {
    /// The folder's name for messages.
    var path: String { get }
    /// The names of all files, in any order.
    func names() throws(LogFault) -> [String]
    /// Opens a file that exists.
    func open(_ name: String) throws(LogFault) -> any LogFile
    /// Makes an empty file, over one of that name if there is one.
    func create(_ name: String) throws(LogFault) -> any LogFile
    /// Gives a file another name, over one of that name if there is one; all or nothing.
    func rename(_ name: String, to other: String) throws(LogFault)
    /// Removes a file.
    func remove(_ name: String) throws(LogFault)
    /// Makes the names durable.
    func syncFolder() throws(LogFault)
    /// Lets another process have the folder; nothing may be done with it afterwards.
    func release()
}

/// One open file of a log; reads may run beside writes and syncs.
public protocol LogFile: AnyObject, Sendable {
    /// The file's path for messages.
    var path: String { get }
    /// The file's size in bytes.
    func size() throws(LogFault) -> Int
    /// Reads bytes from `offset`.
    /// - Returns: how many there were; fewer than asked only at the file's end.
    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(LogFault) -> Int
    /// Writes all the bytes at `offset`.
    func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(LogFault)
    /// Grows the file to `size` bytes with zeros and takes the space for them now.
    func reserve(_ size: Int) throws(LogFault)
    /// Cuts the file to `size` bytes.
    func truncate(to size: Int) throws(LogFault)
    /// Makes bytes and size durable.
    func sync() throws(LogFault)
}

extension LogFile {
    /// Reads the whole file.
    func readAll() throws(LogFault) -> [UInt8] { try read(count: try size(), at: 0) }

    /// Reads up to so many bytes from `offset`.
    func read(count: Int, at offset: Int) throws(LogFault) -> [UInt8] {
        var fault: LogFault?
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            do throws(LogFault) {
                filled = try read(into: UnsafeMutableRawBufferPointer(buffer), at: offset)
            } catch {
                fault = error
            }
        }
        if let fault { throw fault }
        return bytes
    }

    /// Writes all the bytes at `offset`.
    func write(_ bytes: [UInt8], at offset: Int) throws(LogFault) {
        let outcome = bytes.withUnsafeBytes { buffer in
            Result { () throws(LogFault) in try write(buffer, at: offset) }
        }
        try outcome.get()
    }
}

extension LogFiles {
    /// Replaces a file: after a crash there is the old one or the new one, whole.
    func replace(_ name: String, with bytes: [UInt8]) throws(LogFault) {
        let file = try create(name + LogNames.unfinished)
        try file.write(bytes, at: 0)
        try file.sync()
        try rename(name + LogNames.unfinished, to: name)
        try syncFolder()
    }
}

/// The names of a log's files.
package enum LogNames {
    package static let lock = "lock"
    package static let hardState = "vote"
    package static let snapshot = "snapshot"
    /// Says that the folder was restored from a backup; the file's content means nothing.
    package static let restored = "restored"
    /// Ends the name of a file that is being made and means nothing yet.
    package static let unfinished = ".new"
    private static let ending = ".log"

    /// 20 digits, so that names sort as their indexes do.
    package static func segment(first: LogIndex) -> String {
        let digits = String(first)
        return String(repeating: "0", count: 20 - digits.count) + digits + ending
    }

    /// The first index of the segment of that name, or nil if it is not a segment's.
    package static func firstIndex(of name: String) -> LogIndex? {
        guard name.hasSuffix(ending), name.utf8.count == 20 + ending.utf8.count else { return nil }
        return LogIndex(name.dropLast(ending.count))
    }
}
