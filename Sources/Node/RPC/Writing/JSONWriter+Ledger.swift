import JSON
import Ledger

/// The ledger's types as Ethereum tools read them.
extension JSONWriter {
    /// Writes 20 bytes in hexadecimal digits.
    mutating func address(_ value: Address) {
        openData()
        hexDigits(of: value.high, bytes: 8)
        hexDigits(of: value.middle, bytes: 8)
        hexDigits(of: UInt64(value.low), bytes: 4)
        closeData()
    }

    /// Writes 32 bytes in hexadecimal digits.
    mutating func hash(_ value: Hash32) {
        openData()
        hexDigits(of: value.parts.0, bytes: 8)
        hexDigits(of: value.parts.1, bytes: 8)
        hexDigits(of: value.parts.2, bytes: 8)
        hexDigits(of: value.parts.3, bytes: 8)
        closeData()
    }

    /// Writes bytes in hexadecimal digits.
    mutating func data(_ value: ArraySlice<UInt8>) { value.withUnsafeBytes { data($0) } }

    /// Writes 256 bits as a quantity.
    mutating func quantity(_ word: Hash32) {
        if let number = word.number { return quantity(number) }
        let digits = word.hex.dropFirst(2).drop { $0 == "0" }
        string("0x" + digits)
    }

    /// Writes an amount as a decimal string.
    mutating func amount(_ value: UInt128) { string(String(value)) }

    // MARK: Members

    mutating func member(_ name: String, quantity value: UInt64) {
        key(name)
        quantity(value)
    }

    mutating func member(_ name: String, quantity value: UInt128) {
        key(name)
        quantity(value)
    }

    mutating func member(_ name: String, number value: some BinaryInteger) {
        key(name)
        number(value)
    }

    mutating func member(_ name: String, amount value: UInt128) {
        key(name)
        amount(value)
    }

    mutating func member(_ name: String, string value: String) {
        key(name)
        string(value)
    }

    mutating func member(_ name: String, bool value: Bool) {
        key(name)
        bool(value)
    }

    mutating func member(_ name: String, hash value: Hash32?) {
        key(name)
        if let value { hash(value) } else { null() }
    }

    mutating func member(_ name: String, address value: Address?) {
        key(name)
        if let value { address(value) } else { null() }
    }

    mutating func member(_ name: String, data value: ArraySlice<UInt8>) {
        key(name)
        data(value)
    }

    mutating func member(_ name: String, data value: [UInt8]) {
        key(name)
        data(value)
    }

    mutating func member(_ name: String, value: JSON) {
        key(name)
        self.value(value)
    }
}
