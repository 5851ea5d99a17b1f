import Ledger
import TestSupport
import Testing

/// Golden bytes, made by a Python script with eth-account 0.14 and hashlib from the words of
/// `docs/formats/certificate.md`: a change here is another ledger.
struct BankFormatTests {
    static func bytes(_ digits: String) throws -> [UInt8] { try #require(Hex.decode(digits)) }

    @Test func `a set of banks has the bytes that are written down`() throws {
        let golden = try Self.bytes(
            """
            0100000000000000000000000000000000000000000000000000000000000000\
            07000200000000000000040300000000000000010000000a4669727374204261\
            6e6bee7e767e049143712099f92bc8a3b6b7f1b40335ee7e767e049143712099\
            f92bc8a3b6b7f1b403350000001362616e6b2d312e6578616d706c653a343030\
            300000000000000002000000195a77656974652042616e6b2066c3bc722048c3\
            a46e646c6572a267e4f15c979289993a95e22ca9cdf077b708ba5975c152fe58\
            cdcb7e25586a3c9b994a16dbb6150000000d31302e302e302e323a3430303000\
            0000000000000300000005546869726417c5185167401ed00cf5f5b2fc97d9bb\
            fdb7d02517c5185167401ed00cf5f5b2fc97d9bbfdb7d02500000000
            """)
        #expect(Consortium.set.bytes == golden)
        #expect(try BankSet(decoding: golden) == Consortium.set)
        #expect(
            Consortium.set.hash
                == Hash32(hex: "a78f3fc6cfd574f7df8a910c4cb6d46de88351cb8077d457dad38ed7b46ea026"))
    }

    @Test func `other signers make the same vote`() throws {
        let golden = try Self.bytes(
            """
            00000002dfdc1c35000102030405060708090a0b0c0d0e0f1011121314151617\
            18191a1b1c1d1e1faa8b7b072609411ec028bc3d5269b7273ccec848beddd4ec\
            b4704b070c9471a96edcd91350c7db13301bef0ad69db4b2ffa1ef1f2d8ff587\
            6da2b1aeefb862e01c
            """)
        let vote = Consortium.vote(0)
        #expect(
            EIP712.Header(height: vote.height, hash: vote.header).digest(in: Consortium.domain)
                == Hash32(hex: "87c048f38c474cd27514d0aab2c717ef11e8114a5145216df76d91346008d981"))
        #expect(vote.bytes == golden)
        #expect(vote.bytes.count == HeaderVote.byteCount)
        #expect(try HeaderVote(decoding: golden) == vote)
        #expect(vote.signer(chainID: Consortium.chainID) == Consortium.keys[0].address)
        #expect(vote.signer(chainID: 1) != Consortium.keys[0].address)
    }

    @Test func `other signers make the same certificate`() throws {
        let golden = try Self.bytes(
            """
            0100000002dfdc1c35000102030405060708090a0b0c0d0e0f10111213141516\
            1718191a1b1c1d1e1f00020a5b484c9075f710d0bf4082c0dd11bf55a87d8c81\
            9e5a3b64d2a1bcd39232c506e58b6956edb15bdd9dc1394ca7ef742281638f43\
            16189688880b7a18e87cd31baa8b7b072609411ec028bc3d5269b7273ccec848\
            beddd4ecb4704b070c9471a96edcd91350c7db13301bef0ad69db4b2ffa1ef1f\
            2d8ff5876da2b1aeefb862e01c
            """)
        #expect(Consortium.certificate([0, 1]).bytes == golden)
        #expect(try Certificate(decoding: golden) == Consortium.certificate([1, 0]))
    }

    @Test func `evidence has the bytes that are written down`() throws {
        let golden = try Self.bytes(
            """
            0100000002dfdc1c35000102030405060708090a0b0c0d0e0f10111213141516\
            1718191a1b1c1d1e1faa8b7b072609411ec028bc3d5269b7273ccec848beddd4\
            ecb4704b070c9471a96edcd91350c7db13301bef0ad69db4b2ffa1ef1f2d8ff5\
            876da2b1aeefb862e01c00000002dfdc1c350102030405060708090a0b0c0d0e\
            0f101112131415161718191a1b1c1d1e1f201cd0c6420a04a78766a78e65906f\
            c3adbe76df0b4d54c8818392302dae307bc23d348e0c0646fbf295bd4368568e\
            2d71088a3d5f1a3a626c47fb94456137737f1c
            """)
        let evidence = DoubleVote(
            Consortium.vote(0, for: Consortium.otherHeader), Consortium.vote(0))
        #expect(evidence.bytes == golden)
        #expect(evidence.bytes.count == DoubleVote.byteCount)
        #expect(try DoubleVote(decoding: golden) == evidence)
    }

    @Test func `a header has 338 bytes`() throws {
        let header = Header(
            height: 7, parent: Hash32(word: 1), body: Hash32(word: 2), timeMillis: 3,
            leader: .contract(4), transactionCount: 5, transactionsRoot: Hash32(word: 6),
            recordsRoot: Hash32(word: 7), changesRoot: Hash32(word: 8),
            stateHash: Hash32(word: 9), gasUsed: 10, gasLimit: 11, gasPrice: 12,
            banks: Hash32(word: 13), checkpointHeight: 14, checkpointRoot: Hash32(word: 15))
        #expect(header.bytes.count == Header.byteCount)
        #expect(Header.byteCount == 338)
        var reader = ByteReader(header.bytes)
        #expect(try Header(from: &reader) == header)
        #expect(
            Hex.encode(header.bytes.suffix(72))
                == String(repeating: "0", count: 62) + "0d" + "000000000000000e"
                + String(repeating: "0", count: 62) + "0f")
    }

    @Test(arguments: [UInt64(1), 20_240_229, 0xd1b])
    func `changed bytes do no harm, and what is taken is what would be written`(
        seed: UInt64
    ) throws {
        var random = SeededNumbers(seed: seed)
        let set = Consortium.set.bytes
        let certificate = Consortium.certificate([0, 1, 2]).bytes
        let evidence = DoubleVote(Consortium.vote(0), Consortium.vote(0, for: .zero)).bytes
        var accepted = 0
        for round in 0..<2000 {
            let changedSet = FuzzTests.mutated(set, &random)
            if let decoded = try? BankSet(decoding: changedSet) {
                accepted += 1
                #expect(decoded.bytes == changedSet, "seed \(seed), round \(round)")
            }
            let changed = FuzzTests.mutated(certificate, &random)
            if let decoded = try? Certificate(decoding: changed) {
                accepted += 1
                #expect(decoded.bytes == changed, "seed \(seed), round \(round)")
                if changed != certificate, decoded != Consortium.certificate([0, 1, 2]) {
                    #expect(throws: CertificateFault.self) {
                        try decoded.verify(in: Consortium.domain, set: Consortium.set)
                    }
                }
            }
            let changedEvidence = FuzzTests.mutated(evidence, &random)
            if let decoded = try? DoubleVote(decoding: changedEvidence) {
                #expect(decoded.bytes == changedEvidence, "seed \(seed), round \(round)")
            }
        }
        #expect(accepted > 100)
    }
}
