import GRDB
import Synchronization

@testable import BankDesk

/// The SQL that journals ran, each statement once.
final class StatementLog: Sendable {
    private let statements = Mutex<Set<String>>([])

    var all: [String] { statements.withLock { $0.sorted() } }

    /// Notes what a journal runs from now on.
    func follow(_ journal: Journal) {
        journal.queue.inDatabase { db in
            db.trace { event in
                guard case .statement(let statement) = event else { return }
                _ = self.statements.withLock { $0.insert(statement.sql) }
            }
        }
    }
}
