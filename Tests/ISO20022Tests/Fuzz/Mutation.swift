import ISO20022

/// Numbers that look like chance and are the same for the same seed (splitmix64).
struct Chance {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }

    /// From 0 to `end` − 1.
    mutating func below(_ end: Int) -> Int { end > 0 ? Int(next() % UInt64(end)) : 0 }

    mutating func of<Element>(_ elements: [Element]) -> Element { elements[below(elements.count)] }
}

/// Makes of a message one that a broken or hostile program could have sent.
struct Mutation {
    var chance: Chance

    init(seed: UInt64) { chance = Chance(seed: seed) }

    /// One to four changes, one after another.
    mutating func applied(to file: [UInt8], with others: [[UInt8]]) -> [UInt8] {
        var bytes = file
        for _ in 0...chance.below(4) {
            bytes = change(bytes, with: others)
            if bytes.count > 1 << 20 { bytes.removeLast(bytes.count - 1 << 20) }
        }
        return bytes
    }

    private mutating func change(_ bytes: [UInt8], with others: [[UInt8]]) -> [UInt8] {
        var result = bytes
        let place = chance.below(bytes.count)
        // Half of all changes leave well-formed XML, so that structure and values are tried as well.
        let kind = chance.below(2) == 0 ? 7 + chance.below(4) : chance.below(16)
        switch kind {
        case 0:
            if !result.isEmpty { result[place] ^= 1 << UInt8(chance.below(8)) }
        case 1: result.insert(UInt8(truncatingIfNeeded: chance.next()), at: place)
        case 2: result.removeSubrange(place..<min(place + 1 + chance.below(64), bytes.count))
        case 3: result.removeLast(bytes.count - place)
        case 4:
            let end = min(place + chance.below(512), bytes.count)
            for _ in 0...chance.below(20) {
                result.insert(contentsOf: bytes[place..<end], at: place)
            }
        case 5:
            let other = chance.of(others)
            result = Array(bytes[..<place] + other[chance.below(other.count)...])
        case 6: result.insert(contentsOf: Array(chance.of(Self.hostile).utf8), at: place)
        case 7: return removeElement(from: bytes)
        case 8: return repeatedElement(in: bytes)
        case 9: return renameElement(in: bytes)
        case 10: return changeText(in: bytes)
        case 11:
            result = replace(
                Array("encoding=\"UTF-8\"".utf8),
                with: Array("encoding=\"\(chance.of(Self.encodings))\"".utf8), in: bytes)
        case 12:
            let bigEndian = chance.below(2) == 0
            result = String(decoding: bytes, as: UTF8.self).utf16.flatMap { unit in
                let pair = [UInt8(unit >> 8), UInt8(unit & 0xff)]
                return bigEndian ? pair : pair.reversed()
            }
            result.insert(contentsOf: bigEndian ? [0xfe, 0xff] : [0xff, 0xfe], at: 0)
        case 13:
            result.insert(
                contentsOf: chance.of([[0xef, 0xbb, 0xbf], [0xff, 0xfe], [0], [0xc3]]), at: 0)
        case 14:
            let byte = chance.of(Array("<>a&\" ".utf8))
            result.insert(
                contentsOf: [UInt8](repeating: byte, count: 1 << chance.below(18)), at: place)
        default:
            let version = chance.of(["02", "03", "04", "08", "09", "10", "99"])
            if let dot = (bytes.count > 2 ? bytes.indices.dropLast(2) : 0..<0).first(where: {
                bytes[$0] == 0x2e && bytes[$0 + 1] == 0x30
            }) {
                result.replaceSubrange(dot + 1..<dot + 3, with: Array(version.utf8))
            }
        }
        return result
    }

    /// Start tags that have an end tag on the same level are not looked for: any pair will do.
    private func tags(_ bytes: [UInt8]) -> [(start: Int, end: Int)] {
        var tags: [(Int, Int)] = []
        var start: Int?
        for (index, byte) in bytes.enumerated() {
            if byte == 0x3c { start = index }
            if byte == 0x3e, let begun = start {
                tags.append((begun, index + 1))
                start = nil
            }
        }
        return tags
    }

