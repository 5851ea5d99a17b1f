import ISO20022
import Ledger

/// One round of settling between banks what each holds of the others' deposit tokens.
///
/// All banks name it alike and use the same times, by the ledger's clock.
public struct NettingCycle: Hashable, Sendable {
    /// What the banks call it, `2026-11-25` for instance.
    public let id: String
    /// The last second at which a redemption on the ledger still belongs to it.
    public let closesAt: UInt64
    /// The last second at which a debtor may take its payment in hand.
    public let deadline: UInt64

    /// Describes a cycle.
    ///
    /// - Throws: ``DeskFault/refused(_:)`` for a name that no message could carry, and a deadline before the end.
    public init(_ id: String, closesAt: UInt64, deadline: UInt64) throws(DeskFault) {
        let isPlain = id.utf8.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte)
                || (0x61...0x7a).contains(byte) || byte == UInt8(ascii: "-")
        }
        guard (1...35).contains(id.utf8.count), isPlain else {
            throw .refused("a cycle is named by 1 to 35 letters, digits and hyphens")
        }
        guard closesAt < deadline, deadline < 1 << 40 else {
            throw .refused("a cycle's deadline is later than its end")
        }
        self.id = id
        self.closesAt = closesAt
        self.deadline = deadline
    }

    /// By what the redemptions of a pair of banks are known on the ledger: their payout reference.
    ///
    /// Keccak-256 of `dipnet netting`, the cycle's name and the two tokens, the lower one first, each behind a
    /// zero byte.
    func reference(_ one: Address, _ other: Address) -> Hash32 {
        let (low, high) = one < other ? (one, other) : (other, one)
        return Keccak256.hash(
            Array("dipnet netting".utf8) + [0] + Array(id.utf8) + [0] + low.bytes + [0]
                + high.bytes)
    }
}

extension EntryDetails {
    /// What a payment between banks is called, where the movement is named like one.
    var pairName: String? { [endToEnd, batchMessage].first { $0.hasPrefix(PairName.prefix) } }
}

/// The names of a pair's payment, which follow from its reference.
enum PairName {
    /// The message's id, and the payment's name from end to end: 34 characters.
    static func message(_ reference: Hash32) -> String {
        prefix + Hex.encode(reference.bytes.prefix(15)).uppercased()
    }

    /// What all such names begin with.
    static let prefix = "NET-"

    /// The payment's unique name among banks.
    static func uetr(_ reference: Hash32) -> UETR? { UETR(bytes: reference.bytes.suffix(16)) }
}
