import Ledger
import Testing

/// The expected values were made with eth-account 0.14, an implementation of another origin.
struct EIP712Tests {
    static let key = PrivateKey([UInt8](repeating: 0x46, count: 32))!
    static let evidence = Hash32((0..<32).map { UInt8($0) })!

    static func check(
        _ message: some EIP712Message, contract: Address, separator: String, structHash: String,
        digest: String, signature: String
    ) throws {
        let domain = EIP712.Domain(chainID: 3355, contract: contract)
        #expect(domain.separator == Hash32(hex: separator))
        #expect(message.structHash == Hash32(hex: structHash))
        #expect(message.digest(in: domain) == Hash32(hex: digest))
        #expect(Keccak256.hash(message.preimage(in: domain)) == Hash32(hex: digest))
        let signed = message.sign(with: key, in: domain)
        #expect(Hex.encode(signed.bytes) == signature)
        #expect(message.recover(signed, in: domain) == key.address)
        let elsewhere = EIP712.Domain(chainID: 1, contract: contract)
        #expect(message.recover(signed, in: elsewhere) != key.address)
        let other = EIP712.Domain(chainID: 3355, contract: .contract(1))
        #expect(message.recover(signed, in: other) != key.address)
    }

    @Test func `permits are those of other wallets`() throws {
        try Self.check(
            EIP712.Permit(
                owner: Self.key.address, spender: .contract(0x0bee), value: .allOnes, nonce: 7,
                deadline: Hash32(word: 1_234_567_890)),
            contract: .tokens,
            separator: "0a795dbd3d9eacb14143a06650c881b747fa8a6e76af97705bce277ec9f1c9cf",
            structHash: "65c9c0a1f41270b837b1c4ec1e437fc82bdab5efe41b26ba7feeb7e602379ef7",
            digest: "8b487b090b5b70cfe3081545a22f2a438e218582d056f567aff3f6b263950aff",
            signature: "39e42b8ee8debb8edab2171f6681124885730769e3bbc2fe3457f8f1cf9364a1"
                + "5f8d5f2594ac277420d629a35daebb12fc4da2805831bce991f9c2fb98a577831b")
    }

    @Test func `attestations are those of other wallets`() throws {
        try Self.check(
            EIP712.Attestation(
                order: 11, gate: 2, bps: 8000, evidence: Self.evidence, deadline: 1 << 40),
            contract: .orders,
            separator: "ea56938bf3b12b439d9d7306c8832597cdf95a475e235a2c74d890ebbdd7054e",
            structHash: "503de8e39e6608770077f70544492ab98545b5199d5f8412c7231374f27ccd73",
            digest: "1851a06b97de471c9e9771f52c16029e807bbff541ae57f4f989a1616c155ff9",
            signature: "7a1c52471571d808322935d24b535c3b366d9ccd432295ca29a126efc13645ec"
                + "459a0369763ed8cdfb270b77715c67e7c3fa6f218952e632d8dd2c7fe0b82f571c")
    }

    @Test func `header signatures are those of other signers`() throws {
        try Self.check(
            EIP712.Header(height: 99, hash: Self.evidence), contract: .treasury,
            separator: "6492fe675a94b986a2375cee68ed0f5614b446acc0394d746417d1cf58230d58",
            structHash: "4e39ea216ce84b06273fbf206a4ab531dffb1b423c21d15691f27816cadc93d5",
            digest: "1785cb313604a6f5994fd9fc4f92c3e55e6db6a86ae35f2cfbf21fa47f301ebb",
            signature: "d589309831c22da4e335cb7d0246501452ac1a122459f2dc37caf124fe9825a3"
                + "4d6189ad1f0ffaf5963f41d820b3886687313f4bf5c82209021d6b0335e6feb31c")
        #expect(
            EIP712.Domain.headers(chainID: 3355)
                == EIP712.Domain(chainID: 3355, contract: .treasury))
    }

    @Test func `what nodes say to their peers is signed as by other wallets`() throws {
        try Self.check(
            EIP712.PeerHello(
                genesis: Self.evidence, from: 3, to: 1 << 63 + 1, lane: 2,
                certificate: Hash32(Self.evidence.bytes.reversed())!),
            contract: .treasury,
            separator: "6492fe675a94b986a2375cee68ed0f5614b446acc0394d746417d1cf58230d58",
            structHash: "e1cc3c68c453ffbba03c833f25f16349f302032a3177f4ecd0a3566767bdec63",
            digest: "ccc72e674884e549d822aa4ddc233f309d5c57aa9e9554071da2be33886d407a",
            signature: "c2b97d9f639e701cd4f600e17c97ce14593bf3a0f215125ba17a7c59dd50c887"
                + "6034ac336f9eb006524dd8cc9d8028210a1c96222f1547502a697f0deca412431c")
    }

    @Test(arguments: [
        ("", "5f35dce98ba4fba25530a026ed80b2cecdaa31091ba4958b99b52ea1d068adad"),
        ("Hello, Dipnet", "9717dcd5cc648251bdda3c6ac4306f8b8cc8458721eb4f2af6701b815b99451c"),
        (
            String(repeating: "é", count: 60),
            "790dfe1cf60ce54965557ead334db7d8f7fb22376328614d084d783aa50ec20a"
        ),
    ])
    func `personal messages hash as in other wallets`(text: String, digest: String) {
        #expect(PersonalMessage.hash(text) == Hash32(hex: digest))
    }

    @Test(arguments: [
        // The examples of EIP-55.
        "0x52908400098527886E0F7030069857D2E4169EE7", "0x8617E340B3D01FA5F11F306F4090FD50E238070D",
        "0xde709f2102306220921060314715629080e2fb77", "0x27b1fdb04752bbc536007a920d24acb045561c26",
        "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
        "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB", "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb",
    ])
    func `addresses carry a checksum, which is checked where there is one`(text: String) throws {
        let address = try #require(Address(hex: text))
        #expect(address.checksummed == text)
        #expect(Address(checked: text) == address)
        #expect(Address(checked: String(text.dropFirst(2))) == address)
        #expect(Address(checked: text.lowercased()) == address)
        #expect(Address(checked: "0x" + text.dropFirst(2).uppercased()) == address)
        // One letter in the other case is a typing error, unless it was the only one of its case.
        let digits = Array(text)
        let mixed =
            digits.contains { $0 >= "a" && $0 <= "f" } && digits.contains(where: \.isUppercase)
        for index in 2..<42 where digits[index].isLetter && mixed {
            var other = digits
            let letter = String(digits[index])
            other[index] = Character(
                digits[index].isUppercase ? letter.lowercased() : letter.uppercased())
            #expect(Address(checked: String(other)) == nil)
        }
        #expect(Address(checked: text.dropLast()) == nil)
    }
}
