import Ledger
import Testing

@testable import Tokens

struct TokenLogsTests {
    /// Published hashes of OpenZeppelin's events, and those of our own worked out with eth-utils.
    @Test(arguments: [
        ("Transfer", "ddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef"),
        ("Approval", "8c5be1e5ebec7d5bd14f71427d1e84f3dd0314c0f7b2291e5b200ac8c7c3b925"),
        ("RoleGranted", "2f8788117e7eff1d82e926ec794901d17c78024a50270940304540a733656f0d"),
        ("RoleRevoked", "f6391f5c32d9c69d2a47ea670b442974b53935d1edc7fd64eb21e047a839171b"),
        ("Paused", "62e78cea01bee320cd4e420270b5ea74000d11b0c9f74754ebdbfc544b05a258"),
        ("Unpaused", "5db9ee0a495bf2e6ff9c91a7834c1ba4fdd244a5e8aa4e537bd38aeae4b073aa"),
        ("FreezeSet", "2a58cec7dc34df1e0e63e66f32b8b14e53bb9f226899e44e51233d41e24b8d47"),
        ("AllowSet", "9b50b27a5c1e2e87af061ecb9efe6ff5c4f12ecc5766a8ea66d1df6e1529e7bd"),
        ("ClawedBack", "a71377969726bf10fa8f431fb8186c9b65bf891a6cd08c6026dd8a36b5358ebc"),
        ("Held", "008dde06a08a7abc1d1eefda8521c5bc5c1ce2538a256b4d2a79ee587f1a4d36"),
        ("HeldReleased", "0750f6390de6fe2760039ac9ecf7e20f32bc65b339b756a1e27ecdf901cf9d81"),
        ("TokenCreated", "b51c8cbe199ffe8b0d1d39b62d473569750653cb18b165f77ae423b3900180ad"),
        ("FeeGranted", "a2c3e8e39e8ec724f9d41662b14358b4cbeff664841d94256acb17a7de9cf3ac"),
        ("FeePayerSet", "39d93f9020e8552130b266ba4853019ee11aae7718fae4f8029d7e0dfabe57d4"),
    ])
    func `an event has its published hash`(_ name: String, _ hash: String) {
        #expect(Event.all.first { $0.name == name }?.topic == Hash32(hex: hash))
    }

    @Test(arguments: [
        (TokenRole.admin, String(repeating: "0", count: 64)),
        (.minter, "9f2df0fed2c77648de5860a4cc508cd0818c85b8b8a1ab4ceeef8d981c8956a6"),
        (.pauser, "65d7a28e3265b37a6474929f336521b332c1681b933f6cb9f3376673440d862a"),
        (.freezer, "92de27771f92d6942691d73358b3a4673e4880de8356f8f2cf452be87e02d363"),
        (.clawback, "4bbc247fc4736523c8bdd1853fee2acfa817d663f8f4422b13e78ebf99e204a2"),
        (.allower, "2e304fa367e6bae25074aa208a0f43e2334743818f7c95fe77cf129d05fbe9fa"),
    ])
    func `a role is the hash of its name`(_ role: TokenRole, _ hash: String) {
        #expect(role.id == Hash32(hex: hash))
    }

    @Test func `a transfer's effect and log have these bytes`() throws {
        let tokens = TokenLedger(state: State(source: EmptySource()))
        let from = try #require(Address([UInt8](1...20)))
        let to = try #require(Address([UInt8](21...40)))
        #expect(tokens.endow([(account: from, amount: UInt128(1000))]))
        try tokens.transfer(0x1ff, of: .dip, from: from, to: to)
        #expect(
            Hex.encode(tokens.state.effects.bytes)
                == "10" + "0000003c" + "00000000" + "0102030405060708090a0b0c0d0e0f1011121314"
                + "15161718191a1b1c1d1e1f202122232425262728" + "000000000000000000000000000001ff")
        let log = try #require(
            try TokenLedger.logs(tag: 0x10, payload: tokens.state.effects.bytes[5...]).first)
        #expect(log.address == .dip)
        #expect(
            log.topics.map(\.hex) == [
                "0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef",
                "0x0000000000000000000000000102030405060708090a0b0c0d0e0f1011121314",
                "0x00000000000000000000000015161718191a1b1c1d1e1f202122232425262728",
            ])
        #expect(Hex.encode(log.data) == String(repeating: "0", count: 61) + "1ff")
    }

    @Test func `a held payout's log names the order`() throws {
        let log = TokenLogs.held(5, token: .dip, account: Desk.person("bob"), order: 7)
        #expect(Desk().show(log) == "dip Held bob 7 5")
    }

    @Test func `bytes that are no effect are refused, at every length`() throws {
        let desk = Desk()
        for line in [
            "issuer create EUR supply=1000 controls=63", "issuer allow EUR alice yes",
            "issuer freeze EUR alice yes", "issuer clawback EUR issuer issuer 1 1",
            "issuer pause EUR", "issuer approve EUR bob 1", "bank grantFees dip bob 1 1",
            "bob setFeePayer dip bank",
        ] {
            desk.endBlock()
            let before = desk.state.effects.bytes.count
            #expect(before == 0)
            _ = try desk.playKeepingEffects(line)
            var reader = ByteReader(desk.state.effects.bytes)
            let tag: UInt8 = try reader.read()
            let payload = try reader.readCounted()
            #expect(throws: Never.self) { try TokenEffect(tag: tag, payload: payload) }
            for count in 0..<payload.count {
                #expect(throws: DecodingFault.self) {
                    try TokenEffect(tag: tag, payload: payload.prefix(count))
                }
            }
            #expect(throws: DecodingFault.self) {
                try TokenEffect(tag: tag, payload: payload + [0])
            }
            desk.state.effects.removeAll()
        }
        for tag: UInt8 in [0, 0x0f, 0x1d, 0x3f, 0x40, 0xff] {
            #expect(throws: DecodingFault.self) { try TokenEffect(tag: tag, payload: []) }
        }
    }
}

extension Desk {
    /// A call whose effects are left where they are.
    fileprivate func playKeepingEffects(_ line: String) throws {
        let words = line.split(separator: " ").map(String.init)
        let data =
            words[1] == "create"
            ? encodeCreate(Array(words.dropFirst(2)))
            : Function.named(words[1]).flatMap { encode($0, Array(words.dropFirst(3))) }
        let contract = words[1] == "create" ? Address.tokens : try #require(address(words[2]))
        _ = try call(words[0], contract, try #require(data))
    }
}
