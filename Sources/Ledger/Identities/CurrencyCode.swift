/// A currency by ISO 4217: three capital letters, and how many decimals its amounts have.
///
/// Only codes of the active list can be made, so that who holds one need not ask whether it exists. The list is
/// part of the ledger's rules: taking a code out of it or changing its decimals is a new version of the protocol.
@frozen
public struct CurrencyCode: Hashable, Sendable, Comparable {
    /// The letters as three bytes of ASCII, then the decimals; one code never has two numbers of decimals.
    @usableFromInline let packed: UInt32

    /// Number of digits after the decimal point: 0 for JPY, 2 for CNY, 3 for KWD, 4 for CLF.
    @inlinable
    public var decimals: Int { Int(packed & 0xff) }

    /// The three letters as ASCII, as `bytes3` on the ledger.
    @inlinable
    public var bytes: [UInt8] {
        [24, 16, 8].map { UInt8(truncatingIfNeeded: packed >> $0) }
    }

    private init(packed: UInt32) { self.packed = packed }

    /// Reads three capital letters of ASCII.
    ///
    /// - Returns: nil unless it is the code of an active currency with decimals; XXX, XTS and metals have none.
    public init?(_ bytes: some Collection<UInt8>) {
        guard bytes.count == 3 else { return nil }
        let letters = bytes.reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        // The first entry that is not below the letters with any decimals.
        var low = 0
        var high = Self.all.count
        while low < high {
            let middle = (low + high) / 2
            if Self.all[middle].packed >> 8 < letters { low = middle + 1 } else { high = middle }
        }
        guard low < Self.all.count, Self.all[low].packed >> 8 == letters else { return nil }
        self = Self.all[low]
    }

    /// Reads three capital letters.
    ///
    /// - Returns: nil unless it is the code of an active currency with decimals.
    public init?(_ text: some StringProtocol) { self.init(text.utf8) }

    /// By letters.
    @inlinable
    public static func < (left: CurrencyCode, right: CurrencyCode) -> Bool {
        left.packed < right.packed
    }

    /// All active currencies that have decimals, by letters.
    ///
    /// - Source: ISO 4217, list one, as of 2026: without BGN, with XCG and ZWG.
    public static let all: [CurrencyCode] = {
        let lists: [(UInt32, String)] = [
            (0, "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"),
            (
                2,
                """
                AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF \
                CHE CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD \
                GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL \
                MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR \
                PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP \
                TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XAD XCD XCG YER ZAR ZMW ZWG
                """
            ),
            (3, "BHD IQD JOD KWD LYD OMR TND"),
            (4, "CLF UYW"),
        ]
        return lists.flatMap { decimals, codes in
            codes.split(separator: " ").map { code in
                CurrencyCode(packed: code.utf8.reduce(0) { ($0 | UInt32($1)) << 8 } | decimals)
            }
        }.sorted()
    }()
}

extension CurrencyCode: CustomStringConvertible {
    /// The three letters.
    public var description: String { String(decoding: bytes, as: UTF8.self) }
}
