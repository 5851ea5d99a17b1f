import Ledger
import Threads

/// What receipts and logs of a block need beyond its bytes, worked out once.
final class BlockDigest: Sendable {
    /// The block.
    let block: StoredBlock
    /// The gas used up to and with each record.
    private let gas: [UInt64]
    /// For each record the index in the block of its first log; behind them the number of all logs.
    private let firstLogs: [UInt32]
    private let knownBloom = Locked<[UInt8]?>(nil)

    /// - Throws: ``DecodingFault`` if the stored bytes are damaged.
    init(_ block: StoredBlock) throws(DecodingFault) {
        self.block = block
        let count = block.transactions.count + 1
        var gas: [UInt64] = []
        var firstLogs: [UInt32] = []
        gas.reserveCapacity(count)
        firstLogs.reserveCapacity(count + 1)
        var used: UInt64 = 0
        var logs: UInt32 = 0
        for index in 0..<count {
            let record = try block.record(index)
            used &+= record.gasUsed
            gas.append(used)
            firstLogs.append(logs)
            logs &+= UInt32(EffectLogs.count(of: record.effects))
        }
        firstLogs.append(logs)
        self.gas = gas
        self.firstLogs = firstLogs
    }

    /// The index of the record of what the block did itself: timers and continued cascades.
    var systemIndex: Int { block.transactions.count }

    /// The gas used by the transactions up to and with one.
    func cumulativeGas(_ index: Int) -> UInt64 { gas[index] }

    /// The indices in the block of a record's logs.
    func logs(_ index: Int) -> Range<Int> { Int(firstLogs[index])..<Int(firstLogs[index + 1]) }

    /// A record; the index after the last transaction's is the block's own.
    func record(_ index: Int) throws(DecodingFault) -> Record { try block.record(index) }

    /// The name under which a record's receipt is known: the transaction's hash; for what the block did
    /// itself the block's.
    func hash(_ index: Int) -> Hash32 {
        index < systemIndex ? Keccak256.hash(block.transaction(index)) : block.hash
    }

    /// The filter over all logs of the block.
    func bloom() throws(DecodingFault) -> [UInt8] {
        if let known = knownBloom.with({ $0 }) { return known }
        var bloom = LogBloom()
        for index in 0...systemIndex {
            for (tag, payload) in EffectReader(try record(index).effects) {
                for log in EffectLogs.logs(tag: tag, payload: payload) { bloom.add(log) }
            }
        }
        knownBloom.with { $0 = bloom.bytes }
        return bloom.bytes
    }
}

/// Digests of the blocks that were asked for last, up to so many bytes of blocks.
final class BlockDigests: Sendable {
    private struct Contents {
        var byHash: [Hash32: BlockDigest] = [:]
        var order: [Hash32] = []
        var bytes = 0
    }

    private let contents = Locked(Contents())
    private let byteLimit: Int

    init(byteLimit: Int = 64 << 20) { self.byteLimit = byteLimit }

    /// The digest of a block.
    /// - Throws: ``DecodingFault`` if the stored bytes are damaged.
    func digest(of block: StoredBlock) throws(DecodingFault) -> BlockDigest {
        if let known = contents.with({ $0.byHash[block.hash] }) { return known }
        let digest = try BlockDigest(block)
        contents.with { contents in
            guard contents.byHash.updateValue(digest, forKey: block.hash) == nil else { return }
            contents.order.append(block.hash)
            contents.bytes += block.bytes.count
            while contents.bytes > byteLimit, contents.order.count > 1 {
                let oldest = contents.byHash.removeValue(forKey: contents.order.removeFirst())
                contents.bytes -= oldest?.block.bytes.count ?? 0
            }
        }
        return digest
    }
}
