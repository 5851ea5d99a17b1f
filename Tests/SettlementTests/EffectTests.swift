import Ledger
import TestSupport
import Testing
import Tokens

@testable import Settlement

/// Effects are the record from which everything else is derived.
struct EffectTests {
    static let a = TestLedger.address("a")
    static let b = TestLedger.address("b")
    static let token = TokenID(rawValue: 1)

    static let all: [SettlementEffect] = [
        .paid(order: 1, line: 2, token: token, to: a, amount: 300, isHeld: false),
        .paid(order: 1, line: 2, token: token, to: a, amount: .max, isHeld: true),
        .paidToOrder(order: 1, line: 2, to: 3, amount: 0),
        .opened(
            order: 1, token: token, buyer: a, price: 5, template: Hash32(1, 2, 3, 4),
            isProposal: false, claims: [Claim(holder: b, units: 5)]),
        .opened(
            order: 1, token: token, buyer: a, price: 5, template: .zero, isProposal: true,
            claims: [Claim(holder: b, units: 5)]),
        .accepted(order: 1, claims: [Claim(holder: b, units: 5)]),
        .declined(order: 1, by: a), .consentSet(account: a, isOn: true),
        .funded(order: 1, token: token, from: a, amount: 7),
        .attested(order: 1, gate: 2, attestor: a, bps: 8_000, evidence: Hash32(4, 3, 2, 1)),
        .gateClosed(order: 1, gate: 2, state: .met, bps: 8_000),
        .voided(
            order: 1, line: 2,
            cut: [Claim(holder: a, units: 5), Claim(holder: .order(9), units: 6)]),
        .refunded(order: 1, token: token, to: a, amount: 7, isHeld: false),
        .refunded(order: 1, token: token, to: a, amount: 7, isHeld: true),
        .refundedToOrder(order: 1, to: 2, amount: 7),
        .disputed(order: 1, gate: 2, by: a, reason: Hash32(4, 3, 2, 1)),
        .resolved(order: 1, gate: 2, bps: 0),
        .pledged(order: 1, line: 2, child: 3, by: a, units: 4),
        .guaranteed(order: 1, token: token, guarantor: a, amount: 7),
        .guaranteeReturned(order: 1, token: token, guarantor: a, amount: 7, isHeld: false),
        .guaranteeReturned(order: 1, token: token, guarantor: a, amount: 7, isHeld: true),
        .guaranteeDrawn(order: 1, guarantor: a, amount: 7, reimbursement: 2),
        .setOff(order: 1, holder: a, amount: 7), .closed(order: 1),
        .claimMoved(order: 1, line: 2, by: a, from: a, to: b, units: 3),
        .offered(offer: 1, seller: a, order: 2, line: 3, units: 4, price: 5),
        .bought(offer: 1, buyer: b), .withdrawn(offer: 1),
        .approvalForAll(owner: a, operator: b, isApproved: true),
    ]

    static func payload(of effect: SettlementEffect) -> [UInt8] {
        var writer = ByteWriter()
        effect.write(to: &writer)
        return writer.bytes
    }