    /// From a start tag to the end tag of the same name.
    private mutating func element(in bytes: [UInt8]) -> Range<Int>? {
        let tags = tags(bytes)
        guard !tags.isEmpty else { return nil }
        let first = chance.below(tags.count)
        let name = bytes[tags[first].start + 1..<tags[first].end].prefix {
            $0 != 0x20 && $0 != 0x3e
        }
        let closing = [0x3c, 0x2f] + Array(name)
        guard let last = tags[first...].first(where: { bytes[$0.start...].starts(with: closing) })
        else { return nil }
        return tags[first].start..<last.end
    }

    private mutating func removeElement(from bytes: [UInt8]) -> [UInt8] {
        guard let range = element(in: bytes) else { return bytes }
        return Array(bytes[..<range.lowerBound] + bytes[range.upperBound...])
    }

    private mutating func repeatedElement(in bytes: [UInt8]) -> [UInt8] {
        guard let range = element(in: bytes) else { return bytes }
        var result = Array(bytes[..<range.lowerBound])
        for _ in 0...(1 + chance.below(8)) { result += bytes[range] }
        return result + bytes[range.upperBound...]
    }

    private mutating func renameElement(in bytes: [UInt8]) -> [UInt8] {
        let tags = tags(bytes)
        guard !tags.isEmpty else { return bytes }
        let tag = tags[chance.below(tags.count)]
        let other = tags[chance.below(tags.count)]
        return Array(bytes[..<tag.start] + bytes[other.start..<other.end] + bytes[tag.end...])
    }

    private mutating func changeText(in bytes: [UInt8]) -> [UInt8] {
        let tags = tags(bytes)
        guard tags.count > 1 else { return bytes }
        let index = chance.below(tags.count - 1)
        let text = Array(chance.of(Self.texts).utf8)
        return Array(
            bytes[..<tags[index].end] + text + bytes[max(tags[index + 1].start, tags[index].end)...]
        )
    }

    private func replace(_ old: [UInt8], with new: [UInt8], in bytes: [UInt8]) -> [UInt8] {
        guard bytes.count >= old.count,
            let place = (0...(bytes.count - old.count)).first(where: {
                bytes[$0..<$0 + old.count].elementsEqual(old)
            })
        else { return bytes }
        return Array(bytes[..<place] + new + bytes[(place + old.count)...])
    }

    static let hostile = [
        "<!DOCTYPE x SYSTEM \"file:///etc/passwd\">", "<!DOCTYPE x [<!ENTITY a \"b\">]>",
        "<!ENTITY x SYSTEM \"http://127.0.0.1/\">", "&xxe;", "&#0;", "&#x110000;", "&amp;", "]]>",
        "<![CDATA[", "<!--", "-->", "<?xml version=\"1.0\"?>", "<?x ?>", "</Document>",
        "<Document>",
        " xmlns=\"\"", " xmlns:a=\"urn:a\"", "<a:b>", "\u{0}", "\u{fffe}", "😀", "\r\n", "\t",
        "<xi:include href=\"/etc/passwd\" xmlns:xi=\"http://www.w3.org/2001/XInclude\"/>",
    ]

    static let encodings = [
        "UTF-16", "ISO-8859-1", "US-ASCII", "UTF-7", "windows-1252", "UTF-32", "",
    ]

    static let texts = [
        "", " ", "-1", "0", "1e9", "99999999999999999999999999999", "0.000000001", "NaN",
        "2026-02-30",
        "0000-00-00T00:00:00", "9999-12-31T24:00:00", "true", "XXX", "EUR", "JPY", "BOOK",
        "DE89370400440532013000", "DE00370400440532013000", String(repeating: "9", count: 5000),
        "北京",
        "a<b", "&lt;",
    ]
}
