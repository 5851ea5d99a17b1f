import Foundation
import Ledger
import Settlement
import Testing
import Tokens

/// Golden bytes: a change here is another ledger, so it needs another version.
struct FormatTests {
    static let file = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "Vectors/formats.txt")

    /// One order in every situation that its records can tell apart.
    static func story() throws -> TestLedger {
        let ledger = try TestLedger()
        let names = ["buyer", "maker", "bank", "lab", "chamber"]
        let who = names.map { ledger.address($0) }
        let (buyer, maker, bank, lab, chamber) = (who[0], who[1], who[2], who[3], who[4])
        let token = TokenID(rawValue: 1)
        try ledger.perform { book throws(Rejection) in
            try book.tokens.mint(1_000_000, of: token, to: buyer, by: TestLedger.issuer)
            try book.tokens.mint(1_000_000, of: token, to: bank, by: TestLedger.issuer)
        }
        try ledger.perform { book throws(Rejection) in
            try book.open(
                Terms(
                    token: token.address, buyer: buyer, arbiter: chamber, dueAt: 90,
                    document: Hash32(1, 2, 3, 4),
                    lines: [
                        Terms.Line(tier: 0, payee: maker, amount: 1_000),
                        Terms.Line(tier: 1, payee: bank, amount: 70_000, gate: 2),
                    ],
                    gates: [
                        Terms.Gate(
                            attestors: [lab, buyer], threshold: 1, notBefore: 5, deadline: 50,
                            onTimeout: .arbitrate, silenceMeets: true, arbitrationPeriod: 9),
                        Terms.Gate(attestors: [], threshold: 0, notBefore: 7, follows: 1),
                    ]), by: buyer)
            try book.open(
                Terms(
                    token: token.address, buyer: maker, dueAt: 80,
                    lines: [Terms.Line(tier: 0, payee: lab, amount: 400)]), by: maker)
            try book.open(
                Terms(
                    token: token.address, buyer: maker,
                    lines: [Terms.Line(tier: 0, payee: bank, amount: 1)]), by: bank)
            try book.pledge(order: 1, line: 0, child: 2, units: 300, by: maker)
            for index in 1...5 {
                try book.transferClaim(
                    order: 1, line: 1, to: ledger.address("holder \(index)"), units: 10, from: bank)
            }
            try book.guarantee(order: 2, amount: 256, by: bank)
            try book.attest(order: 1, gate: 0, bps: 8_000, by: lab)
            try book.offer(Offer(seller: maker, order: 1, line: 0, units: 5, price: 4, expiry: 60))
            try book.setApproval(of: bank, true, by: maker)
            book.setConsent(true, by: lab)
            try book.fund(order: 1, amount: 100, by: buyer)
        }
        ledger.state.block.stepLimit = 1
        try ledger.perform { book throws(Rejection) in
            try book.fund(order: 2, amount: 50, by: buyer)
            try book.fund(order: 1, amount: nil, by: buyer)
        }
        return ledger
    }

    @Test func `records and effects have the bytes that are written down`() throws {
        let ledger = try Self.story()
        var lines = ["Effects, framed:"]
        for effect in EffectReader(ledger.state.effects.bytes[...])
        where SettlementEffectTag.all.contains(effect.tag) {
            lines.append("\(Hex.encode([effect.tag])) \(Hex.encode(effect.payload))")
        }
        ledger.advance(to: 6, budget: 1)
        lines.append("Objects, key and value:")
        for (key, value) in ledger.source.contents.sorted(by: {
            $0.key.lexicographicallyPrecedes($1.key)
        }) where (0x10...0x1f).contains(key[0]) {
            lines.append("\(Hex.encode(key)) \(Hex.encode(value))")
        }
        let text = lines.joined(separator: "\n") + "\n"
        if ProcessInfo.processInfo.environment["REWRITE"] != nil {
            try text.write(to: Self.file, atomically: true, encoding: .utf8)
        }
        #expect(try String(contentsOf: Self.file, encoding: .utf8) == text)
    }

    @Test func `what was stored is what is read`() throws {
        let ledger = try Self.story()
        ledger.advance(to: 1)
        let before = (1...ledger.book.count).map { ledger.book.view(of: $0) }
        ledger.restart()
        #expect((1...ledger.book.count).map { ledger.book.view(of: $0) } == before)
    }
}
