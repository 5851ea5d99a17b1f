import Files
import Glibc
import Ledger
import Synchronization

/// The right to take files out of an inbox, which one desk has at a time: of two, each would miss what the other took.
///
/// It is the file `.dipnet-desk` in the inbox. Whoever has that locked has the inbox, as far as the file system carries
/// locks from one machine to another. For where it does not, the file says whose the inbox is, and that desk counts in
/// it; another one waits until it has not counted for five minutes. A desk that loses the inbox notices before the next
/// file that it takes.
final class InboxLease: Sendable {
    /// The file's name, which nothing takes for a message.
    static let name = ".dipnet-desk"
    /// Seconds after which a desk counts.
    private static let beat: UInt64 = 10
    /// Seconds after which a desk that did not count is taken for one that is not there any more.
    static let patience: UInt64 = 300

    /// What the file says.
    struct Text: Equatable {
        /// Of one run of a desk, by chance.
        var run: String
        /// Of the system that it runs on, from one start to the next: within it locks work.
        var boot: String
        /// Of a desk's folder on a machine.
        var place: String
        /// The machine's name, for people.
        var host: String
        /// How often it counted.
        var count: UInt64

        var bytes: [UInt8] { Array("dipnet desk \(run) \(boot) \(place) \(host) \(count)\n".utf8) }

        init(run: String, boot: String, place: String, host: String, count: UInt64) {
            (self.run, self.boot, self.place, self.host, self.count) = (
                run, boot, place, host, count
            )
        }

        /// Reads it; nil where nobody has the inbox.
        init?(_ bytes: [UInt8]) {
            let words = String(decoding: bytes, as: UTF8.self).split { $0.isWhitespace }
            guard words.count == 7, words[0] == "dipnet", words[1] == "desk",
                let count = UInt64(words[6])
            else { return nil }
            self.init(
                run: String(words[2]), boot: String(words[3]), place: String(words[4]),
                host: String(words[5]), count: count)
        }
    }

    private struct State {
        var file: Int32 = -1
        var isLocked = false
        /// What this desk wrote; nil while it has not got the inbox.
        var own: Text?
        var wroteAt: UInt64 = 0
        /// What another desk wrote last, and since when that has not changed.
        var other: (text: Text, since: UInt64)?
    }

    private let inbox: String
    private let run: String
    private let boot: String
    private let place: String
    private let host: String
    /// Seconds that never go back, nor jump.
    private let clock: @Sendable () -> UInt64
    private let state = Mutex(State())

    /// Names an inbox; nothing is done yet.
    ///
    /// - Parameters:
    ///   - inbox: the folder.
    ///   - desk: the desk's own folder.
    ///   - boot: what tells one start of the system from the next, and one machine from another.
    ///   - machine: what a machine keeps.
    ///   - clock: seconds.
    init(
        _ inbox: String, desk: String, boot: String = InboxLease.bootID(),
        machine: String = InboxLease.machine(), clock: (@Sendable () -> UInt64)? = nil
    ) {
        self.inbox = inbox
        self.boot = boot
        run = Hex.encode((0..<8).map { _ in UInt8.random(in: 0 ... .max) })
        let folder = realpath(desk, nil)
        defer { free(folder) }
        let named = folder.map { String(cString: $0) } ?? desk
        place = Hex.encode(SHA256.hash(Array("\(machine)\n\(named)".utf8)).bytes.prefix(8))
        host = Self.hostName()
        self.clock = clock ?? Self.monotonic
    }

    deinit {
        state.withLock { state in
            if state.own != nil, Self.read(path)?.run == run { unlink(path) }
            if state.file >= 0 { close(state.file) }
        }
    }

    private var path: String { inbox + "/" + Self.name }

