import Files
import Glibc
import JSON
import Synchronization

/// What the program prints: results on the standard output, everything else on the standard error.
enum Output {
    /// A line of the result.
    static func line(_ text: String) { write(text + "\n", to: 1) }

    /// A line for the person at the terminal.
    static func note(_ text: String) { write(text + "\n", to: 2) }

    /// A question to the person at the terminal, whose answer stands on the same line.
    static func prompt(_ text: String) { write(text, to: 2) }

    /// A JSON value, indented; on one line where others came or come so.
    static func json(_ value: JSON) {
        line(isStream.withLock { $0 } ? compact(value) : pretty(value))
    }

    /// Whether each JSON value is on one line.
    private static let isStream = Mutex(false)

    /// From now on every JSON value is on one line, the last one, which says what failed, too.
    static func beginStream() { isStream.withLock { $0 = true } }

    /// A JSON value on one line, for streams.
    static func jsonLine(_ value: JSON) { line(compact(value)) }

    /// A JSON value without white space.
    static func compact(_ value: JSON) -> String {
        var writer = JSONWriter()
        writer.value(value)
        return writer.text
    }

    /// A JSON value with two spaces a level; short arrays and objects stay on one line.
    static func pretty(_ value: JSON, indent: String = "") -> String {
        let short = compact(value)
        if short.count + indent.count <= 72 || !value.isContainer { return short }
        let inner = indent + "  "
        switch value {
        case .array(let elements):
            let parts = elements.map { inner + pretty($0, indent: inner) }
            return "[\n" + parts.joined(separator: ",\n") + "\n\(indent)]"
        case .object(let members):
            let parts = members.map { member in
                inner + compact(.string(member.name)) + ": " + pretty(member.value, indent: inner)
            }
            return "{\n" + parts.joined(separator: ",\n") + "\n\(indent)}"
        default: return short
        }
    }

    /// A table with its columns aligned; the columns named in `right` stand to the right.
    static func table(_ header: [String], _ rows: [[String]], right: Set<Int> = []) {
        for text in lines(ofTable: header, rows, right: right) { line(text) }
    }

    /// The lines of a table.
    static func lines(
        ofTable header: [String], _ rows: [[String]], right: Set<Int> = []
    ) -> [String] {
        var widths = header.map(\.columns)
        for row in rows {
            for (index, cell) in row.enumerated() where index < widths.count {
                widths[index] = max(widths[index], cell.columns)
            }
        }
        return ([header] + rows).map { row in
            let cells = row.enumerated().map { index, cell in
                let padding = String(repeating: " ", count: max(0, widths[index] - cell.columns))
                return right.contains(index) ? padding + cell : cell + padding
            }
            var text = cells.joined(separator: "  ")
            while text.last == " " { text.removeLast() }
            return text
        }
    }

    /// A row of comma-separated values.
    static func csv(_ cells: [String]) { write(csvRow(cells), to: 1) }

    /// A row of comma-separated values with its end (RFC 4180).
    static func csvRow(_ cells: [String]) -> String {
        let quoted = cells.map { cell in
            // What would be calculated is made text.
            let safe = isFormula(cell) ? "'" + cell : cell
            guard safe.contains(where: { ",\"\r\n".contains($0) }) else { return safe }
            return "\"" + safe.replacing("\"", with: "\"\"") + "\""
        }
        return quoted.joined(separator: ",") + "\r\n"
    }

    /// Whether a spreadsheet would take a cell for a formula.
    ///
    /// An amount with its sign is none.
    private static func isFormula(_ cell: String) -> Bool {
        guard cell.utf8.first == UInt8(ascii: "-") else {
            return cell.first.map { "=+@".contains($0) } == true
        }
        return !cell.utf8.dropFirst().allSatisfy { (0x30...0x39).contains($0) || $0 == 0x2e }
    }

    /// A text from elsewhere without control characters, which could forge what the terminal shows.
    static func clean(_ text: String, atMost limit: Int = 256, lines: Bool = false) -> String {
        var scalars = String.UnicodeScalarView()
        for scalar in text.unicodeScalars.prefix(limit) {
            let isControl =
                scalar.properties.generalCategory == .control
                || scalar.properties.generalCategory == .format
            scalars.append(isControl && !(lines && scalar == "\n") ? "\u{fffd}" : scalar)
        }
        return String(scalars) + (text.unicodeScalars.count > limit ? "…" : "")
    }

    /// The transaction that is sent, of which there may be no room to tell.
    private static let sent = Mutex<String?>(nil)

    /// Takes note that a transaction is sent, to be told where its result cannot be written.
    static func noteSent(_ hash: String) { sent.withLock { $0 = hash } }

    private static func write(_ text: String, to descriptor: Int32) {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            if count < 0, errno == EAGAIN {
                // Whoever reads the other end made it so for both, and is not done with what it has.
                var waiting = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                poll(&waiting, 1, -1)
                continue
            }
            guard count > 0 else { giveUp(descriptor, errno) }
            bytes = bytes.dropFirst(count)
        }
    }

    /// Ends the process: what it did is done, and cannot be told.
    private static func giveUp(_ descriptor: Int32, _ number: Int32) -> Never {
        guard descriptor == 1 else { exit(1) }
        // Nobody reads any more, and that is as it should be behind a pipe to 'head'.
        if number != EPIPE {
            let done = sent.withLock { $0 }.map {
                "; transaction \($0) was sent: do not send it again, ask 'dip receipt \($0)'"
            }
            note(
                "dip: cannot write the result to the standard output: \(systemMessage(number))\(done ?? "")"
            )
        }
        exit(74)
    }
}
