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
        let isMasked = told.contains("*") || one.contains("XXX")
        if isMasked || BankEntry.isPlaceholder(told) || one == other { return true }
        let (first, second) = ((try? IBAN(one)) != nil, (try? IBAN(other)) != nil)
        guard first != second else { return false }
        let (iban, national) = first ? (one, other) : (other, one)
        let digits = national.drop { $0 == "0" }
        return digits.count >= 4 && iban.dropFirst(4).contains(digits)
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
