/// An IP address, or all that begin with the same bits: `192.0.2.1`, `10.0.0.0/8`, `2001:db8::/32`.
public struct AddressNetwork: Sendable, Equatable, CustomStringConvertible {
    /// How a network is written, for messages.
    public static let form =
        "a network such as 10.0.0.0/8 or 2001:db8::/32, without bits behind those that count"

    private let first: HostAddress
    private let bits: Int
    /// As it was written.
    public let description: String

    /// Reads an address, or the first address of a network and after a `/` how many bits all of its
    /// addresses share.
    ///
    /// - Returns: nil for anything else, among it bits that stand behind those that are shared, which would
    ///   be a slip, a network of all addresses, and one of IPv4 addresses written as IPv6
    ///   (`::ffff:10.0.0.0/104`), as it is unclear which of the bits are counted.
    public init?(_ text: String) {
        let parts = text.utf8.split(
            separator: UInt8(ascii: "/"), maxSplits: 1, omittingEmptySubsequences: false)
        guard let address = parts.first, let first = HostAddress(address) else { return nil }
        var bits = first.width
        if parts.count == 2 {
            let isMapped = first.width == 32 && address.contains(UInt8(ascii: ":"))
            guard !isMapped, let number = Int(digits: parts[1]),
                (1...first.width).contains(number)
            else { return nil }
            bits = number
        }
        guard first.prefix(bits) == first else { return nil }
        self.first = first
        self.bits = bits
        description = text
    }

    /// Whether an address is one of them.
    func contains(_ host: HostAddress) -> Bool {
        host.width == first.width && host.prefix(bits) == first
    }
}

extension Int {
    /// A number of one to three decimal digits.
    fileprivate init?(digits: Substring.UTF8View) {
        guard (1...3).contains(digits.count), digits.first != UInt8(ascii: "+") else { return nil }
        self.init(Substring(digits))
    }
}

extension HostAddress {
    /// How many bits an address of its kind has.
    fileprivate var width: Int {
        switch self {
        case .v4: 32
        case .v6: 128
        }
    }

    /// The first bits of the address, and 0 for the others.
    fileprivate func prefix(_ bits: Int) -> HostAddress {
        switch self {
        case .v4(let address): .v4(address & ~(UInt32.max >> bits))
        case .v6(let high, let low):
            .v6(
                high: high & ~(UInt64.max >> bits), low: low & ~(UInt64.max >> max(0, bits - 64)))
        }
    }
}
