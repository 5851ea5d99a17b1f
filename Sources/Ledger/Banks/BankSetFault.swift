/// Why banks are no set that could run a ledger.
public enum BankSetFault: Error, Hashable, Sendable, CustomStringConvertible {
    /// Not 1 to 15 banks.
    case badCount(Int)
    /// Ids that do not ascend from 1, or reach the next one to be given.
    case badID(UInt64)
    /// A name that is empty, too long, or has control characters.
    case badName(bank: UInt64)
    /// An account for which nobody has a key.
    case badKey(bank: String, account: Address)
    /// Neither empty nor `host:port`.
    case badEndpoint(bank: String)
    /// Two banks of one name.
    case sameName(String)
    /// A key that two banks hold.
    case sameKey(Address)
    /// A quorum of not more than half of the banks, or of more than there are.
    case badQuorum(UInt16, banks: Int)
    /// No bank has this operator.
    case unknownBank(Address)
    /// All ids are given.
    case idsUsedUp

    /// What is wrong, for a person.
    public var description: String {
        switch self {
        case .badCount(let count): "a consortium has 1 to \(BankSet.banksMax) banks, not \(count)"
        case .badID(let id): "id \(id) is out of order"
        case .badName(let id):
            "the name of bank \(id) must have 1 to \(Bank.nameBytesMax) bytes, no control characters and none that nobody sees"
        case .badKey(let bank, let account):
            "nobody can have the key of \(account), named by \(bank)"
        case .badEndpoint(let bank): "the endpoint of \(bank) must be host:port, at most 255 bytes"
        case .sameName(let name): "two banks are called \(name)"
        case .sameKey(let account): "two banks name the key of \(account)"
        case .badQuorum(let quorum, let banks):
            "a quorum of \(quorum) among \(banks) banks: more than half are needed, at most all"
        case .unknownBank(let account): "no bank has the operator \(account)"
        case .idsUsedUp: "no id is left for another bank"
        }
    }
}
