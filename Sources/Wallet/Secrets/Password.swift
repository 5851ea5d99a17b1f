import Glibc

/// Where a password comes from; never from the command line or the environment, which others can read.
public enum PasswordSource: Hashable, Sendable {
    /// The terminal, without showing it.
    case prompt
    /// The first line of a file that only its owner can read.
    case file(String)
    /// The next line of a file that the caller has opened.
    case descriptor(Int32)

    /// The longest password in bytes.
    static let maximumBytes = 4096

    /// Gets a password that is there already.
    ///
    /// - Parameter question: what to ask for at a terminal.
    /// - Returns: the password without its line end; it may be empty.
    /// - Throws: ``WalletFault/noPassword(reason:)``, ``WalletFault/notPrivate(file:mode:)``,
    ///   ``WalletFault/file(_:operation:reason:)``.
    public func read(_ question: String) throws(WalletFault) -> SecretBytes {
        switch self {
        case .prompt: return try Terminal.ask(question)
        case .file(let path):
            let text = try PrivateFiles.read(path, atMost: Self.maximumBytes, isSecret: true)
            return Self.firstLine(text)
        case .descriptor(let descriptor):
            return try PrivateFiles.read(
                descriptor, name: "descriptor \(descriptor)", atMost: Self.maximumBytes,
                untilLineEnd: true)
        }
    }

    /// Gets a password for something new; at a terminal it is asked for twice.
    /// - Throws: as ``read(_:)``, and ``WalletFault/noPassword(reason:)`` for an empty one or where the
    ///   two differ.
    public func readNew(_ question: String) throws(WalletFault) -> SecretBytes {
        let first = try read(question)
        guard first.count > 0 else {
            throw .noPassword(reason: "it is empty, and a key must not lie open")
        }
        guard self == .prompt else { return first }
        let second = try Terminal.ask("Again: ")
        guard first.count == second.count,
            first.withBytes({ one in second.withBytes { one.elementsEqual($0) } })
        else { throw .noPassword(reason: "the two were not the same") }
        return first
    }

    private static func firstLine(_ text: SecretBytes) -> SecretBytes {
        text.withBytes { bytes in
            var line = bytes.prefix { $0 != 0x0a }
            if line.last == 0x0d { line = line.dropLast() }
            return SecretBytes(line)
        }
    }
}

/// The terminal of whoever runs the program.
enum Terminal {
    /// Ctrl-C.
    private static let cancel: UInt8 = 0x03

    /// Asks for a line without showing it.
    static func ask(_ question: String) throws(WalletFault) -> SecretBytes {
        let descriptor = open("/dev/tty", O_RDWR | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw .noPassword(
                reason: "there is no terminal to ask at; give --password-file or --password-fd")
        }
        defer { close(descriptor) }
        var saved = termios()
        guard tcgetattr(descriptor, &saved) == 0 else {
            throw PrivateFiles.fault("the terminal", "ask at")
        }
        var silent = saved
        // Without ISIG a Ctrl-C comes as a character, so that showing is always switched on again; it ends the
        // line, or nothing would happen before Return is pressed.
        silent.c_lflag &= ~tcflag_t(ECHO | ISIG)
        withUnsafeMutableBytes(of: &silent.c_cc) { $0[Int(VEOL)] = cancel }
        guard tcsetattr(descriptor, TCSAFLUSH, &silent) == 0 else {
            throw PrivateFiles.fault("the terminal", "ask at")
        }
        defer {
            _ = tcsetattr(descriptor, TCSAFLUSH, &saved)
            _ = Glibc.write(descriptor, "\n", 1)
        }
        _ = question.withCString { Glibc.write(descriptor, $0, strlen($0)) }
        let line = try PrivateFiles.read(
            descriptor, name: "the terminal", atMost: PasswordSource.maximumBytes,
            untilLineEnd: true, orAfter: cancel)
        let wasCancelled = line.withBytes { $0.contains(cancel) }
        guard !wasCancelled else { throw .noPassword(reason: "cancelled") }
        return line
    }
}
