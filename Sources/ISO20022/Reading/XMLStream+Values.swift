import Ledger

/// Reading the value of the element that was just opened, up to its end.
extension XMLStream {
    /// A text of 1 to `max` characters.
    mutating func text(_ max: Int) throws(MessageFault) -> String {
        try readText()
        guard !scratch.isEmpty else { throw faultInClosed(.text, "the element is empty") }
        if scratch.count > max {
            // What continues a character begins with the bits 10.
            let characters = scratch.reduce(0) { $0 + ($1 & 0xc0 == 0x80 ? 0 : 1) }
            guard characters <= max else {
                throw faultInText(.text, "the text is longer than \(max) characters")
            }
        }
        return String(decoding: scratch, as: UTF8.self)
    }

    /// One of the codes of `type`.
    mutating func code<Code: RawRepresentable<String>>(
        _ type: Code.Type
    ) throws(MessageFault) -> Code {
        try readText()
        guard let code = Code(rawValue: String(decoding: scratch, as: UTF8.self)) else {
            throw faultInText(.code, "the code is none that may stand here")
        }
        return code
    }

    /// `true` or `false`, or the numbers for them.
    mutating func flag() throws(MessageFault) -> Bool {
        try readText()
        switch String(decoding: scratch, as: UTF8.self) {
        case "true", "1": return true
        case "false", "0": return false
        default: throw faultInText(.code, "only true or false may stand here")
        }
    }

    /// A count of up to `digits` digits.
    mutating func count(digits: Int = 15) throws(MessageFault) -> Int {
        try readText()
        guard scratch.count <= digits, let number = Digits.number(scratch) else {
            throw faultInText(.number, "only a number of at most \(digits) digits may stand here")
        }
        return number
    }

    /// An amount with its currency.
    mutating func money() throws(MessageFault) -> Money {
        guard let letters = attribute("Ccy") else {
            throw fault(.missing, "the amount has no currency: the attribute Ccy is missing")
        }
        guard let currency = CurrencyCode(letters) else {
            throw fault(
                .currency, "the currency is none of ISO 4217",
                found: String(decoding: letters, as: UTF8.self))
        }
        try readText()
        do throws(Money.Fault) {
            return try Money(decimal: scratch[...], currency)
        } catch .decimals {
            throw faultInText(.decimals, "\(Money.Fault.decimals(right: currency.decimals))")
        } catch {
            throw faultInText(.amount, "\(error)")
        }
    }

    /// A currency's code.
    mutating func currency() throws(MessageFault) -> CurrencyCode {
        try readText()
        guard let currency = CurrencyCode(scratch) else {
            throw faultInText(.currency, "the currency is none of ISO 4217")
        }
        return currency
    }

    /// A decimal number over several currencies, as control sums are.
    mutating func decimalSum() throws(MessageFault) -> DecimalSum {
        try readText()
        guard let sum = DecimalSum(scratch[...]) else {
            throw faultInText(.amount, "only a decimal number of at most 18 digits may stand here")
        }
        return sum
    }

    /// A day; a zone after it, which the schemas allow, says nothing about a day of booking and is refused.
    mutating func day() throws(MessageFault) -> CivilDate {
        try readText()
        guard let date = CivilDate(scratch[...]) else {
            throw faultInText(.date, "only a date, as 2026-01-31, may stand here")
        }
        return date
    }

    /// A date and time.
    mutating func time() throws(MessageFault) -> MessageTime {
        try readText()
        guard let time = MessageTime(scratch[...]) else {
            throw faultInText(
                .date, "only a date and time, as 2026-01-31T10:15:00+01:00, may stand here")
        }
        return time
    }

    /// A day, or a date and time, in elements of their own.
    mutating func dayOrTime() throws(MessageFault) -> MessageDate {
        var children = Children(Grammar.dayOrTime, of: self)
        var date: MessageDate?
        while let tag = try children.next(&self) {
            date = tag == .dt ? .day(try day()) : .time(try time())
        }
        return try found(date, "Dt")
    }

    /// A BIC.
    mutating func bic() throws(MessageFault) -> BIC {
        try readText()
        guard let bic = BIC(scratch[...]) else {
            throw faultInText(
                .bic,
                "a BIC has 8 or 11 capital letters and digits, the country's letters fifth and sixth"
            )
        }
        return bic
    }

    /// An LEI.
    mutating func lei() throws(MessageFault) -> LEI {
        try readText()
        guard let lei = LEI(scratch[...]) else {
            throw faultInText(.lei, "the LEI has not 20 characters, or its check digits are wrong")
        }
        return lei
    }

    /// A UETR.
    mutating func uetr() throws(MessageFault) -> UETR {
        try readText()
        guard let uetr = UETR(scratch[...]) else {
            throw faultInText(.uetr, "a UETR is a UUID of version 4 in lower case")
        }
        return uetr
    }

    /// An IBAN.
    mutating func iban() throws(MessageFault) -> IBAN {
        try readText()
        do throws(IBAN.Fault) {
            return try IBAN(scratch[...])
        } catch {
            throw faultInText(.iban, "\(error)")
        }
    }

    /// A country's code.
    mutating func country() throws(MessageFault) -> String {
        try readText()
        guard scratch.count == 2, scratch.allSatisfy({ (0x41...0x5a).contains($0) }) else {
            throw faultInText(.code, "a country is two capital letters")
        }
        return String(decoding: scratch, as: UTF8.self)
    }

    /// A code, or a word of the sender's own.
    mutating func codeOrProprietary(
        code: Int = 4, proprietary: Int = 35
    ) throws(MessageFault) -> (code: String?, proprietary: String?) {
        var children = Children(Grammar.codeOrProprietary, of: self)
        var result: (code: String?, proprietary: String?) = (nil, nil)
        while let tag = try children.next(&self) {
            if tag == .cd {
                result.code = try text(code)
            } else {
                result.proprietary = try text(proprietary)
            }
        }
        return result
    }

    /// A value that the content model has promised; it is not there only if the model and the code differ.
    func found<Value>(_ value: Value?, _ name: String) throws(MessageFault) -> Value {
        guard let value else { throw faultInClosed(.missing, "<\(name)> is missing") }
        return value
    }
}