    @Test(arguments: all)
    func `an effect is read as it was written, and nothing else is`(
        effect: SettlementEffect
    ) throws {
        let bytes = Self.payload(of: effect)
        #expect(try SettlementEffect(tag: effect.tag, payload: bytes[...]) == effect)
        for count in 0..<bytes.count {
            // Amounts at the end carry their length, so that no shorter payload reads as another one.
            #expect(throws: DecodingFault.self) {
                try SettlementEffect(tag: effect.tag, payload: bytes.prefix(count))
            }
        }
        #expect(throws: DecodingFault.self) {
            try SettlementEffect(tag: effect.tag, payload: (bytes + [0])[...])
        }
        #expect(!effect.text().isEmpty)
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func `any bytes are read or refused`(seed: UInt64) {
        var chance = SeededNumbers(seed: seed)
        for _ in 0..<3_000 {
            let effect = chance.pick(Self.all)
            var bytes = Self.payload(of: effect)
            for _ in 0...chance.below(4) where !bytes.isEmpty {
                bytes[chance.below(bytes.count)] = UInt8(chance.below(256))
            }
            guard let read = try? SettlementEffect(tag: effect.tag, payload: bytes[...]) else {
                continue
            }
            #expect(!read.text().isEmpty && !read.logs.isEmpty)
        }
    }

    @Test(arguments: all)
    func `every log names an event of the public interface`(effect: SettlementEffect) throws {
        let events = Set(
            IOrders.Event.allCases.map(\.topic) + IClaims.Event.allCases.map(\.topic)
                + ["Transfer(address,address,uint256)", "Held(address,uint256,uint64)"].map {
                    Selector.topic($0)
                })
        #expect(!effect.logs.isEmpty)
        for log in effect.logs {
            #expect(events.contains(try #require(log.topics.first)))
            #expect(log.topics.count <= 4 && log.data.count % 32 == 0)
        }
    }

    @Test func `a payment's logs are those of the contracts, byte for byte`() throws {
        let logs = Self.all[0].logs
        #expect(
            logs == [
                Log(
                    address: .orders,
                    topics: [
                        Selector.topic("Paid(uint64,uint16,address,uint64,uint256)"),
                        Hash32(0, 0, 0, 1), Hash32(word: Self.a), .zero,
                    ], data: Hash32(0, 0, 0, 2).bytes + Hash32(0, 0, 0, 300).bytes),
                Log(
                    address: .claims,
                    topics: [
                        Selector.topic("TransferSingle(address,address,address,uint256,uint256)"),
                        Hash32(word: .orders), Hash32(word: Self.a), .zero,
                    ], data: Hash32(0, 0, 0, 1 << 16 | 2).bytes + Hash32(0, 0, 0, 300).bytes),
                Log(
                    address: Self.token.address,
                    topics: [
                        Selector.topic("Transfer(address,address,uint256)"),
                        Hash32(word: .orders), Hash32(word: Self.a),
                    ], data: Hash32(0, 0, 0, 300).bytes),
            ])
    }

    /// Whoever adds up the logs knows every balance.
    @Test(arguments: Array(1...6) as [UInt64])
    func `Transfer and TransferSingle logs add up to the balances`(seed: UInt64) throws {
        let ledger = try HistoryTests.ledger()
        var money: [Address: [Address: Int]] = [:]
        var claims: [Hash32: [Address: Int]] = [:]
        func take(_ bytes: ArraySlice<UInt8>) throws {
            for effect in EffectReader(bytes) {
                let logs =
                    SettlementEffectTag.all.contains(effect.tag)
                    ? try OrderBook.logs(tag: effect.tag, payload: effect.payload)
                    : try TokenLedger.logs(tag: effect.tag, payload: effect.payload)
                for log in logs {
                    if log.topics[0] == Selector.topic("Transfer(address,address,uint256)") {
                        let amount = Int(Hash32(log.data)?.number ?? 0)
                        let (from, to) = (log.topics[1].address!, log.topics[2].address!)
                        money[log.address, default: [:]][from, default: 0] -= amount
                        money[log.address, default: [:]][to, default: 0] += amount
                    } else if log.topics[0] == IClaims.Event.transferSingle.topic {
                        let id = Hash32(log.data.prefix(32))!
                        let units = Int(Hash32(log.data.suffix(32))!.number!)
                        claims[id, default: [:]][log.topics[2].address!, default: 0] -= units
                        claims[id, default: [:]][log.topics[3].address!, default: 0] += units
                    }
                }
            }
        }
        try take(ledger.state.effects.bytes[...])
        var world = RandomWorld(seed: seed)
        for _ in 0..<300 {
            let action = world.next(ledger.book)
            let start = ledger.state.effects.bytes.count
            _ = HistoryTests.apply(action, to: ledger)
            if case .block = action {
                try take(ledger.state.effects.bytes[...])
            } else {
                try take(ledger.state.effects.bytes[start...])
            }
        }
        for token in TestLedger.tokens.values {
            for account in RandomWorld.accounts.map({ TestLedger.address($0) }) + [.orders] {
                let balance = ledger.tokens.balance(of: account, in: token)
                #expect(money[token.address]?[account] ?? 0 == Int(balance), "seed \(seed)")
            }
        }
        for id in 1...ledger.book.count {
            let order = try #require(ledger.book.view(of: id))
            for (index, line) in order.lines.enumerated() {
                var held: [Address: Int] = [:]
                if order.summary.status == .open {
                    for claim in line.claims { held[claim.holder, default: 0] += Int(claim.units) }
                }
                let logged = claims[Hash32(0, 0, 0, id << 16 | UInt64(index))] ?? [:]
                #expect(
                    logged.filter { $0.value != 0 && $0.key != .zero } == held,
                    "seed \(seed), order \(id), line \(index)")
            }
        }
    }
}
