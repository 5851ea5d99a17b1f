import ArgumentParser
import Execution
import Files
import Foundation
import Ledger
import Node

/// Where a development node keeps its data unless told otherwise.
enum DevelopmentFolder {
    static var path: String {
        let environment = ProcessInfo.processInfo.environment
        // As the keystore does: NSHomeDirectory() asks the system's list of users.
        let home = environment["HOME"] ?? NSHomeDirectory()
        let base = environment["XDG_DATA_HOME"] ?? home + "/.local/share"
        return base + "/dipnet/dev"
    }
}

/// The genesis of a data folder: its own copy, a file, or a fresh one for development.
enum GenesisFile {
    /// Finds the genesis and leaves a copy in the folder.
    static func load(
        from file: String?, folder: String, isDevelopment: Bool, startTime: String?
    ) throws -> Genesis {
        let copy = folder + "/genesis.json"
        if let file {
            let genesis = try read(file)
            try keep(genesis, at: copy, folder: folder)
            return genesis
        }
        if FileManager.default.fileExists(atPath: copy) {
            if startTime != nil {
                throw Failure.usage(
                    "\(folder) has a ledger already, whose start time is fixed; use another --data or 'dip dev reset'"
                )
            }
            return try read(copy)
        }
        guard isDevelopment else {
            throw Failure.usage("\(folder) has no genesis yet: give one with --genesis")
        }
        let genesis = DevelopmentKeys.genesis(timeMillis: try time(startTime))
        try keep(genesis, at: copy, folder: folder)
        return genesis
    }

    /// Reads and validates a file.
    static func read(_ file: String) throws -> Genesis {
        let bytes: [UInt8]
        do {
            bytes = try WholeFile.read(file, limit: GenesisDocument.byteLimit)
        } catch {
            throw failure(error.description(of: "genesis file"), isLasting: error.isLasting)
        }
        return try parse(bytes, name: file)
    }

    /// Validates the bytes of a file.
    static func parse(_ bytes: [UInt8], name: String) throws -> Genesis {
        do {
            return try GenesisDocument.parse(bytes)
        } catch {
            throw Failure.usage("\(name): \(error)")
        }
    }

    private static func keep(_ genesis: Genesis, at copy: String, folder: String) throws {
        if FileManager.default.fileExists(atPath: copy) {
            let kept = try read(copy)
            guard kept.hash == genesis.hash else {
                throw Failure.usage(
                    """
                    \(folder) belongs to another ledger: its genesis has hash \(kept.hash), the one \
                    given \(genesis.hash). Use another folder, or the genesis that belongs to this one
                    """)
            }
            return
        }
        do {
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700])
        } catch {
            let number = error.systemNumber
            // A file that has the folder's name keeps it.
            throw failure(
                "cannot make the folder \(folder): \(error.systemWords)",
                isLasting: number.map { $0 == EEXIST || isLastingRefusal($0) } ?? false)
        }
        do {
            try WholeFile.write(
                Array(GenesisDocument.text(genesis).utf8), to: copy, mode: 0o600, replacing: true)
        } catch {
            throw failure(
                error.description(of: "copy of the genesis"), isLasting: error.isLasting)
        }
    }

    /// Says so by its status where to start again is of no use.
    private static func failure(_ text: String, isLasting: Bool) -> Failure {
        isLasting ? .usage(text) : .failed(text)
    }

    private static func time(_ text: String?) throws -> UInt64 {
        guard let text else { return UInt64(Date().timeIntervalSince1970) * 1000 }
        if let seconds = UInt64(text), seconds < 1 << 40 { return seconds * 1000 }
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.timeZone = TimeZone(identifier: "UTC")
        formatter.dateFormat = "yyyy-MM-dd"
        guard let date = formatter.date(from: text), date.timeIntervalSince1970 >= 0 else {
            throw ValidationError(
                "--start-time: expected a day as 2006-01-31, or seconds since 1970")
        }
        return UInt64(date.timeIntervalSince1970) * 1000
    }
}
