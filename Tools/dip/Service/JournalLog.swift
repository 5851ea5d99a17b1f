import Glibc
import Logging

/// Lines for systemd's journal, which keeps their time, and reads from `<N>` before them how urgent they are.
struct JournalLog: LogHandler {
    var logLevel = Logger.Level.notice
    var metadata: Logger.Metadata = [:]

    /// A log on the standard error: for the journal where that is what it leads to, else for a person.
    static func logger(_ label: String, _ level: Logger.Level) -> Logger {
        var logger = Logger(label: label) { label -> any LogHandler in
            leadsToJournal ? JournalLog() : StreamLogHandler.standardError(label: label)
        }
        logger.logLevel = level
        return logger
    }

    /// Whether the standard error is what systemd made for the journal: somebody may have redirected it since.
    static var leadsToJournal: Bool {
        var facts = stat()
        guard let stream = getenv("JOURNAL_STREAM"), fstat(2, &facts) == 0 else { return false }
        return String(cString: stream) == "\(facts.st_dev):\(facts.st_ino)"
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var facts = metadata.merging(event.metadata ?? [:]) { $1 }
        if let error = event.error { facts["error"] = "\(error)" }
        // In one piece, since others write beside it; what nobody takes is lost, and the service goes on.
        let line = Array((Self.line(event.level, "\(event.message)", facts) + "\n").utf8)
        _ = write(2, line, line.count)
    }

    /// A line of the journal: a text from elsewhere cannot begin another one, with an urgency of its own.
    static func line(
        _ level: Logger.Level, _ message: String, _ metadata: Logger.Metadata = [:]
    ) -> String {
        let facts = metadata.sorted { $0.key < $1.key }.map { " \($0.key)=\($0.value)" }
        return "<\(urgency(level))>" + Output.clean(message + facts.joined(), atMost: 8192)
    }

    /// As of syslog(3).
    private static func urgency(_ level: Logger.Level) -> Int {
        switch level {
        case .trace, .debug: 7
        case .info: 6
        case .notice: 5
        case .warning: 4
        case .error: 3
        case .critical: 2
        }
    }
}
