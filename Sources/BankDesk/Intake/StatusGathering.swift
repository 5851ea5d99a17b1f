import GRDB
import ISO20022

/// Puts together what a message says of payments, of the instructions that they are part of, and of their files.
///
/// One message may tell of several files. What is told on one level says why of another: a bank that refuses a file
/// without a reason may give it for the instruction in it, or for each payment.
struct StatusGathering {
    /// The files of which the message tells, in its order, and why it says what it says of each.
    private var files: [(id: String, reasons: [StatusReason])] = []
    /// Why of the instruction that is being read.
    private var instructionReasons: [StatusReason] = []
    /// Codes by which the bank says somewhere that it has a file already, or payments of it.
    private var duplicates: [String: (ofFile: String?, ofPayment: String?)] = [:]

    /// Takes what is said of a payment, an instruction or a file.
    ///
    /// - Parameters:
    ///   - report: as the message has it.
    ///   - fileOf: the file in which a payment was asked for, by what it is called from end to end.
    /// - Returns: the same with the file that it is about, and the code that counts.
    /// - Throws: what `fileOf` does.
    mutating func take(
        _ report: StatusReport, fileOf: (String) throws -> String?
    ) rethrows -> (report: StatusReport, code: String) {
        var report = report
        let code: String
        switch report.scope {
        case .message:
            files.append((report.originalMessageID ?? "", report.reasons))
            instructionReasons = []
            code = RefusalCode.of(report.reasons)
        case .instruction:
            instructionReasons = report.reasons
            code = RefusalCode.of(report.reasons + reasons(ofFile: report.originalMessageID))
        case .transaction:
            if report.originalMessageID == nil, files.count > 1 {
                report.originalMessageID = try file(of: report, fileOf)
            }
            // What names a file of which the message says nothing has no other reasons than its own.
            let above = reasons(ofFile: report.originalMessageID)
            code = RefusalCode.of(report.reasons, becauseOf: instructionReasons + above)
        }
        if RefusalCode.duplicates.contains(code) { note(code, report) }
        return (report, code)
    }

    /// What stands for the file of a payment of which nobody can tell in which it was; none is called so.
    static let unknown = "-"

    /// The file of a payment that names none, in a message about several: the one that asked for it, if the message
    /// tells of that.
    private func file(
        of report: StatusReport, _ fileOf: (String) throws -> String?
    ) rethrows -> String {
        let own = try report.references.endToEndID.flatMap(fileOf)
        return files.first { $0.id == own }?.id ?? Self.unknown
    }

    private func reasons(ofFile id: String?) -> [StatusReason] {
        files.filter { $0.id == id ?? "" }.flatMap(\.reasons)
    }

    private mutating func note(_ code: String, _ report: StatusReport) {
        let file = report.originalMessageID ?? ""
        if report.scope == .transaction {
            duplicates[file, default: (nil, nil)].ofPayment = code
        } else {
            duplicates[file, default: (nil, nil)].ofFile = code
        }
    }

    /// Has what was said of whole files count as a duplicate where that was said further down.
    ///
    /// Tokens that go back for a file that the bank has already would be paid and kept.
    ///
    /// - Parameters:
    ///   - message: whose statuses they are.
    ///   - db: the transaction.
    /// - Throws: what SQLite throws.
    func finish(_ message: Int64, _ db: Database) throws {
        for (file, codes) in duplicates {
            try db.execute(
                sql: """
                    UPDATE status SET reasonCode = CASE reasonCode WHEN 'NARR' THEN ?1 ELSE ifnull(?2, reasonCode) END
                    WHERE message = ?3 AND originalMessage = ?4 AND endToEnd IS NULL AND outcome = 'refused'
                    """,
                arguments: [
                    codes.ofFile ?? codes.ofPayment, codes.ofFile, message, file,
                ])
        }
    }
}
