import Ledger
import Testing

struct BankSetTests {
    static func bank(
        _ id: UInt64, name: String? = nil, node: UInt16? = nil, operator account: UInt16? = nil,
        endpoint: String = "host:1"
    ) -> Bank {
        let number = UInt16(id)
        return Bank(
            id: id, name: name ?? "Bank \(id)", nodeKey: .contract(node ?? number),
            operator: .contract(account ?? 100 + number), endpoint: endpoint)
    }

    static func set(_ count: Int, quorum: UInt16? = nil) -> BankSet {
        try! BankSet(ledger: .zero, banks: (1...UInt64(count)).map { bank($0) }, quorum: quorum)
    }

    @Test(arguments: [
        (1, 1), (2, 2), (3, 2), (4, 3), (5, 4), (6, 5), (7, 5), (8, 6), (10, 7), (15, 11),
    ])
    func `below four banks a majority certifies, from four on two thirds and one`(
        count: Int, quorum: Int
    ) {
        #expect(BankSet.defaultQuorum(of: count) == UInt16(quorum))
        #expect(Self.set(count).quorum == UInt16(quorum))
        #expect(quorum >= BankSet.leastQuorum(of: count))
        // Two certificates have a signer in common, and from four banks on more than a third of them.
        #expect(2 * quorum > count)
        if count >= 4 { #expect(3 * (2 * quorum - count) > count) }
    }

    @Test(arguments: [
        ([], BankSetFault.badCount(0)),
        ((1...16).map { bank($0) }, .badCount(16)),
        ([bank(0)], .badID(0)),
        ([bank(2), bank(1)], .badID(1)),
        ([bank(1), bank(1, name: "x", node: 7, operator: 8)], .badID(1)),
        ([bank(1, name: "")], .badName(bank: 1)),
        ([bank(1, name: String(repeating: "é", count: 33))], .badName(bank: 1)),
        ([bank(1, name: "A\u{1b}[2J")], .badName(bank: 1)),
        ([bank(1, name: "Ba\u{200b}nk")], .badName(bank: 1)),
        ([bank(1, node: 0)], .badKey(bank: "Bank 1", account: .zero)),
        ([bank(1, operator: 0xd107)], .badKey(bank: "Bank 1", account: .treasury)),
        ([bank(1, endpoint: "host")], .badEndpoint(bank: "Bank 1")),
        ([bank(1), bank(2, name: "Bank 1")], .sameName("Bank 1")),
        ([bank(1), bank(2, node: 1)], .sameKey(.contract(1))),
        ([bank(1), bank(2, operator: 101)], .sameKey(.contract(101))),
        ([bank(1), bank(2, node: 101)], .sameKey(.contract(101))),
        ([bank(1), bank(2, operator: 1)], .sameKey(.contract(1))),
    ])
    func `banks that are no set are refused by what is wrong`(banks: [Bank], fault: BankSetFault) {
        #expect(throws: fault) { try BankSet(ledger: .zero, banks: banks) }
    }

    @Test func `names are compared by their bytes, as on every node`() throws {
        // The same to Swift, whose Unicode may differ from another node's.
        let names = ["Caf\u{e9}", "Cafe\u{301}"]
        #expect(names[0] == names[1])
        let set = try BankSet(
            ledger: .zero,
            banks: [Self.bank(1, name: names[0]), Self.bank(2, name: names[1])])
        #expect(set.banks.count == 2)
    }

    @Test func `a bank may use one key for both`() throws {
        let bank = Self.bank(1, node: 5, operator: 5)
        #expect(try BankSet(ledger: .zero, banks: [bank]).banks == [bank])
    }

    @Test(arguments: [
        ("", true), ("bank.example:4000", true), ("[2001:db8::1]:65535", true), ("h:1", true),
        ("bank.example", false), (":4000", false), ("h:", false), ("h:0", false), ("h:04", false),
        ("h:65536", false), ("h:99999999999999999999", false), ("a b:1", false), ("é:1", false),
        (String(repeating: "h", count: 253) + ":1", true),
        (String(repeating: "h", count: 254) + ":1", false),
    ])
    func `endpoints are a host and a port`(text: String, isOne: Bool) {
        #expect(Bank.isEndpoint(text) == isOne)
    }

    @Test func `a quorum that was the default stays the default`() throws {
        var set = Self.set(3)
        set = try set.admitting(
            name: "D", nodeKey: .contract(50), operator: .contract(51), endpoint: "")
        #expect(set.quorum == 3)
        #expect(set.banks.last?.id == 4)
        set = try set.removing(operator: .contract(51))
        #expect(set.quorum == 2)
    }

    @Test func `a chosen quorum stays as far as the size allows`() throws {
        var set = Self.set(5, quorum: 5)
        set = try set.removing(operator: .contract(101))
        #expect(set.quorum == 4)
        set = Self.set(5, quorum: 3)
        set = try set.admitting(
            name: "F", nodeKey: .contract(50), operator: .contract(51), endpoint: "")
        #expect(set.quorum == 4)
        #expect(throws: BankSetFault.badQuorum(3, banks: 6)) { try set.requiring(quorum: 3) }
        #expect(throws: BankSetFault.badQuorum(7, banks: 6)) { try set.requiring(quorum: 7) }
        #expect(try set.requiring(quorum: 6).quorum == 6)
    }

    @Test func `an id is never given twice`() throws {
        var set = Self.set(2)
        set = try set.removing(operator: .contract(102))
        #expect(set.nextID == 3)
        set = try set.admitting(
            name: "C", nodeKey: .contract(50), operator: .contract(51), endpoint: "")
        #expect(set.banks.map(\.id) == [1, 3])
        #expect(try BankSet(decoding: set.bytes) == set)
        #expect(throws: BankSetFault.unknownBank(.contract(102))) {
            try set.removing(operator: .contract(102))
        }
        #expect(throws: BankSetFault.badCount(0)) {
            try Self.set(1).removing(operator: .contract(101))
        }
    }

    @Test func `a rotated key is the bank's and no other's`() throws {
        var set = Self.set(2)
        set = try set.rotating(operator: .contract(101), nodeKey: .contract(9))
        #expect(set.bank(signing: .contract(9))?.id == 1)
        #expect(set.bank(signing: .contract(1)) == nil)
        set = try set.rotating(operator: .contract(101), to: .contract(10))
        #expect(set.bank(operatedBy: .contract(10))?.id == 1)
        #expect(throws: BankSetFault.sameKey(.contract(2))) {
            try set.rotating(operator: .contract(10), nodeKey: .contract(2))
        }
    }
}
