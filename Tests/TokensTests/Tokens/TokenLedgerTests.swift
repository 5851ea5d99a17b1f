import Ledger
import Testing

@testable import Tokens

struct TokenLedgerTests {
    @Test func `tokens beyond the limit leave memory and are read again`() throws {
        let store = MemoryStore()
        let state = State(source: store)
        let tokens = TokenLedger(state: state, recordLimit: 2)
        var ids: [TokenID] = []
        for index in 0..<5 {
            let new = NewToken(
                name: "T\(index)", symbol: "T", decimals: 0, initialSupply: UInt128(index),
                controls: .pause)
            ids.append(try tokens.create(new, by: Desk.person("issuer")))
        }
        try tokens.setPaused(true, in: ids[3], by: Desk.person("issuer"))
        store.apply(state.endBlock())
        // First what looks at the policy only, which must be read again too.
        #expect(throws: Rejection.tokenPaused) {
            try tokens.check(Desk.person("alice"), in: ids[3])
        }
        for (index, id) in ids.enumerated() {
            #expect(tokens.info(id).name == "T\(index)")
            #expect(tokens.supply(of: id) == UInt128(index))
            #expect(tokens.info(id).isPaused == (index == 3))
            #expect(tokens.find(id.address) == id)
        }
    }

    @Test(
        arguments: [0x07, 0x85, 0xad, 0x200b, 0x202e, 0x2028, 0x2066, 0xfeff, 0xe0041] as [UInt32])
    func `two names that look the same are the same`(value: UInt32) throws {
        let unseen = String(Character(try #require(Unicode.Scalar(value))))
        let tokens = TokenLedger(state: State(source: EmptySource()))
        for (name, symbol, uri) in [
            ("Eu\(unseen)ro", "EUR", ""), ("Euro", "EU\(unseen)R", ""),
            ("Euro", "EUR", "x\(unseen)"),
        ] {
            let field = name != "Euro" ? "name" : symbol != "EUR" ? "symbol" : "uri"
            #expect(
                throws: Rejection.badToken("\(field): control characters, or such as nobody sees")
            ) {
                try tokens.create(
                    NewToken(name: name, symbol: symbol, decimals: 2, uri: uri),
                    by: Desk.person("issuer"))
            }
        }
        // What people write is taken.
        _ = try tokens.create(
            NewToken(name: "数字人民币 é", symbol: "元", decimals: 2), by: Desk.person("issuer"))
    }

    @Test func `a token whose creation is rolled back is not found`() throws {
        let tokens = TokenLedger(state: State(source: EmptySource()))
        let new = NewToken(name: "Euro", symbol: "EUR", decimals: 2)
        let mark = tokens.state.mark()
        let first = try tokens.create(new, by: Desk.person("alice"))
        tokens.state.rollback(to: mark)
        #expect(tokens.find(first.address) == nil)
        #expect(tokens.count == 0)
        let again = try tokens.create(new, by: Desk.person("bob"))
        #expect(again == first)
        #expect(tokens.info(again).issuer == Desk.person("bob"))
    }

    @Test func `more DIP than there can be is not given out`() {
        let tokens = TokenLedger(state: State(source: EmptySource()))
        let alice = Desk.person("alice")
        let bob = Desk.person("bob")
        #expect(
            !tokens.endow([
                (account: alice, amount: UInt128.max), (account: bob, amount: UInt128(1)),
            ]))
        #expect(tokens.balance(of: alice, in: .dip) == 0)
        #expect(tokens.endow([(account: alice, amount: UInt128.max)]))
        #expect(tokens.supply(of: .dip) == .max)
        #expect(!tokens.endow([(account: bob, amount: UInt128(1))]))
    }

    @Test func `money and flags leave nonces and fee payers alone`() throws {
        let desk = Desk()
        let alice = Desk.person("alice")
        let key = TokenID.dip.balanceKey(alice)
        _ = desk.play("endow alice 100")
        desk.state.write(key, amount: 100, aux: 41)
        _ = desk.play("alice setFeePayer dip bank")
        #expect(desk.state.cell(key).nonce == 41)
        #expect(desk.state.cell(key).namesFeePayer)
        // As the executor advances it.
        desk.state.write(key, amount: 100, aux: desk.state.cell(key).aux + 1)
        _ = desk.play("alice transferBatch dip bob,alice 10,20")
        _ = desk.play("alice transfer dip alice 1")
        #expect(desk.state.cell(key).amount == 90)
        #expect(desk.state.cell(key).nonce == 42)
        #expect(desk.state.cell(key).namesFeePayer)
        _ = desk.play("alice setFeePayer dip zero")
        #expect(desk.state.cell(key).aux == 42)
    }

    @Test func `what another contract cannot pay out moves to 0x…d102`() throws {
        let desk = Desk()
        _ = desk.play("issuer create EUR supply=100 controls=8")
        _ = desk.play("issuer freeze EUR alice yes")
        let token = try #require(desk.token("EUR"))
        desk.tokens.move(50, of: token, from: Desk.person("issuer"), to: .banks)
        #expect(!desk.tokens.payOut(20, of: token, from: .banks, to: Desk.person("alice")))
        #expect(desk.tokens.balance(of: .banks, in: token) == 30)
        #expect(desk.tokens.balance(of: .orders, in: token) == 20)
        #expect(desk.tokens.held(Desk.person("alice"), in: token) == 20)
        #expect(desk.tokens.payOut(30, of: token, from: .banks, to: .banks))
        #expect(desk.tokens.balance(of: .banks, in: token) == 30)
    }
}
