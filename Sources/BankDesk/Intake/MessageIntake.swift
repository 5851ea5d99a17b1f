import Files
import GRDB
import Glibc
import ISO20022
import JSON
import Ledger
import Logging

/// Takes files from the inbox and writes what they say into the journal.
///
/// A copy in the spool, a row in the journal, the file in the inbox removed; then, in one transaction, all that
/// the message says; then the copy goes into the archive, or into quarantine with the reason beside it. After a
/// kill each step is found undone or done, and is done again without a second effect.
struct MessageIntake: Sendable {
    let journal: Journal
    let settings: DeskSettings
    let spool: Spool
    let points: FaultPoints
    let clock: DeskClock
    let log: Logger

    /// Takes what is complete and reads what was taken.
    ///
    /// An inbox that cannot be used holds up neither what was taken before nor, where it is about one file of it, the
    /// others.
    ///
    /// - Returns: whether there was anything, and why the inbox could not be used, if so.
    /// - Throws: ``DeskFault``; a full disk passes.
    func work(
        _ inbox: inout Inbox
    ) throws(DeskFault) -> (changed: Bool, closed: DeskFault?) {
        var changed = false
        var closed: DeskFault?
        do throws(DeskFault) {
            try collect(&inbox, &changed, &closed)
        } catch {
            guard error.isOfInbox else { throw error }
            closed = error
        }
        for message in try journal.messages(in: "taken") {
            try read(message)
            changed = true
        }
        // Also those whose file was not moved before a kill.
        for message in try journal.messages(in: "read") {
            try spool.move(message.hash, to: spool.archived(message))
            try journal.filed(message.id)
            try points.reach(.messageFiled)
        }
        return (changed, closed)
    }

    // MARK: From the inbox

    private func collect(
        _ inbox: inout Inbox, _ changed: inout Bool, _ closed: inout DeskFault?
    ) throws(DeskFault) {
        try inbox.lease.take()
        try inbox.putBack()
        let names = try inbox.complete(now: clock.now())
        for look in inbox.untold {
            try tell(look, "file-name", "has a name that is no UTF-8: give it another one")
            inbox.noteTold(look)
        }
        for name in names {
            try inbox.lease.take()
            do throws(Spool.Obstacle) {
                let copy = try spool.copy(name, in: inbox.path)
                changed = true
                do throws(DeskFault) {
                    try take(copy, name, inbox)
                } catch {
                    // It is in the journal by now, and has no second effect as long as it stays.
                    guard error.isOfInbox else { throw Spool.Obstacle.fault(error) }
                    closed = error
                }
            } catch {
                // As it was looked at: what is written meanwhile is looked at again.
                let seen: FileLook?
                switch error {
                case .unsettled: continue
                case .fault(let fault): throw fault
                case .notAFile:
                    seen = inbox.look(at: name)
                    log.warning("what is no file stays in the inbox")
                case .empty(let look):
                    seen = look
                    try tell(look, "file-empty", "has been empty for ten minutes")
                case .tooLarge(let look):
                    seen = look
                    let limit = settings.largestFile
                    try tell(look, "file-too-large", "has more bytes than \(limit)")
                case .unreadable(let number):
                    seen = inbox.look(at: name)
                    let why = String(cString: strerror(number))
                    try tell(seen, "file-unreadable", "cannot be read: \(why)")
                }
                inbox.passOver(name, seen)
            }
        }
    }

    /// Opens a case for a file that stays in the inbox.
    ///
    /// Its name is not told: banks put account numbers into names. Nor its size, which grows while it is written: each
    /// pause would be another case.
    private func tell(_ look: FileLook?, _ reason: String, _ why: String) throws(DeskFault) {
        guard let look else { return }
        try journal.write { db in
            try Journal.open(
                Case(
                    kind: .message, reason: reason,
                    text: "a file in the inbox, inode \(look.inode), \(why)",
                    place: Int64(bitPattern: look.inode)), at: clock.now(), in: db)
        }
        log.warning(
            "a file stays in the inbox",
            metadata: ["reason": "\(reason)", "inode": "\(look.inode)"])
    }

