import Execution
import Foundation
import Ledger
import TestSupport
import Testing
import Tokens

@testable import Auditing
@testable import Storage

struct AuditTests {
    private let temporary = TemporaryFolder()
    private var data: String { temporary.file("data") }

    private func audit(
        isFromCheckpoint: Bool = false, genesis: Genesis = TestLedger.genesis, flush: Int = 250_000
    ) throws -> AuditReport {
        try audit(
            FolderLedger(path: data, identity: TestLedger.identity),
            isFromCheckpoint: isFromCheckpoint, genesis: genesis, flush: flush)
    }

    private func audit(
        _ ledger: any AuditedLedger, isFromCheckpoint: Bool = false,
        genesis: Genesis = TestLedger.genesis, flush: Int = 250_000
    ) throws -> AuditReport {
        var options = LedgerAudit.Options(scratch: temporary.file("scratch"))
        options.isFromCheckpoint = isFromCheckpoint
        options.flushRecords = flush
        defer { try? FileManager.default.removeItem(atPath: options.scratch) }
        return try LedgerAudit.run(ledger, genesis: genesis, options)
    }

    /// Lets `body` change the blocks behind the store's back.
    private func changeBlocks(_ body: (LevelDB) throws -> Void) throws {
        try body(try LevelDB(path: data + "/history/blocks"))
    }

    private func changeBlock(
        _ height: UInt64, _ part: HistoryKey.Part = .bytes, _ change: (inout [UInt8]) throws -> Void
    ) throws {
        try changeBlocks { store in
            var bytes = try #require(try store.value(HistoryKey.block(height, part)))
            try change(&bytes)
            var batch = WriteBatch()
            batch.put(HistoryKey.block(height, part), bytes)
            try store.write(batch, sync: true)
        }
    }

    private func changeState(_ body: (LevelDB, inout WriteBatch) throws -> Void) throws {
        let store = try LevelDB(path: data + "/state")
        var batch = WriteBatch()
        try body(store, &batch)
        try store.write(batch, sync: true)
    }

    // MARK: Right ledgers

    @Test(arguments: [1, 250_000])
    func `a ledger on which nothing was changed is right`(flush: Int) throws {
        try TestLedger.make(in: data)
        let report = try audit(flush: flush)
        #expect(report.finding == nil)
        #expect(report.start == 0 && report.last == 33)
        #expect(report.blocks == 33)
        #expect(report.transactions > 40)
        #expect(report.certificates == 29 && report.lastCertified == 33)
        #expect(report.stateHeight == 31)
        #expect(report.stateEntries > 0)
        #expect(report.checkpoints == 3)
        #expect(report.areSumsChecked)
    }

    @Test func `an audit from a checkpoint comes to the same end`() throws {
        try TestLedger.make(in: data)
        // A folder with the name of a height that no ledger comes to is no reason to stop.
        try FileManager.default.copyItem(
            atPath: data + "/checkpoints/00000000000000000020",
            toPath: data + "/checkpoints/\(UInt64.max)")
        let report = try audit(isFromCheckpoint: true)
        #expect(report.finding == nil)
        // The one of block 30 is certified by block 35, which there is not.
        #expect(report.start == 20 && report.last == 33)
        #expect(report.blocks == 13)
        #expect(report.stateHeight == 31)
        #expect(report.areSumsChecked)
    }

    @Test func `a pruned ledger is audited from a checkpoint only`() throws {
        try TestLedger.make(in: data)
        do {
            let history = try HistoryStore(
                path: data + "/history", identity: TestLedger.identity)
            try history.prune(below: 20, keeping: [8])
        }
        let fault = #expect(throws: AuditFault.self) { _ = try audit() }
        #expect(fault?.description.contains("its blocks begin with 20") == true)
        #expect(try audit(isFromCheckpoint: true).finding == nil)
        // Without the block that changed the banks nobody can tell who certified.
        try changeBlocks { store in
            var batch = WriteBatch()
            batch.delete(HistoryKey.kept(8, .bytes))
            try store.write(batch, sync: true)
        }
        try finds(8, "it changed the banks and is not there", from: true)
    }

