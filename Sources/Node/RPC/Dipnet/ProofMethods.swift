import Execution
import Gateway
import Glibc
import JSON
import Ledger
import Storage
import Tokens

/// Proofs for those who trust nothing but the genesis file.
extension RPCMethods {
    mutating func addProofs(_ context: RPCContext) {
        // On the threads of what takes long: a certificate that this node lacks is waited for.
        offloaded("dip_proof", isLong: true) { (request, writer) throws(RPCError) in
            let hash = try request.params().hash(0, "hash")
            guard let (digest, index) = try context.place(of: hash) else { return writer.null() }
            try context.receiptProof(of: digest.block, at: index).write(to: &writer)
        }
        offloaded("dip_balanceProof", isLong: true) { (request, writer) throws(RPCError) in
            let params = try request.params()
            let account = try params.address(0, "account")
            let token =
                params.find(1, "token") == nil
                ? .dip : try context.token(try params.address(1, "token")).id
            try context.balanceProof(of: account, in: token).write(to: &writer)
        }
    }
}

extension RPCContext {
    /// The proof of what happened at a place of a block.
    ///
    /// - Throws: -32000 while the block is not certified.
    fileprivate func receiptProof(
        of block: StoredBlock, at index: Int
    ) throws(RPCError) -> ProofDocument {
        let certified = try certified(block.header)
        let history = try bankHistory(below: block.header.height)
        guard
            let proof = ReceiptProof(
                of: block, at: index, certificate: certified.certificate, history: history)
        else { throw .internalError("block \(block.header.height) has no place \(index)") }
        return ProofDocument(.receipt(proof), of: node.genesis)
    }

    /// The proof of a balance in the newest certified checkpoint.
    ///
    /// - Throws: -32000 if there is none yet, or the account was not in it.
    fileprivate func balanceProof(
        of account: Address, in token: TokenID
    ) throws(RPCError) -> ProofDocument {
        let key = token.balanceKey(account).bytes
        let found = try Self.reading { () throws(StoreFault) in
            try node.checkpoints.entry(forKey: key, certified: node.certifiedHeight)
        }
        guard let (height, entry) = found else {
            let interval = node.genesis.checkpointInterval
            let when =
                interval == 0 ? "this ledger has none" : "one is due every \(interval) blocks"
            throw RPCError(
                code: -32000, message: "no state is certified here yet: \(when)")
        }
        let header = try existing(.height(height)).header
        guard let entry else {
            throw RPCError(
                code: -32000,
                message: "\(account) had nothing of the token at any time up to block "
                    + "\(header.checkpointHeight), which is the newest certified state here")
        }
        let proof = BalanceProof(
            key: entry.key, value: entry.value,
            branch: MerkleBranch(
                path: entry.path, index: entry.index, count: entry.leafCount),
            block: try certified(header), history: try bankHistory(below: height))
        return ProofDocument(.balance(proof), of: node.genesis)
    }

    /// A header with its certificate.
    private func certified(_ header: Header) throws(RPCError) -> CertifiedHeader {
        let height = header.height
        guard height > 0 else {
            throw RPCError(
                code: -32000,
                message: "block 0 is certified by nobody: the genesis file is its proof")
        }
        let bytes = try awaited { () throws(RPCError) -> Arrival<[UInt8]> in
            let bytes = try Self.reading { () throws(StoreFault) in
                try node.history.certificate(at: height)
            }
            return bytes.map { .there($0) } ?? (height > node.certifiedHeight ? .never : .soon)
        }
        if let bytes { return CertifiedHeader(header, try certificate(bytes)) }
        guard height > node.certifiedHeight else {
            throw RPCError(
                code: -32000,
                message: "this node does not have the certificate of block \(height); another may")
        }
        throw RPCError(
            code: -32000,
            message: "block \(height) is not certified yet; wait with dip_waitForReceipt and "
                + "\"certified\"")
    }

    /// The changes of the banks below a height, whose blocks are kept for ever.
    private func bankHistory(below height: UInt64) throws(RPCError) -> BankSetHistory {
        let heights = reading { $0.governance.bankChanges }.filter { $0 < height }
        var changes: [BankSetChange] = []
        for height in heights {
            let found = try awaited { () throws(RPCError) -> Arrival<(KeptBlock, [UInt8])> in
                let kept = try Self.reading { () throws(StoreFault) in
                    try node.history.keptOrStored(at: height)
                }
                guard let kept else { return .never }
                return kept.certificate.map { .there((kept, $0)) } ?? .soon
            }
            guard let (kept, bytes) = found else {
                throw RPCError(
                    code: -32000,
                    message: "this node lacks block \(height), in which the banks changed, or its "
                        + "certificate; another may have it")
            }
            let certificate = try certificate(bytes)
            changes.append(
                try Self.decoding { () throws(DecodingFault) in
                    try BankSetChange(of: try StoredBlock(decoding: kept.bytes), certificate)
                })
        }
        return BankSetHistory(changes)
    }

    /// How it stands with something on its way to the disk.
    private enum Arrival<Value> {
        case there(Value)
        case soon
        case never
    }

    /// Looks again for up to two seconds: what was certified this moment may not be on the disk yet, and a
    /// node that has just joined may be gathering certificates of older blocks.
    private func awaited<Value>(
        _ look: () throws(RPCError) -> Arrival<Value>
    ) throws(RPCError) -> Value? {
        for attempt in 0..<400 {
            switch try look() {
            case .there(let value): return value
            case .never: return nil
            case .soon: if attempt < 399 { usleep(5_000) }
            }
        }
        return nil
    }

    private func certificate(_ bytes: [UInt8]) throws(RPCError) -> Certificate {
        try Self.decoding { () throws(DecodingFault) in try Certificate(decoding: bytes) }
    }
}
