import JSON
import Ledger
import Tokens

/// Transactions as Ethereum tools read them.
struct TransactionObject {
    /// The block that it is in.
    let digest: BlockDigest
    /// Its place there; the index after the last stands for what the block did itself.
    let index: Int
    /// The ledger's.
    let chainID: UInt64

    /// Writes the transaction.
    func write(to writer: inout JSONWriter) throws(DecodingFault) {
        guard index < digest.systemIndex else { return writeSystem(to: &writer) }
        let transaction = try Transaction.decode(digest.block.transaction(index))
        let sender = try digest.sender(index)
        writer.object { writer in
            writePlace(to: &writer)
            // What the signature covers, so that it can be checked from these fields.
            let price =
                transaction.kind == .dynamicFee
                ? digest.block.header.gasPrice : transaction.maxFeePerGas
            Self.write(
                transaction, hash: digest.hash(index), from: sender, price: price, to: &writer)
        }
    }

    /// Writes a transaction that waits to be ordered.
    static func write(pending verified: VerifiedTransaction, to writer: inout JSONWriter) {
        writer.object { writer in
            for name in ["blockHash", "blockNumber", "blockTimestamp", "transactionIndex"] {
                writer.key(name)
                writer.null()
            }
            write(
                verified.transaction, hash: verified.hash, from: verified.sender,
                price: verified.transaction.maxFeePerGas, to: &writer)
        }
    }

    private func writePlace(to writer: inout JSONWriter) {
        writer.member("blockHash", hash: digest.block.hash)
        writer.member("blockNumber", quantity: digest.block.header.height)
        writer.member("blockTimestamp", quantity: digest.block.header.timeMillis / 1000)
        writer.member("transactionIndex", quantity: UInt64(index))
    }

    /// What a block did itself, in the form of a transaction from nobody.
    private func writeSystem(to writer: inout JSONWriter) {
        writer.object { writer in
            writePlace(to: &writer)
            writer.member("hash", hash: digest.block.hash)
            writer.member("from", address: .zero)
            writer.member("to", address: .orders)
            writer.member("chainId", quantity: chainID)
            for name in ["type", "gas", "gasPrice", "value", "nonce", "v", "r", "s"] {
                writer.member(name, quantity: 0 as UInt64)
            }
            writer.member("input", data: [UInt8]())
            writer.member("system", bool: true)
        }
    }

    private static func write(
        _ transaction: Transaction, hash: Hash32, from: Address, price: UInt128,
        to writer: inout JSONWriter
    ) {
        writer.member("hash", hash: hash)
        writer.member("type", quantity: UInt64(transaction.kind.rawValue))
        writer.member("chainId", quantity: transaction.chainID)
        writer.member("nonce", quantity: transaction.nonce)
        writer.member("from", address: from)
        writer.member("to", address: transaction.to)
        writer.member("value", quantity: transaction.value)
        writer.member("gas", quantity: transaction.gasLimit)
        writer.member("gasPrice", quantity: price)
        if transaction.kind == .dynamicFee {
            writer.member("maxFeePerGas", quantity: transaction.maxFeePerGas)
            writer.member("maxPriorityFeePerGas", quantity: transaction.maxPriorityFeePerGas)
        }
        writer.member("input", data: transaction.data)
        if transaction.kind != .legacy {
            writer.key("accessList")
            writer.array(of: transaction.accessList) { writer, entry in
                writer.object { writer in
                    writer.member("address", address: entry.address)
                    writer.key("storageKeys")
                    writer.array(of: entry.keys) { $0.hash($1) }
                }
            }
        }
        guard let signature = transaction.signature else { return }
        let parity = UInt128(signature.yParity)
        if transaction.kind == .legacy {
            writer.member("v", quantity: UInt128(transaction.chainID) * 2 + 35 + parity)
        } else {
            writer.member("v", quantity: parity)
            writer.member("yParity", quantity: parity)
        }
        writer.key("r")
        writer.quantity(signature.r)
        writer.key("s")
        writer.quantity(signature.s)
    }
}

extension BlockDigest {
    /// Who sent a transaction; the zero address for what the block did itself.
    func sender(_ index: Int) throws(DecodingFault) -> Address {
        guard index < systemIndex else { return .zero }
        let record = try record(index)
        if record.feePayer == nil, record.gasUsed > 0, block.header.gasPrice > 0,
            let payer = Self.feePayer(record.effects)
        {
            return payer
        }
        return try Transaction.decode(block.transaction(index)).recoverSender() ?? .zero
    }

    /// Who paid the fee, by the effect that is a record's last whenever there was one.
    ///
    /// Where nobody else paid that is the sender, and recovering it from the signature, the dearest step
    /// of all, is spared.
    private static func feePayer(_ effects: ArraySlice<UInt8>) -> Address? {
        let frame = effects.suffix(41)
        guard frame.count == 41, frame.first == TokenEffectTag.fee,
            frame[frame.startIndex + 4] == 36,
            case .fee(let payer, _) = try? TokenEffect(
                tag: TokenEffectTag.fee, payload: frame.dropFirst(5))
        else { return nil }
        return payer
    }
}
