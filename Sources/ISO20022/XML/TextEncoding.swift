/// A way in which banks turn characters into bytes.
enum TextEncoding: Hashable {
    case utf8
    case ascii
    case latin1
    case utf16(bigEndian: Bool)

    /// Finds out how a file is encoded, from its first bytes and from what it says of itself.
    ///
    /// - Parameter head: the first bytes, up to 512.
    /// - Returns: the encoding, and how many bytes of byte order mark to skip.
    /// - Throws: ``EncodingFault`` for an encoding that is not read, or other than declared.
    static func detect(_ head: [UInt8]) throws(EncodingFault) -> (TextEncoding, skip: Int) {
        let guess: (encoding: TextEncoding, skip: Int)? =
            switch (head.first, head.dropFirst().first, head.dropFirst(2).first) {
            case (0xef, 0xbb, 0xbf): (.utf8, 3)
            case (0xfe, 0xff, _): (.utf16(bigEndian: true), 2)
            // Four bytes a character begin with FF FE 00 00.
            case (0xff, 0xfe, let third) where third != 0: (.utf16(bigEndian: false), 2)
            case (0, 0x3c, _): (.utf16(bigEndian: true), 0)
            case (0x3c, 0, let third) where third != 0: (.utf16(bigEndian: false), 0)
            // Likewise 3C 00 00 00.
            case (0x3c, 0, _): throw .unknown
            case (0x3c, _, _), (0x20, _, _), (0x09, _, _), (0x0a, _, _), (0x0d, _, _): nil
            default: throw .unknown
            }
        let text =
            switch guess?.encoding {
            case .utf16(let bigEndian):
                head.dropFirst((guess?.skip ?? 0) + (bigEndian ? 1 : 0))
                    .enumerated().filter { $0.offset % 2 == 0 }.map(\.element)
            default: Array(head.dropFirst(guess?.skip ?? 0))
            }
        guard let name = declaredName(text) else {
            return (guess?.encoding ?? .utf8, guess?.skip ?? 0)
        }

        switch (name.uppercased(), guess?.encoding) {
        case ("UTF-8", nil), ("UTF-8", .utf8): return (.utf8, guess?.skip ?? 0)
        case ("US-ASCII", nil), ("ASCII", nil): return (.ascii, 0)
        case ("ISO-8859-1", nil), ("LATIN1", nil), ("ISO8859-1", nil): return (.latin1, 0)
        case ("UTF-16", .utf16(let bigEndian)):
            return (.utf16(bigEndian: bigEndian), guess?.skip ?? 0)
        case ("UTF-16LE", .utf16(bigEndian: false)), ("UTF-16BE", .utf16(bigEndian: true)):
            return (guess?.encoding ?? .utf8, guess?.skip ?? 0)
        case ("UTF-8", _), ("UTF-16", _), ("UTF-16LE", _), ("UTF-16BE", _): throw .notAsDeclared
        case (_, .some): throw .notAsDeclared
        default: throw .unknown
        }
    }

    /// The encoding that an XML declaration at the very beginning names, or nil without one.
    private static func declaredName(_ text: [UInt8]) -> String? {
        guard text.starts(with: Array("<?xml".utf8)) else { return nil }
        let head = String(decoding: text.prefix { $0 != UInt8(ascii: ">") }, as: UTF8.self)
        guard let said = head.firstRange(of: "encoding") else { return nil }
        let rest = head[said.upperBound...].drop { $0 != "\"" && $0 != "'" }
        guard let quote = rest.first else { return nil }
        return String(rest.dropFirst().prefix { $0 != quote })
    }
}

/// Why bytes cannot be turned into characters.
enum EncodingFault: Error {
    /// The encoding is none that banks use.
    case unknown
    /// The bytes are in another encoding than the file says.
    case notAsDeclared
}
