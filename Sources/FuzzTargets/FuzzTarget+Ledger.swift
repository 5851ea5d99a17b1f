import Ledger

extension FuzzTarget {
    /// Encodings and blocks.
    static let ledger: [FuzzTarget] = [
        .canonical(
            "rlp", seeds: { [[0xc4, 0x01, 0x82, 0x04, 0x00], [0xc0], [0x83, 1, 2, 3]] }
        ) { RLP.encode(try RLP.decode($0)) },
        FuzzTarget("abi", seeds: { ABISample.seeds }) { (bytes) throws(FuzzFinding) in
            guard let first = bytes.first else { return }
            let types = ABISample.types[Int(first) % ABISample.types.count]
            let rest = Array(bytes.dropFirst())
            guard let values = try? ABIValue.decode(rest, as: types) else { return }
            guard ABIValue.encode(values, as: types) == rest else {
                throw FuzzFinding("abi: \(types) was taken and is written otherwise")
            }
        },
        .canonical("transaction", seeds: { [LedgerSamples.transaction] }) { bytes in
            _ = try? VerifiedTransaction.verify(bytes, chainID: LedgerSamples.chainID)
            return try Transaction.decode(bytes).raw ?? []
        },
        FuzzTarget("body", seeds: { [LedgerSamples.body] }) { (bytes) throws(FuzzFinding) in
            guard let body = try? Body(decoding: bytes) else { return }
            guard body.bytes == bytes else { throw FuzzFinding("body: other bytes were kept") }
            for vote in body.votes { _ = vote.signer(chainID: LedgerSamples.chainID) }
            _ = body.hash
        },
        FuzzTarget("block", seeds: { [LedgerSamples.block] }) { bytes in
            guard let block = try? StoredBlock(decoding: bytes) else { return }
            for index in 0...block.transactions.count { _ = try? block.record(index) }
            _ = try? block.changes()
        },
        .canonical("certificate", seeds: { [LedgerSamples.certificate] }) {
            try Certificate(decoding: $0).bytes
        },
        .canonical("banks", seeds: { [LedgerSamples.banks.bytes] }) {
            try BankSet(decoding: $0).bytes
        },
        .canonical("evidence", seeds: { [LedgerSamples.evidence] }) {
            try DoubleVote(decoding: $0).bytes
        },
    ]
}

/// Types that the contracts' arguments are made of, each with one encoding.
private enum ABISample {
    static let types: [[ABIType]] = [
        "f(address,uint256)", "f(bytes)", "f(string,bytes32[])", "f((address,bytes,uint256)[])",
        "f((uint16,address,uint256,uint8)[],(address[],uint8,uint64)[])", "f(int64,bool,bytes4)",
        "f(uint256[3],(bool,string)[2])",
    ].map { (try? ABIType.arguments(of: $0)) ?? [] }

    static var seeds: [[UInt8]] {
        let values: [[ABIValue]] = [
            [.address(.dip), .uint(5)], [.bytes([1, 2, 3])],
            [.string("order"), .list([.bytes([UInt8](repeating: 7, count: 32))])],
            [.list([.list([.address(.orders), .bytes([9]), .uint(0)])])],
        ]
        return zip(values.indices, values).compactMap { index, values in
            ABIValue.encode(values, as: types[index]).map { [UInt8(index)] + $0 }
        }
    }
}