    private func take(
        _ copy: Spool.Copy, _ name: String, _ inbox: Inbox
    ) throws(DeskFault) {
        try points.reach(.fileCopied)
        let isNew = try journal.take(copy.hash, name: name, bytes: copy.bytes, at: clock.now())
        try points.reach(.messageJournaled)
        try inbox.remove(name, copy.look)
        try points.reach(.fileRemoved)
        log.info(
            isNew ? "a message was taken" : "a message came again",
            metadata: [
                "message": "\(copy.hash.hex)", "bytes": "\(copy.bytes)",
            ])
        guard !isNew, let known = try journal.message(copy.hash) else { return }
        switch known.state {
        case "taken", "read": break
        // It could not be read for it was not there: the journal was put back, and the spool was not.
        case "quarantined" where access(spool.quarantined(copy.hash), F_OK) != 0:
            unlink(spool.reason(of: copy.hash))
            try journal.takeAgain(known.id, at: clock.now())
        // What is dealt with has its copy elsewhere already.
        default: unlink(spool.path(of: copy.hash))
        }
    }

    // MARK: Into the journal

    private func read(_ message: Journal.Message) throws(DeskFault) {
        let path = spool.path(of: message.hash)
        // Released by a person.
        if access(path, F_OK) != 0 { try spool.takeBack(message.hash) }
        var reason: Unreadable?
        do throws(DeskFault) {
            let counts: (entries: Int, known: Int) = try journal.write { db in
                do {
                    return try record(message, path, db)
                } catch {
                    // Thrown on, so that nothing of the message stays.
                    if let fault = error as? MessageFault { reason = Unreadable(fault) }
                    if let refusal = error as? IntakeRefusal { reason = Unreadable(refusal) }
                    throw error
                }
            }
            try points.reach(.messageRead)
            log.info(
                "a message was read",
                metadata: [
                    "message": "\(message.hash.hex)", "entries": "\(counts.entries)",
                    "known": "\(counts.known)",
                ])
        } catch {
            guard let reason else { throw error }
            try quarantine(message, reason)
        }
    }

    private func record(
        _ message: Journal.Message, _ path: String, _ db: Database
    ) throws -> (entries: Int, known: Int) {
        var limits = MessageLimits()
        limits.bytes = settings.largestFile
        var reader = try MessageReader(path: path, limits: limits)
        var recorder = MessageRecorder(journal, settings, message, now: clock.now(), db)
        while let part = try reader.next() { try recorder.take(part) }
        try recorder.finish()
        return (recorder.entries, recorder.known)
    }

    private func quarantine(_ message: Journal.Message, _ reason: Unreadable) throws(DeskFault) {
        try journal.quarantine(message.id, reason: reason.code, text: reason.text, at: clock.now())
        log.warning(
            "a message is in quarantine",
            metadata: [
                "message": "\(message.hash.hex)", "reason": "\(reason.code)",
            ])
        try points.reach(.messageQuarantined)
        try putAway(message, reason.code, reason.text)
    }

    /// Moves a quarantined message out of the spool, with the reason beside it.
    private func putAway(
        _ message: Journal.Message, _ code: String, _ text: String
    ) throws(DeskFault) {
        let place = spool.quarantined(message.hash)
        var writer = JSONWriter()
        writer.value([
            "reason": .string(code), "text": .string(text),
            "file": .string(message.name), "message": .string(message.hash.hex),
            "quarantinedAt": .integer(clock.now()),
        ])
        try files { () throws(FileFault) in
            try PrivateFile.write(writer.bytes, to: spool.reason(of: message.hash), replacing: true)
        }
        try spool.move(message.hash, to: place)
    }

    /// Finishes what was being put away when the desk ended.
    func tidy() throws(DeskFault) {
        for message in try journal.messages(in: "quarantined")
        where access(spool.path(of: message.hash), F_OK) == 0 {
            try putAway(message, message.reason ?? "", message.text ?? "")
        }
    }
}

/// Why a message could not be read, for a person.
struct Unreadable: Error {
    let code: String
    let text: String

    init(_ fault: MessageFault) {
        code = fault.code.rawValue
        text = fault.description
    }

    init(_ refusal: IntakeRefusal) {
        switch refusal {
        case .notForTheDesk(let kind):
            code = "message.not-for-the-desk"
            text = "\(kind) asks the bank for a payment; the desk takes accounts and statuses"
        case .fromTheFuture:
            code = "message.future"
            text = "it says that it was made later than tomorrow"
        }
    }
}

/// The time of day, which tests choose.
public struct DeskClock: Sendable {
    /// Seconds since 1970.
    public let now: @Sendable () -> UInt64

    /// Takes a clock.
    public init(_ now: @escaping @Sendable () -> UInt64) { self.now = now }

    /// The machine's.
    public static let system = DeskClock {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return UInt64(clamping: time.tv_sec)
    }
}
