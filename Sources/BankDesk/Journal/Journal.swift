import Files
import GRDB
import Glibc

/// What a desk knows and has done: SQLite, written before anything is acted on.
///
/// WAL with `synchronous = FULL`: what a method has committed survives a loss of power. Every method is one
/// transaction. Several processes may have it open (the desk, and a person's commands).
public final class Journal: Sendable {
    let queue: DatabaseQueue
    let cipher: FieldCipher

    /// Opens a journal; makes it where there is none.
    ///
    /// - Parameters:
    ///   - path: the file; it gets mode 0600.
    ///   - cipher: for what is personal.
    /// - Throws: ``DeskFault/journal(_:)``, also for a journal of a newer program.
    public init(path: String, cipher: FieldCipher) throws(DeskFault) {
        self.cipher = cipher
        // SQLite gives the files beside it the mode of the first one.
        let file = Glibc.open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw DeskFault(.system("open", path, errno)) }
        Glibc.close(file)
        try files { () throws(FileFault) in try PrivateFile.check(path) }
        queue = try Self.asking { () throws(any Error) in
            var configuration = Configuration()
            configuration.journalMode = .wal
            configuration.busyMode = .timeout(20)
            let queue = try DatabaseQueue(path: path, configuration: configuration)
            try queue.writeWithoutTransaction { db in
                try db.execute(sql: "PRAGMA synchronous = FULL")
            }
            let migrator = JournalSchema.migrator
            guard try !queue.read(migrator.hasBeenSuperseded) else {
                throw DeskFault.journal("it was written by a newer program")
            }
            try migrator.migrate(queue)
            return queue
        }
    }

    /// Makes one transaction: all of it lasts, or nothing.
    func write<Value>(_ body: (Database) throws -> Value) throws(DeskFault) -> Value {
        try Self.asking { () throws(any Error) in try queue.write(body) }
    }

    /// Reads from one state.
    func read<Value>(_ body: (Database) throws -> Value) throws(DeskFault) -> Value {
        try Self.asking { () throws(any Error) in try queue.read(body) }
    }

    /// Tells SQLite's faults as the desk's.
    static func asking<Value>(_ body: () throws -> Value) throws(DeskFault) -> Value {
        do {
            return try body()
        } catch let fault as DeskFault {
            throw fault
        } catch let error as DatabaseError {
            let text = error.message ?? "\(error.resultCode)"
            switch error.resultCode.primaryResultCode {
            // A full disk shows as either, the latter two where a file beside the journal cannot be made or grow.
            case .SQLITE_FULL, .SQLITE_IOERR, .SQLITE_CANTOPEN:
                throw .noRoom("the journal: \(text)")
            case .SQLITE_BUSY, .SQLITE_LOCKED: throw .busy(text)
            default: throw .journal(text)
            }
        } catch {
            throw .journal("\(error)")
        }
    }
}
