extension StoredBlock {
    /// Checks that everything in the block is what its header commits to: for blocks from elsewhere, of
    /// which only the header's hash is known to be right.
    ///
    /// The heights at which cells were written before are in no root. They are checked to be below the
    /// block's own, so that a walk along them ends.
    ///
    /// - Throws: ``DecodingFault`` that names the part which does not fit.
    public func check() throws(DecodingFault) {
        if header.height > 0 {
            let body = try Body(decoding: Array(body))
            guard body.hash == header.body, body.height == header.height,
                body.timeMillis == header.timeMillis, body.leader == header.leader
            else { throw DecodingFault("the body is not the header's") }
        } else if !body.isEmpty {
            throw DecodingFault("genesis has no body")
        }
        guard Int(header.transactionCount) == transactions.count,
            MerkleTree.root(
                of: transactions.indices.map {
                    MerkleTree.leaf(Keccak256.hash(transaction($0)))
                }) == header.transactionsRoot
        else { throw DecodingFault("the transactions are not the header's") }
        guard
            MerkleTree.root(
                of: (0...transactions.count).map { MerkleTree.leaf(recordBytes($0)) })
                == header.recordsRoot
        else { throw DecodingFault("the records are not the header's") }
        let changes = try changes()
        guard changes.merkleRoot() == header.changesRoot else {
            throw DecodingFault("the changes are not the header's")
        }
        guard changes.cells.allSatisfy({ $0.previous < max(header.height, 1) }) else {
            throw DecodingFault("a cell was written before at a later height")
        }
        // What is left over belongs to nothing, and would make two blocks of one.
        var ends: [Int] = []
        var records: [UInt8] = []
        for index in 0...transactions.count {
            records += recordBytes(index)
            ends.append(records.count)
        }
        let plain = StoredBlock.encode(
            header: header, body: Array(body), records: records, recordEnds: ends,
            changes: changes)
        guard plain == bytes else {
            throw DecodingFault("the block is not encoded as every node encodes it")
        }
    }
}