    @Test(arguments: [UInt64(8), 22])
    func `a change of the banks counts only if the banks before certified it`(height: UInt64)
        throws
    {
        try TestLedger.make(in: data)
        #expect(try audit().finding == nil)
        var own: [UInt8] = []
        try changeBlock(height, .certificate) { bytes in
            own = bytes
            bytes[50] ^= 1
        }
        try finds(height, "certificate", from: true)
        try finds(height, "certificate")
        try changeBlocks { store in
            var batch = WriteBatch()
            batch.delete(HistoryKey.block(height, .certificate))
            try store.write(batch, sync: true)
        }
        try finds(height, "has no certificate", from: true)
        // For one who executes everything the headers' chain is enough.
        #expect(try audit().finding == nil)
        #expect(!own.isEmpty)
    }

    @Test func `a backup is audited as the folder that it was made of`() throws {
        try TestLedger.make(in: data)
        let path = temporary.file("backup")
        do {
            let folder = try DataFolder(path: data)
            let state = try StateStore(path: folder.statePath, identity: TestLedger.identity)
            let history = try HistoryStore(
                path: folder.historyPath, identity: TestLedger.identity)
            _ = try BackupWriter.write(
                BackupSource(
                    identity: TestLedger.identity, nodeID: 1, term: 1, timeMillis: 0, genesis: [],
                    state: state.snapshot(), history: history.snapshot()), to: path,
                CheckpointControl(share: 100))
        }
        let report = try audit(BackupLedger(try Backup(path: path)))
        #expect(report.finding == nil)
        #expect(report.last == 31 && report.stateHeight == 31 && report.areSumsChecked)
        let fault = #expect(throws: AuditFault.self) {
            _ = try audit(BackupLedger(try Backup(path: path)), isFromCheckpoint: true)
        }
        #expect(fault?.description.contains("no checkpoint") == true)
    }

    @Test func `a folder in use, of another ledger or without data is refused`() throws {
        try TestLedger.make(in: data, blocks: 2, stored: 2)
        var genesis = TestLedger.genesis
        genesis.timeMillis += 1
        #expect(throws: AuditFault.self) { _ = try audit(genesis: genesis) }
        #expect(throws: StoreFault.self) {
            _ = try FolderLedger(
                path: data, identity: StoreIdentity(chainID: 1, genesisHash: genesis.hash))
        }
        let fault = #expect(throws: StoreFault.self) {
            _ = try FolderLedger(path: temporary.file("none"), identity: TestLedger.identity)
        }
        #expect(fault?.kind == .denied)
        #expect(!FileManager.default.fileExists(atPath: temporary.file("none")))
        let lock = try DataFolder(path: data)
        let locked = #expect(throws: StoreFault.self) {
            _ = try FolderLedger(path: lock.path, identity: TestLedger.identity)
        }
        #expect(locked?.kind == .locked)
    }

    // MARK: Changed ones

    private func finds(_ height: UInt64, _ words: String, from checkpoint: Bool = false) throws {
        let finding = try audit(isFromCheckpoint: checkpoint).finding
        #expect(finding?.height == height, "\(String(describing: finding))")
        #expect(finding?.what.contains(words) == true, "\(String(describing: finding))")
    }

    @Test func `a block that is wrong anywhere is found, whichever byte it is`() throws {
        try TestLedger.make(in: data, blocks: 14, stored: 14)
        var generator = SeededNumbers(seed: 17)
        for height in [0, 1, 3, 12, 14] as [UInt64] {
            for _ in 0..<12 {
                var offset = 0
                var bit: UInt8 = 0
                func flip(_ bytes: inout [UInt8]) {
                    if bit == 0 {
                        offset = Int.random(in: bytes.indices, using: &generator)
                        bit = 1 << UInt8.random(in: 0...7, using: &generator)
                    }
                    bytes[offset] ^= bit
                }
                try changeBlock(height) { flip(&$0) }
                let finding = try audit().finding
                #expect(finding?.height == height, "byte \(offset) of block \(height)")
                try changeBlock(height) { flip(&$0) }
            }
        }
        #expect(try audit().finding == nil)
    }

    /// Changes the header and everything that is kept to find it by, as a forger would.
    private func forge(_ height: UInt64, _ change: (inout Header) -> Void) throws {
        var hash = Hash32.zero
        try changeBlock(height) { bytes in
            let block = try StoredBlock(decoding: bytes)
            var header = block.header
            change(&header)
            hash = header.hash
            bytes.replaceSubrange(1..<(1 + Header.byteCount), with: header.bytes)
        }
        try changeBlock(height, .hash) { $0 = hash.bytes }
    }

    @Test func `each field of a header is executed again`() throws {
        let fields: [(String, WritableKeyPath<Header, Hash32>)] = [
            ("follows a header", \.parent), ("hash of the body", \.body),
            ("root of the transactions", \.transactionsRoot),
            ("root of the records", \.recordsRoot), ("root of the changes", \.changesRoot),
            ("state hash", \.stateHash), ("hash of the set of banks", \.banks),
            ("root of the certified checkpoint", \.checkpointRoot),
        ]
        try TestLedger.make(in: data, blocks: 15, stored: 15)
        for (words, field) in fields {
            let height: UInt64 = 15
            var old = Hash32.zero
            try forge(height) { header in
                old = header[keyPath: field]
                header[keyPath: field] = Hash32(1, 2, 3, 4)
            }
            try finds(height, words)
            try forge(height) { $0[keyPath: field] = old }
        }
        let numbers: [(String, (inout Header) -> Void, (inout Header) -> Void)] = [
            ("gas used", { $0.gasUsed += 1 }, { $0.gasUsed -= 1 }),
            ("gas limit", { $0.gasLimit += 1 }, { $0.gasLimit -= 1 }),
            ("gas price", { $0.gasPrice += 1 }, { $0.gasPrice -= 1 }),
            ("the time", { $0.timeMillis += 1 }, { $0.timeMillis -= 1 }),
            ("checkpoint", { $0.checkpointHeight += 1 }, { $0.checkpointHeight -= 1 }),
        ]
        for (words, change, back) in numbers {
            try forge(15, change)
            try finds(15, words)
            try forge(15, back)
        }
        #expect(try audit().finding == nil)
    }

    @Test func `what a block keeps beside its header is compared too`() throws {
        try TestLedger.make(in: data, blocks: 14, stored: 14)
        // The height at which a cell was written before is in no root.
        try changeBlock(14) { bytes in
            let block = try StoredBlock(decoding: bytes)
            var changes = try block.changes()
            let cell = changes.cells[0]
            changes.cells[0] = CellChange(
                key: cell.key, cell: cell.cell, previous: cell.previous == 7 ? 8 : 7)
            bytes = StoredBlock.encode(
                header: block.header, body: Array(block.body),
                records: (0...block.transactions.count).flatMap { block.recordBytes($0) },
                recordEnds: (0...block.transactions.count).reduce(into: []) { ends, index in
                    ends.append((ends.last ?? 0) + block.recordBytes(index).count)
                }, changes: changes)
        }
        try finds(14, "was written before in block")
    }

    @Test func `a certificate that does not certify its block is found`() throws {
        try TestLedger.make(in: data, blocks: 14, stored: 14)
        var other: [UInt8] = []
        try changeBlock(9, .certificate) { other = $0 }
        var own: [UInt8] = []
        try changeBlock(10, .certificate) { bytes in
            own = bytes
            bytes = other
        }
        try finds(10, "certificate is not valid: certificate: it is about another block 10")
        try changeBlock(10, .certificate) { $0 = own.dropLast(65) }
        try finds(10, "certificate is not valid")
        try changeBlock(10, .certificate) { bytes in
            bytes = own
            bytes[60] ^= 1
        }
        try finds(10, "certificate is not valid")
        try changeBlock(10, .certificate) { $0 = own }
        #expect(try audit().finding == nil)
    }

    @Test func `an entry of the state that is changed, lost or made up is found`() throws {
        try TestLedger.make(in: data, blocks: 14, stored: 13)
        let account = TestLedger.keys[3].address
        let key = TokenID.dip.balanceKey(account).bytes
        func restoring(_ words: String, _ change: (inout WriteBatch, [UInt8]) -> Void) throws {
            var old: [UInt8] = []
            try changeState { store, batch in
                old = try #require(try store.value(key))
                change(&batch, old)
            }
            try finds(13, words)
            try changeState { _, batch in batch.put(key, old) }
        }
        try restoring("the cell of \(account) in space 0 is amount") { batch, old in
            var bytes = old
            bytes[3] ^= 1
            batch.put(key, bytes)
        }
        // The height of the last write alone.
        try restoring("written in block") { batch, old in
            var bytes = old
            bytes[31] ^= 1
            batch.put(key, bytes)
        }
        try restoring("the stored state lacks the cell of \(account)") { batch, _ in
            batch.delete(key)
        }
        try changeState { _, batch in batch.put([0x7F, 1], [1]) }
        try finds(13, "the stored state has object 7f01")
        try changeState { _, batch in batch.delete([0x7F, 1]) }
        try changeState { store, batch in
            var meta = try #require(try store.value(StateKey.meta))
            meta[70] ^= 1
            batch.put(StateKey.meta, meta)
        }
        try finds(13, "names another header or state hash")
    }

    /// A checkpoint that agrees with itself, of a state in which somebody has more.
    private func forgeCheckpoint(_ height: UInt64) throws {
        let folder = try CheckpointFolder(path: data + "/checkpoints")
        let checkpoint = try #require(try folder.checkpoint(at: height))
        let forged = temporary.file("forged")
        try StateStore.create(
            path: forged, identity: TestLedger.identity, meta: checkpoint.manifest.meta
        ) { filler throws(StoreFault) in
            try checkpoint.forEachEntry { key, value throws(StoreFault) in
                var bytes = Array(value)
                if key.elementsEqual(TokenID.dip.balanceKey(TestLedger.keys[3].address).bytes) {
                    bytes[15] &+= 1
                }
                var fault: StoreFault?
                bytes.withUnsafeBytes { bytes in
                    do throws(StoreFault) { try filler.put(key, bytes) } catch { fault = error }
                }
                if let fault { throw fault }
            }
        }
        try FileManager.default.removeItem(atPath: folder.path(of: height))
        let store = try StateStore(path: forged, identity: TestLedger.identity)
        _ = try folder.write(store.snapshot(), CheckpointControl(share: 100))
    }

    @Test func `a forged checkpoint is found, and nothing begins with it`() throws {
        try TestLedger.make(in: data)
        try forgeCheckpoint(20)
        try finds(20, "its checkpoint has root")
        try finds(25, "it certifies", from: true)
    }

    @Test func `a certificate that vouches for a checkpoint is checked before it is used`() throws {
        try TestLedger.make(in: data)
        try changeBlock(25, .certificate) { $0[100] ^= 1 }
        try finds(25, "certificate is not valid", from: true)
    }

    @Test func `copies of blocks that are kept for ever are compared`() throws {
        try TestLedger.make(in: data, blocks: 9, stored: 9)
        do {
            let history = try HistoryStore(
                path: data + "/history", identity: TestLedger.identity)
            let block = try #require(try history.keptOrStored(at: 5))
            try history.keep([block])
        }
        #expect(try audit().kept == 1)
        try changeBlocks { store in
            var batch = WriteBatch()
            batch.put(HistoryKey.kept(5, .bytes), [1])
            try store.write(batch, sync: true)
        }
        try finds(5, "the copy that is kept for ever is another")
    }

    @Test func `a block in the place of another is found`() throws {
        try TestLedger.make(in: data, blocks: 9, stored: 9)
        var other: [UInt8] = []
        try changeBlock(4) { other = $0 }
        try changeBlock(6) { $0 = other }
        try finds(6, "block 4 is stored in its place")
    }

    @Test func `progress is told, up to the end`() throws {
        try TestLedger.make(in: data)
        var steps: Set<String> = []
        let options = LedgerAudit.Options(scratch: temporary.file("scratch"))
        _ = try LedgerAudit.run(
            FolderLedger(path: data, identity: TestLedger.identity), genesis: TestLedger.genesis,
            options
        ) { progress in
            #expect(progress.height <= progress.tip)
            steps.insert(progress.step)
        }
        #expect(steps == ["executing", "hashing the state", "comparing the state", "adding up"])
    }
}
