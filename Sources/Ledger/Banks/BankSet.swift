/// The banks of a consortium at one height, and how many of them certify a block.
///
/// Always valid: 1 to 15 banks with ascending ids, unique names, keys that no two banks share, a quorum
/// of more than half of them.
public struct BankSet: Hashable, Sendable {
    /// The most banks that a consortium has.
    public static let banksMax = 15

    /// The ledger that the banks run, by its genesis hash.
    ///
    /// A header names its signers by the hash of their set, so with this it names its ledger too: of two
    /// ledgers with the same banks and chain id none can pass for the other.
    public let ledger: Hash32
    /// How many header signatures make a certificate.
    public let quorum: UInt16
    /// The id that the next admitted bank gets; higher than any that was ever given.
    public let nextID: UInt64
    /// The banks, ascending by id.
    public let banks: [Bank]

    /// Makes a set if it is one.
    ///
    /// - Parameters:
    ///   - ledger: the ledger's genesis hash.
    ///   - banks: 1 to 15, ascending by id.
    ///   - quorum: ``defaultQuorum(of:)`` where nil.
    ///   - nextID: one more than the last bank's where nil.
    /// - Throws: ``BankSetFault``, the first thing that is wrong.
    public init(
        ledger: Hash32, banks: [Bank], quorum: UInt16? = nil, nextID: UInt64? = nil
    ) throws(BankSetFault) {
        guard (1...Self.banksMax).contains(banks.count) else { throw .badCount(banks.count) }
        var last: UInt64 = 0
        for bank in banks {
            guard bank.id > last else { throw .badID(bank.id) }
            last = bank.id
        }
        guard last < .max, last < nextID ?? .max else { throw .badID(last) }
        for (index, bank) in banks.enumerated() {
            try bank.check()
            for other in banks[..<index] {
                // By bytes: which texts Swift takes for equal hangs on the version of Unicode it was built with.
                guard !other.name.utf8.elementsEqual(bank.name.utf8) else {
                    throw .sameName(bank.name)
                }
                guard !other.holds(bank.nodeKey) else { throw .sameKey(bank.nodeKey) }
                guard !other.holds(bank.operator) else { throw .sameKey(bank.operator) }
            }
        }
        let quorum = quorum ?? Self.defaultQuorum(of: banks.count)
        guard (Self.leastQuorum(of: banks.count)...banks.count).contains(Int(quorum)) else {
            throw .badQuorum(quorum, banks: banks.count)
        }
        self.ledger = ledger
        self.banks = banks
        self.quorum = quorum
        self.nextID = nextID ?? last + 1
    }

    // MARK: Quorums

    /// The quorum of so many banks unless they choose another: a majority below four banks, from four
    /// on two thirds and one, so that a third of them cannot certify two histories.
    public static func defaultQuorum(of count: Int) -> UInt16 {
        UInt16(clamping: count < 4 ? leastQuorum(of: count) : 2 * count / 3 + 1)
    }

    /// More than half, or two disjoint sets of banks could certify different blocks.
    public static func leastQuorum(of count: Int) -> Int { count / 2 + 1 }

    // MARK: Looking up

    /// The bank whose node key is that account's.
    public func bank(signing account: Address) -> Bank? { banks.first { $0.nodeKey == account } }

    /// The bank whose operator is that account.
    public func bank(operatedBy account: Address) -> Bank? {
        banks.first { $0.operator == account }
    }

    /// Whether a bank with that id was in the set once and is no more.
    public func hasRemoved(_ id: UInt64) -> Bool { id < nextID && self[id: id] == nil }

    /// The bank with an id.
    public subscript(id id: UInt64) -> Bank? { banks.first { $0.id == id } }
}
