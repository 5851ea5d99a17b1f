/// Why a certificate does not make a block final.
public enum CertificateFault: Error, Hashable, Sendable, CustomStringConvertible {
    /// Fewer signatures than the quorum of the banks.
    case notEnough(height: UInt64, signatures: Int, needed: UInt16)
    /// More signatures than banks.
    case tooMany(height: UInt64, signatures: Int)
    /// No key can have made the signature.
    case badSignature(height: UInt64, index: Int)
    /// Somebody signed who is no bank of the set, or signed another header.
    case notABank(height: UInt64, account: Address)
    /// Signers that do not ascend, one who is counted twice among them.
    case outOfOrder(height: UInt64, index: Int)

    /// What is wrong, for a person.
    public var description: String {
        switch self {
        case .notEnough(let height, let count, let needed):
            "block \(height) has \(count) signatures, \(needed) are needed"
        case .tooMany(let height, let count):
            "block \(height) has \(count) signatures, more than there are banks"
        case .badSignature(let height, let index):
            "signature \(index) under block \(height) is none"
        case .notABank(let height, let account):
            "a signature under block \(height) is of \(account), which is no bank's node key then"
        case .outOfOrder(let height, let index):
            "signature \(index) under block \(height) is out of order or there twice"
        }
    }
}
