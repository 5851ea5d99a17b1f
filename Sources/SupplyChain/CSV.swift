/// A row of a file of comma-separated values.
public struct CSVRow: Equatable, Sendable {
    /// The line on which it starts, from 1.
    public let line: Int
    /// Its fields; rows may differ in their number.
    public let fields: [String]
}

/// Reads comma-separated values as RFC 4180 writes them.
///
/// Fields in quotes may hold commas, line ends and doubled quotes. Lines end with LF or CRLF, rows
/// without a character are passed over, and a byte order mark at the start is too.
public struct CSVReader: Sendable {
    private let bytes: [UInt8]
    private let file: String
    private var position = 0
    private var line = 1

    /// Starts at the first byte of a text in UTF-8.
    ///
    /// - Parameters:
    ///   - bytes: the whole text.
    ///   - file: its name, for faults.
    public init(_ bytes: [UInt8], file: String) {
        self.bytes = bytes
        self.file = file
        if bytes.starts(with: [0xef, 0xbb, 0xbf]) { position = 3 }
    }

    /// The next row.
    ///
    /// - Returns: nil at the end.
    /// - Throws: ``ChainFault`` for a quote that is not closed, for something behind a closing quote and
    ///   for bytes that are not UTF-8.
    public mutating func next() throws(ChainFault) -> CSVRow? {
        while position < bytes.count {
            let start = line
            var fields: [String] = []
            repeat { fields.append(try field(row: start)) } while passComma()
            passLineEnd()
            if fields != [""] { return CSVRow(line: start, fields: fields) }
        }
        return nil
    }

    private mutating func passComma() -> Bool {
        guard position < bytes.count, bytes[position] == UInt8(ascii: ",") else { return false }
        position += 1
        return true
    }

    private mutating func passLineEnd() {
        if position < bytes.count, bytes[position] == 0x0d { position += 1 }
        if position < bytes.count, bytes[position] == 0x0a {
            position += 1
            line += 1
        }
    }

    private mutating func field(row: Int) throws(ChainFault) -> String {
        guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") else {
            let start = position
            while position < bytes.count, !isEnd(position) { position += 1 }
            return try text(bytes[start..<position], row)
        }
        position += 1
        var content: [UInt8] = []
        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            if byte == 0x0a { line += 1 }
            guard byte == UInt8(ascii: "\"") else {
                content.append(byte)
                continue
            }
            if position < bytes.count, bytes[position] == UInt8(ascii: "\"") {
                content.append(byte)
                position += 1
                continue
            }
            guard position == bytes.count || isEnd(position) else {
                throw ChainFault(file: file, line: line, "a closing quote must end its field")
            }
            return try text(content[...], row)
        }
        throw ChainFault(file: file, line: row, "a quoted field is not closed")
    }

    /// Whether a field that is not quoted ends before this byte.
    private func isEnd(_ index: Int) -> Bool {
        switch bytes[index] {
        case UInt8(ascii: ","), 0x0a: true
        case 0x0d: index + 1 == bytes.count || bytes[index + 1] == 0x0a
        default: false
        }
    }

    private func text(_ bytes: ArraySlice<UInt8>, _ row: Int) throws(ChainFault) -> String {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw ChainFault(file: file, line: row, "the text is not UTF-8")
        }
        return text
    }
}
