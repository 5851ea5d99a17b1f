import Files
import Foundation
import Glibc
import Ledger
import Wallet

/// A folder that comes into being whole or not at all, over nothing that is there.
struct NewFolder {
    /// Where it will be.
    let path: String
    private let draft: String

    /// Begins beside the place where the folder will be.
    /// - Throws: ``Failure`` where something is there already.
    init(_ path: String) throws {
        var path = path[...]
        while path.count > 1, path.hasSuffix("/") { path = path.dropLast() }
        self.path = String(path)
        draft = "\(path).\(getpid()).new"
        var facts = stat()
        guard lstat(self.path, &facts) != 0 else {
            throw Failure.usage("\(path) is there already; nothing in it was touched")
        }
        try makeFolder(draft)
    }

    /// Makes a folder in it.
    func makeFolder(named name: String) throws { try makeFolder("\(draft)/\(name)") }

    private func makeFolder(_ path: String) throws {
        do {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700])
        } catch {
            throw Failure.failed("cannot make the folder \(path): \(error.systemWords)")
        }
    }

    /// Writes a file that everybody may read who may enter the folder.
    func write(_ bytes: some Sequence<UInt8>, to name: String) throws {
        do throws(FileFault) {
            try WholeFile.write(Array(bytes), to: self[name], mode: 0o644)
        } catch {
            throw Failure.failed(error.description)
        }
    }

    /// Writes a key, 64 hexadecimal digits, with mode 0600.
    func write(_ key: PrivateKey, to name: String) throws {
        try PrivateFiles.write(key.hexText, to: self[name])
    }

    /// The path of something in it, for those who write it themselves.
    subscript(name: String) -> String { "\(draft)/\(name)" }

    /// Puts the folder where it belongs.
    func finish() throws {
        // Would replace an empty folder, but nothing with anything in it.
        guard rename(draft, path) == 0 else {
            throw Failure.failed("cannot make \(path): \(systemMessage(errno))")
        }
    }

    /// Takes back what was begun.
    func discard() { try? FileManager.default.removeItem(atPath: draft) }
}
