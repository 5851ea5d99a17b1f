import Ledger
import Testing

@testable import Tokens

/// The signature was made with eth-account of Python: key 0x1111…, chain 3355, the first issued token,
/// spender 0x2222…, value 2^256 − 1, nonce 0, deadline 2000.
struct PermitTests {
    static let owner = Address(hex: "19E7E376E7C213B7E7e7e46cc70A5dD086DAff2A")!
    static let spender = Address([UInt8](repeating: 0x22, count: 20))!
    static let r = Hash32(hex: "a0a94672e9e6ca7ef5063bb7ad87ccba088fc094e59959089d0fb7515c58021b")!
    static let s = Hash32(hex: "363cdcbb990e81c5e98dd659cb377f66c005828b7eddcf04aca6a262a670771d")!

    let desk = Desk()
    let token: Address

    init() throws {
        _ = desk.play("issuer create EUR supply=1000")
        token = try #require(desk.address("EUR"))
        desk.state.block.now = 2000
    }

    /// The call with one of its seven words replaced.
    private func permit(_ change: (index: Int, word: Hash32)? = nil) throws {
        var words = [
            Hash32(word: Self.owner), Hash32(word: Self.spender), .allOnes, Hash32(0, 0, 0, 2000),
            Hash32(0, 0, 0, 28), Self.r, Self.s,
        ]
        if let change { words[change.index] = change.word }
        var data = ByteWriter()
        data.write(MoneyFunction.permit.rawValue)
        for word in words { data.write(word) }
        _ = try desk.call("alice", token, data.bytes)
    }

    @Test func `the domain separator is that of EIP-712`() throws {
        let data = try #require(desk.encode(Function("DOMAIN_SEPARATOR()"), []))
        #expect(
            Hash32(try desk.call("alice", token, data))
                == Hash32(hex: "dcb7a1d1619930ea7b877779fc9ed87b1b0f0c422a7723b5224e37d2c2eb2585"))
    }

    @Test func `anybody can bring in what another library signed, once`() throws {
        try permit()
        let id = try #require(desk.tokens.find(token))
        #expect(
            desk.tokens.allowance(owner: Self.owner, spender: Self.spender, in: id) == .allOnes)
        #expect(desk.tokens.permitNonce(of: Self.owner, in: id) == 1)
        let log = try #require(desk.takeLogs().last)
        #expect(
            log.topics == [
                IToken.Event.approval.topic, Hash32(word: Self.owner), Hash32(word: Self.spender),
            ])
        #expect(throws: Rejection.self) { try permit() }
    }

    @Test func `after its deadline it does not count`() throws {
        desk.state.block.now = 2001
        #expect(throws: Rejection.erc2612ExpiredSignature(deadline: Hash32(0, 0, 0, 2000))) {
            try permit()
        }
    }

    @Test func `whoever signed something else is not its owner`() throws {
        for index in [1, 2, 3] {
            let error = #expect(throws: Rejection.self) {
                try permit((index, Hash32(0, 0, 0, 0xffff)))
            }
            #expect(error?.name == "ERC2612InvalidSigner")
        }
        #expect(desk.endBlock().objects.allSatisfy { $0.key.first != 0x06 })
    }

    @Test func `on another chain it does not count`() throws {
        desk.state.block.chainID = 1
        let error = #expect(throws: Rejection.self) { try permit() }
        #expect(error?.name == "ERC2612InvalidSigner")
    }

    @Test func `a signature that nobody can have made has the signer zero`() {
        let refusal = Rejection.erc2612InvalidSigner(signer: .zero, owner: Self.owner)
        #expect(throws: refusal) { try permit((4, Hash32(0, 0, 0, 1))) }
        #expect(throws: refusal) { try permit((5, .zero)) }
        // n − s with the other parity is the same signature, made high.
        let high = Hash32(
            hex: "c9c3234466f17e3a1672299a34c88097fe a95a5b3d5ad0371319bc2a29c5ca24"
                .filter { $0 != " " })!
        #expect(throws: refusal) { try permit((6, high)) }
    }

    @Test func `nobody signs for the zero address`() {
        #expect(throws: Rejection.erc2612InvalidSigner(signer: .zero, owner: .zero)) {
            var words = [Hash32](repeating: .zero, count: 7)
            words[1] = Hash32(word: Self.spender)
            words[3] = .allOnes
            var data = ByteWriter()
            data.write(MoneyFunction.permit.rawValue)
            for word in words { data.write(word) }
            _ = try desk.call("alice", token, data.bytes)
        }
    }

    @Test func `the domain describes itself as EIP-5267 says`() throws {
        let data = try #require(desk.encode(Function("eip712Domain()"), []))
        var reader = ABIReader(try desk.call("alice", token, data))
        #expect(Array(try reader.fixedBytes(1)) == [0x0f])
        #expect(try reader.string() == "Dipnet")
        #expect(try reader.string() == "1")
        #expect(try reader.amount() == 3355)
        #expect(try reader.address() == token)
        #expect(try reader.word() == .zero)
        #expect(try reader.array(of: Hash32.self).isEmpty)
        try reader.finish()
    }
}