    /// Takes the inbox, or makes sure that this desk still has it.
    ///
    /// - Throws: ``DeskFault/inboxInUse(path:by:)`` where another desk has it, ``DeskFault/exchange(_:)`` where it
    ///   cannot be used.
    func take() throws(DeskFault) {
        try state.withLock { (state) throws(DeskFault) in
            try open(&state)
            let now = clock()
            let said = Self.read(path)
            if let own = state.own, said?.run == run {
                guard now >= state.wroteAt + Self.beat else { return }
                // What cannot be written now may be later; nobody takes an inbox that did not count for a moment.
                _ = write(counting: own, &state, now)
                return
            }
            state.own = nil
            if let said, !isGone(said, state, now) {
                if state.other?.text != said { state.other = (said, now) }
                throw .inboxInUse(path: inbox, by: said.host)
            }
            let text = Text(run: run, boot: boot, place: place, host: host, count: 0)
            guard write(counting: text, &state, now) else {
                throw .ofExchange(.system("write", path, errno))
            }
        }
    }

    /// Whether the desk that wrote last is not there any more.
    private func isGone(_ said: Text, _ state: State, _ now: UInt64) -> Bool {
        // It would have the lock.
        if state.isLocked, said.boot == boot || said.place == place { return true }
        guard let other = state.other, other.text == said else { return false }
        return now >= other.since + Self.patience
    }

    // MARK: The file

    /// Opens the file and locks it, as far as that can be done here.
    private func open(_ state: inout State) throws(DeskFault) {
        if state.file >= 0 {
            var (here, there) = (stat(), stat())
            let isSame =
                fstat(state.file, &here) == 0 && lstat(path, &there) == 0
                && here.st_ino == there.st_ino && here.st_dev == there.st_dev
            if isSame && state.isLocked { return }
            close(state.file)
            state.file = -1
        }
        state.isLocked = false
        let file = Glibc.open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o664)
        guard file >= 0 else {
            // Of an inbox that is not there, what is wrong with the folder says more.
            let fault: FileFault =
                errno == ENOENT
                ? .system("read the folder", inbox, errno) : .system("open", path, errno)
            throw .ofExchange(fault)
        }
        if flock(file, LOCK_EX | LOCK_NB) == 0 {
            state.isLocked = true
        } else if errno == EWOULDBLOCK {
            close(file)
            state.own = nil
            throw .inboxInUse(path: inbox, by: Self.read(path)?.host ?? host)
        }
        state.file = file
    }

    private func write(counting text: Text, _ state: inout State, _ now: UInt64) -> Bool {
        var text = text
        text.count += 1
        let bytes = text.bytes
        guard pwrite(state.file, bytes, bytes.count, 0) == bytes.count,
            ftruncate(state.file, off_t(bytes.count)) == 0, fsync(state.file) == 0
        else { return false }
        state.own = text
        state.wroteAt = now
        state.other = nil
        return true
    }

    /// What the file says; opened anew, since only so a network file system asks what another machine wrote.
    private static func read(_ path: String) -> Text? {
        let file = Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var buffer = [UInt8](repeating: 0, count: 512)
        let count = Glibc.read(file, &buffer, buffer.count)
        return count > 0 ? Text(Array(buffer[..<count])) : nil
    }

    // MARK: Who

    private static let monotonic: @Sendable () -> UInt64 = {
        var time = timespec()
        clock_gettime(CLOCK_BOOTTIME, &time)
        return UInt64(clamping: time.tv_sec)
    }

    /// The number of the system's start.
    static func bootID() -> String { line("/proc/sys/kernel/random/boot_id") ?? hostName() }

    /// The machine's number and name.
    static func machine() -> String { "\(line("/etc/machine-id") ?? "") \(hostName())" }

    private static func line(_ path: String) -> String? {
        guard let bytes = try? WholeFile.read(path, limit: 256) else { return nil }
        let text = String(decoding: bytes, as: UTF8.self).filter { !$0.isWhitespace }
        return text.isEmpty ? nil : text
    }

    private static func hostName() -> String {
        var buffer = [CChar](repeating: 0, count: 256)
        guard gethostname(&buffer, buffer.count - 1) == 0 else { return "unknown" }
        let bytes = buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        let name = String(decoding: bytes, as: UTF8.self).filter { !$0.isWhitespace }
        return name.isEmpty ? "unknown" : String(name.prefix(64))
    }
}
