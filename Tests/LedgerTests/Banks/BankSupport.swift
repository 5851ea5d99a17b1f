import Ledger

/// Three banks with keys that everybody knows; the second one's operator has a key of its own.
enum Consortium {
    static let chainID: UInt64 = 88_001
    static let domain = EIP712.Domain.headers(chainID: chainID)
    /// Node keys of banks 1 to 3, the second one's operator, a stranger.
    static let keys = (0..<5).map { PrivateKey([UInt8](repeating: 0x40 + $0, count: 32))! }

    static let banks = [
        Bank(
            id: 1, name: "First Bank", nodeKey: keys[0].address, operator: keys[0].address,
            endpoint: "bank-1.example:4000"),
        Bank(
            id: 2, name: "Zweite Bank für Händler", nodeKey: keys[1].address,
            operator: keys[3].address, endpoint: "10.0.0.2:4000"),
        Bank(
            id: 3, name: "Third", nodeKey: keys[2].address, operator: keys[2].address,
            endpoint: ""),
    ]
    static let ledger = Hash32(word: 7 as UInt128)
    static let set = try! BankSet(ledger: ledger, banks: banks)

    static let height: UInt64 = 12_345_678_901
    static let header = Hash32((0..<32).map { UInt8($0) })!
    static let otherHeader = Hash32((1..<33).map { UInt8($0) })!

    static func vote(_ key: Int, for header: Hash32 = header) -> HeaderVote {
        HeaderVote(height: height, header: header, signedBy: keys[key], in: domain)
    }

    /// A certificate with the signatures of these keys, in the order of their accounts.
    static func certificate(_ signers: [Int], for header: Hash32 = header) -> Certificate {
        Certificate(
            height: height, header: header,
            votes: signers.map { (keys[$0].address, vote($0, for: header).signature) })
    }
}
