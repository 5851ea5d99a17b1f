import ISO20022
import Ledger

/// Account numbers as text.
public enum AccountNumber {
    /// Without spaces and in capital letters, as numbers are compared and hashed.
    public static func plain(_ text: String) -> String {
        text.filter { !$0.isWhitespace }.uppercased()
    }

    /// Enough of it for a person to know it by: the last four characters.
    public static func hint(_ text: String) -> String { "…" + text.suffix(4) }

    /// What is wrong with a number; nil where nothing is known to be.
    ///
    /// One of the form of an IBAN with wrong check digits is mistyped, not of another form.
    public static func fault(_ text: String) -> String? {
        guard (1...34).contains(text.utf8.count) else {
            return "an account number has 1 to 34 characters"
        }
        guard looksLikeIBAN(text) else { return nil }
        do throws(IBAN.Fault) {
            _ = try IBAN(text)
            return nil
        } catch {
            return error.description
        }
    }

    /// Whether a number that a message names can be a known one, which it may write in another way: in groups, with a
    /// part made unreadable, or as the IBAN that is made of it.
    ///
    /// - Parameters:
    ///   - told: by a message; empty where it tells none.
    ///   - known: the other one.
    /// - Returns: whether nothing in the two says that they are two accounts.
    static func canBe(_ told: String, _ known: String) -> Bool {
        func core(_ text: String) -> String {
            plain(text).filter { $0.isLetter || $0.isNumber }
        }
        let (one, other) = (core(told), core(known))
        if BankEntry.isPlaceholder(told) || one == other { return true }
        if let (start, end) = legible(told) {
            // The end tells accounts apart, the beginning only banks.
            if !end.isEmpty { return other.hasSuffix(end) || end.hasSuffix(other) }
            return start.isEmpty || other.contains(start)
        }
        let (first, second) = ((try? IBAN(one)) != nil, (try? IBAN(other)) != nil)
        if first && second { return false }
        guard first || second else {
            // One may be filled up with zeros, or have the branch before it.
            let (a, b) = (one.drop { $0 == "0" }, other.drop { $0 == "0" })
            let (short, long) = a.count < b.count ? (a, b) : (b, a)
            return short == long || short.count >= 4 && long.hasSuffix(short)
        }
        let (iban, national) = first ? (one, other) : (other, one)
        let digits = national.drop { $0 == "0" }
        return digits.count >= 4 && isWithin(Array(iban.dropFirst(4)), Array(digits))
    }

    /// What can be read of a number before and after what was made unreadable; nil where all of it can.
    private static func legible(_ told: String) -> (start: String, end: String)? {
        let signs = Array(plain(told).filter { $0.isLetter || $0.isNumber || $0 == "*" })
        func isHidden(_ index: Int) -> Bool {
            if signs[index] == "*" { return true }
            let around = signs[max(0, index - 2)...min(signs.count - 1, index + 2)]
            return signs[index] == "X"
                && around.split(whereSeparator: { $0 != "X" })
                    .contains { $0.count >= 3 && $0.indices.contains(index) }
        }
        guard let first = signs.indices.first(where: isHidden),
            let last = signs.indices.last(where: isHidden)
        else { return nil }
        return (String(signs[..<first]), String(signs[(last + 1)...]))
    }

    /// Whether an IBAN has a number in it, in one piece or filled up with zeros at one place within, as Finland's.
    private static func isWithin(_ iban: [Character], _ number: [Character]) -> Bool {
        iban.indices.contains { start in
            let rest = iban[start...]
            if rest.starts(with: number) { return true }
            return number.indices.dropFirst().contains { split in
                guard number[split] != "0", rest.starts(with: number[..<split]) else {
                    return false
                }
                return rest.dropFirst(split).drop { $0 == "0" }.starts(with: number[split...])
            }
        }
    }

    /// Whether it begins as IBANs do: two letters, two digits, and more.
    static func looksLikeIBAN(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        return bytes.count >= 15 && bytes[..<2].allSatisfy { (0x41...0x5a).contains($0) }
            && bytes[2..<4].allSatisfy { (0x30...0x39).contains($0) }
    }
}

/// Check digits modulo 97, as ISO 7064 has them in IBANs and in references of ISO 11649.
enum CheckDigits {
    /// The remainder of the number that digits, and letters from A as 10, make; nil for other characters.
    static func remainder(_ characters: some Collection<UInt8>) -> Int? {
        var remainder = 0
        for character in characters {
            switch character {
            case 0x30...0x39: remainder = (remainder * 10 + Int(character - 0x30)) % 97
            case 0x41...0x5a: remainder = (remainder * 100 + Int(character - 0x41) + 10) % 97
            default: return nil
            }
        }
        return remainder
    }
}
