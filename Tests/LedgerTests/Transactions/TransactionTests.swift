import Foundation
import Ledger
import Testing

struct TransactionTests {
    static let key = PrivateKey([UInt8](repeating: 0x46, count: 32))!
    static let chainID: UInt64 = 3355

    static func transfer(
        _ kind: Transaction.Kind = .dynamicFee, data: [UInt8] = [], to: Address? = .contract(0xd100)
    ) -> Transaction {
        Transaction(
            kind: kind, chainID: chainID, nonce: 7, maxFeePerGas: 1000, gasLimit: 21000, to: to,
            value: 12345, data: data)
    }

    /// The items of a signed transaction, for a test to change one.
    static func items(_ raw: [UInt8]) throws -> [RLP.Value] {
        let list = raw[0] < 0x80 ? raw.dropFirst() : raw[...]
        guard case .list(let items) = try RLP.decode(list) else { throw DecodingFault("no list") }
        return items
    }

    static func raw(_ kind: Transaction.Kind, _ items: [RLP.Value]) -> [UInt8] {
        (kind == .legacy ? [] : [kind.rawValue]) + RLP.encode(.list(items))
    }

    @Test func `transactions of another implementation are read, written and attributed`() throws {
        let cases = try #require(Vectors.load("transactions.json") as? [[String: Any]])
        #expect(cases.count == 41)
        for item in cases {
            let name = try item.text("name")
            let raw = try item.bytes("raw")
            let chainID = try #require(UInt64(item.text("chainId")))
            let verified = try VerifiedTransaction.verify(raw, chainID: chainID)
            let transaction = verified.transaction
            let hash = try item.text("hash")
            #expect(verified.hash.hex == hash, "\(name)")
            let sender = try item.bytes("sender")
            #expect(verified.sender.bytes == sender, "\(name)")
            #expect(transaction.kind.rawValue == item["type"] as? UInt8, "\(name)")
            #expect(transaction.chainID == chainID, "\(name)")
            let texts = [
                ("nonce", String(transaction.nonce)), ("gas", String(transaction.gasLimit)),
                ("value", String(transaction.value)),
                ("maxFee", String(transaction.maxFeePerGas)),
                ("maxPriority", String(transaction.maxPriorityFeePerGas)),
                ("data", "0x" + Hex.encode(transaction.data)),
            ]
            for (field, text) in texts {
                let expected = try item.text(field)
                #expect(text == expected, "\(field) of \(name)")
            }
            let to = (item["to"] as? String).flatMap { Address(hex: $0) }
            #expect(transaction.to == to, "\(name)")
            let entries = try item.objects("accessList").map { entry in
                AccessListEntry(
                    address: try #require(Address(entry.bytes("address"))),
                    keys: try #require(entry["keys"] as? [String]).compactMap { Hash32(hex: $0) })
            }
            #expect(transaction.accessList == entries, "\(name)")

            #expect(transaction.raw == raw, "\(name)")
            #expect(transaction.hash == verified.hash, "\(name)")
            #expect(transaction.recoverSender() == verified.sender, "\(name)")
            let key = try #require(PrivateKey(item.bytes("key")))
            var unsigned = transaction
            unsigned.signature = nil
            #expect(unsigned.raw == nil, "\(name)")
            #expect(unsigned.sign(with: key) == raw, "\(name)")
        }
    }

    /// Golden bytes: a change here is another ledger.
    @Test func `the worked examples of the format's page hold`() throws {
        var payment = Transaction(
            chainID: 3355, nonce: 7, maxFeePerGas: 1_000_000_000, gasLimit: 21000,
            to: Address(hex: String(repeating: "35", count: 20)), value: 1_000_000_000_000_000_000)
        #expect(
            payment.signingHash.hex
                == "0xe1fbc4a68fd7788eff79b42792c408c051ede207f63b25773ae38e0cc3fb49d1")
        let raw = payment.sign(with: Self.key)
        #expect(
            Hex.encode(raw)
                == "02f870820d1b0780843b9aca00825208943535353535353535353535353535353535353535"
                + "880de0b6b3a764000080c080"
                + "a07a5197b5104f946c8e74fbae53d45ab524f485d64086e752a04319f2c067ad1a"
                + "a074de175ab84ee9b0e03234dabd257128234a81411cc3b6c04ae7b97884a05875")
        #expect(
            Keccak256.hash(raw).hex
                == "0x1b1e7c585f5dd0ad04a601a61f96274d937d2986e075c3662a46b8df66aa13e6")
        payment.kind = .legacy
        #expect(
            Hex.encode(payment.sign(with: Self.key))
                == "f86d07843b9aca00825208943535353535353535353535353535353535353535"
                + "880de0b6b3a764000080821a59"
                + "a0cf4238976afb5420965de88c4a1639568170d25e1eb854be57f00724e85d4532"
                + "a074216b154edac15dbfeace46ae5e7b5aba126d2d2ce1b4a0b18392e566820879")
    }

    @Test func `data is a view into the raw bytes`() throws {
        let raw = Self.transfer(data: [UInt8](repeating: 9, count: 1000)).sign(with: Self.key)
        let decoded = try Transaction.decode(raw)
        let inside = raw.withUnsafeBytes { whole in
            decoded.data.withUnsafeBytes { part -> Bool in
                guard let part = part.baseAddress, let whole = whole.baseAddress else {
                    return false
                }
                return part > whole && part < whole + raw.count
            }
        }
        #expect(inside)
    }

    @Test func `a slice from the middle of a block decodes alike`() throws {
        for kind in [Transaction.Kind.legacy, .accessList, .dynamicFee] {
            let raw = Self.transfer(kind, data: [1, 2, 3]).sign(with: Self.key)
            let block = [1, 2, 3] + raw + [4]
            #expect(try Transaction.decode(block[3..<(3 + raw.count)]) == Transaction.decode(raw))
        }
    }

    @Test(arguments: [UInt64(0), 1, 127, 128, 255, 256, 1 << 32, .max])
    func `chain ids of every length sign and recover in every kind`(chainID: UInt64) throws {
        for kind in [Transaction.Kind.legacy, .accessList, .dynamicFee] {
            var transaction = Self.transfer(kind)
            transaction.chainID = chainID
            let raw = transaction.sign(with: Self.key)
            let verified = try VerifiedTransaction.verify(raw, chainID: chainID)
            #expect(verified.sender == Self.key.address)
            #expect(verified.transaction.recoverSender() == Self.key.address)
            #expect(verified.transaction.chainID == chainID)
        }
    }

    @Test func `a contract creation is decoded`() throws {
        let raw = Self.transfer(to: nil).sign(with: Self.key)
        #expect(try VerifiedTransaction.verify(raw, chainID: Self.chainID).transaction.to == nil)
    }

    @Test func `the size limit comes before everything else`() throws {
        let over = [UInt8](repeating: 0xff, count: Transaction.maximumBytes + 1)
        #expect(throws: TransactionFault.tooLarge(bytes: over.count)) {
            try VerifiedTransaction.verify(over, chainID: Self.chainID)
        }
        let overhead = Self.transfer(data: [UInt8](repeating: 1, count: 500_000)).sign(
            with: Self.key)
        let room = Transaction.maximumBytes - overhead.count
        let largest = Self.transfer(data: [UInt8](repeating: 1, count: 500_000 + room))
        let raw = largest.sign(with: Self.key)
        #expect(raw.count == Transaction.maximumBytes)
        #expect(throws: Never.self) { try VerifiedTransaction.verify(raw, chainID: Self.chainID) }
    }

    @Test func `what is no transaction gets its own answer`() throws {
        func fault(_ bytes: [UInt8]) -> TransactionFault? {
            do throws(TransactionFault) {
                _ = try VerifiedTransaction.verify(bytes, chainID: Self.chainID)
                return nil
            } catch { return error }
        }
        let raw = Self.transfer().sign(with: Self.key)
        #expect(fault([]) == .malformed(DecodingFault("there are no bytes")))
        #expect(fault([0]) == .unknownType(0))
        #expect(fault([3] + raw.dropFirst()) == .unknownType(3))
        #expect(fault([4] + raw.dropFirst()) == .unknownType(4))
        #expect(fault([0x7f]) == .unknownType(0x7f))
        #expect(fault([0x80]) == .malformed(DecodingFault("begins with neither a type nor a list")))
        #expect(fault([0xff]) == .malformed(DecodingFault("the transaction is cut off")))
        #expect(
            fault(raw + [0])
                == .malformed(
                    DecodingFault(
                        "the transaction is followed by 1 bytes too many", at: raw.count)))
        for cut in raw.indices.dropFirst(2) {
            guard case .malformed = fault(Array(raw[..<cut])) else {
                Issue.record("cut to \(cut) bytes")
                continue
            }
        }
        var other = Self.transfer()
        other.chainID = 1
        #expect(
            fault(other.sign(with: Self.key)) == .wrongChain(expected: Self.chainID, given: 1))
        var greedy = Self.transfer()
        greedy.maxPriorityFeePerGas = greedy.maxFeePerGas + 1
        #expect(fault(greedy.sign(with: Self.key)) == .priorityAboveMaximum)
        greedy.nonce = .max
        #expect(
            fault(greedy.sign(with: Self.key))
                == .malformed(DecodingFault("nonce must be below 2^64 - 1", at: 6)))
    }

    @Test func `amounts of 2^128 are named`() throws {
        let large = RLP.Value.bytes([1] + [UInt8](repeating: 0, count: 16))
        let huge = RLP.Value.bytes([UInt8](repeating: 255, count: 33))
        for (kind, index, field) in [
            (Transaction.Kind.legacy, 1, "gasPrice"), (.legacy, 4, "value"),
            (.accessList, 2, "gasPrice"), (.accessList, 5, "value"),
            (.dynamicFee, 2, "maxPriorityFeePerGas"), (.dynamicFee, 3, "maxFeePerGas"),
            (.dynamicFee, 6, "value"),
        ] {
            var items = try Self.items(Self.transfer(kind).sign(with: Self.key))
            items[index] = large
            #expect(throws: TransactionFault.amountTooLarge(field: field)) {
                try VerifiedTransaction.verify(Self.raw(kind, items), chainID: Self.chainID)
            }
            #expect(throws: DecodingFault.self) { try Transaction.decode(Self.raw(kind, items)) }
            items[index] = huge
            #expect(throws: (any Error).self) {
                try VerifiedTransaction.verify(Self.raw(kind, items), chainID: Self.chainID)
            }
        }
    }

    @Test func `signatures before EIP-155 are refused`() throws {
        var items = try Self.items(Self.transfer(.legacy).sign(with: Self.key))
        for v: UInt64 in [27, 28] {
            items[6] = .number(v)
            #expect(throws: TransactionFault.noChainID) {
                try VerifiedTransaction.verify(Self.raw(.legacy, items), chainID: Self.chainID)
            }
        }
        for v in [
            .number(0), .number(29), .number(34),
            RLP.Value.bytes([3] + Array(repeating: 0, count: 8)),
        ] {
            items[6] = v
            #expect(throws: DecodingFault.self) { try Transaction.decode(Self.raw(.legacy, items)) }
        }
    }

    @Test func `a twin signature, a foreign parity and a zero are refused`() throws {
        let raw = Self.transfer().sign(with: Self.key)
        let items = try Self.items(raw)
        func fault(_ index: Int, _ value: RLP.Value) -> TransactionFault? {
            var changed = items
            changed[index] = value
            do throws(TransactionFault) {
                let bytes = Self.raw(.dynamicFee, changed)
                let verified = try VerifiedTransaction.verify(bytes, chainID: Self.chainID)
                // The other parity gives another sender, or none: never the signer.
                #expect(verified.sender != Self.key.address)
                return nil
            } catch { return error }
        }
        var half = Secp256k1.halfOrder.bytes
        half[31] += 1
        #expect(fault(11, .bytes(half)) == .highS)
        #expect(fault(11, .bytes(Secp256k1.order.bytes)) == .badSignature)
        #expect(fault(11, .bytes([])) == .badSignature)
        #expect(fault(10, .bytes([])) == .badSignature)
        #expect(fault(10, .bytes(Secp256k1.order.bytes)) == .badSignature)
        #expect(fault(10, .bytes([5])) == .badSignature)
        #expect(
            fault(9, .number(2))
                == .malformed(DecodingFault("yParity must be 0 or 1", at: 40)))
        guard case .bytes(let parity) = items[9] else { return }
        _ = fault(9, .number(parity.isEmpty ? 1 : 0))
    }

    @Test func `access lists are bounded`() throws {
        var transaction = Self.transfer(.accessList)
        let key = Hash32(0, 0, 0, 1)
        func decodes() -> Bool {
            (try? Transaction.decode(transaction.sign(with: Self.key))) != nil
        }
        let entry = AccessListEntry(address: .contract(1), keys: [key])
        transaction.accessList = Array(
            repeating: entry, count: Transaction.maximumAccessListEntries)
        #expect(decodes())
        transaction.accessList.append(entry)
        #expect(!decodes())
        transaction.accessList = [
            AccessListEntry(
                address: .contract(1),
                keys: Array(repeating: key, count: Transaction.maximumAccessListKeys))
        ]
        #expect(decodes())
        transaction.accessList[0].keys.append(key)
        #expect(!decodes())
    }

    @Test func `faults say what to do`() {
        #expect(
            TransactionFault.wrongChain(expected: 3355, given: 1).description
                == "the transaction is signed for chain 1; this is chain 3355")
        #expect(
            TransactionFault.unknownType(4).description
                == "transactions of type 4 are not taken: send type 0 with a chain id, 1 or 2")
    }
}
