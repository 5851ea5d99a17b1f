import Foundation
import Ledger
import Synchronization
import TestSupport
import Testing

@testable import Storage

/// A node's stores with a chain of blocks, the state a few blocks behind.
private struct TestData {
    let state: StateStore
    let history: HistoryStore
    var blocks: [BlockRecord] = []

    init(path: String, blocks count: UInt64, first: UInt64 = 0) throws {
        try Files.makeFolder(path)
        state = try StateStore(path: path + "/state", identity: checkpointIdentity)
        history = try HistoryStore(path: path + "/history", identity: checkpointIdentity)
        var parent = Hash32.zero
        for height in first..<(first + count) {
            let bytes = TestBlock.stored(height: height) { $0.parent = parent }
            let block = try StoredBlock(decoding: bytes)
            parent = block.hash
            blocks.append(
                BlockRecord(
                    height: height, hash: block.hash, transactions: [Hash32(height, 5, 5, 5)],
                    logItems: [height, 77], bytes: bytes,
                    certificate: height % 2 == 0 ? [UInt8(height)] : nil))
        }
        try history.append(blocks, sync: true)
        try history.keep([KeptBlock(height: 1, bytes: [1, 1], certificate: [4])])
        try state.apply(
            StateChanges(
                cells: (0..<5000).map {
                    CellChange(
                        key: CellKey(
                            space: 1, address: Address(high: $0 &* 77, middle: $0, low: 1)),
                        cell: Cell(amount: UInt128($0), touched: 2), previous: 0)
                }, objects: [ObjectChange(key: [2, 2], value: [7])]),
            meta: try TestBlock.meta(blocks[blocks.count - 4]))
    }

    var source: BackupSource {
        get throws {
            BackupSource(
                identity: checkpointIdentity, nodeID: 3, term: 12, timeMillis: 1_700_000_000_000,
                genesis: Array("{}".utf8), state: try state.snapshot(),
                history: try history.snapshot())
        }
    }

    var height: UInt64 { blocks[blocks.count - 4].height }
}

struct BackupTests {
    private let temporary = TemporaryFolder()
    private var backup: String { temporary.file("backup") }
    private let control = CheckpointControl(share: 100)

    @discardableResult
    private func made(blocks: UInt64 = 20, first: UInt64 = 0) throws -> TestData {
        let data = try TestData(path: temporary.file("data"), blocks: blocks, first: first)
        let manifest = try BackupWriter.write(try data.source, to: backup, control)
        #expect(manifest?.meta == data.state.meta)
        return data
    }

    @Test(arguments: [UInt64(0), 7])
    func `what was backed up is restored, up to the state's block`(first: UInt64) throws {
        let data = try made(first: first)
        let backup = try Backup(path: backup)
        #expect(backup.manifest.first == first && backup.manifest.term == 12)
        #expect(backup.manifest.nodeID == 3)
        var readings: [(UInt64, UInt64)] = []
        try backup.verify { readings.append(($0, $1)) }
        #expect(readings.last.map { $0.0 <= $0.1 } == true)
        var blocks = backup.blocks
        for block in data.blocks.dropLast(3) {
            let read = try #require(try blocks.next())
            #expect(read.height == block.height && read.hash == block.hash)
            #expect(read.bytes == block.bytes && read.certificate == block.certificate)
        }
        #expect(try blocks.next() == nil)

        let path = temporary.file("restored")
        try backup.restore(to: path)
        let folder = try DataFolder(path: path)
        #expect(try folder.genesis() == Array("{}".utf8))
        #expect(
            try Files.read(folder.logPath + "/restored", atMost: 99) == [0, 0, 0, 0, 0, 0, 0, 12])
        #expect(try Files.names(in: folder.logPath) == ["restored"])
        let state = try StateStore(path: folder.statePath, identity: checkpointIdentity)
        #expect(state.meta == data.state.meta)
        #expect(try state.snapshot().entries() == data.state.snapshot().entries())
        let history = try HistoryStore(path: folder.historyPath, identity: checkpointIdentity)
        #expect(history.first == first && history.tip == data.height)
        for block in data.blocks.dropLast(3) {
            #expect(try history.block(at: block.height) == block.bytes)
            #expect(try history.certificate(at: block.height) == block.certificate)
            #expect(try history.height(ofBlock: block.hash) == block.height)
        }
        #expect(
            try history.blocks(matching: [[first + 3]], in: 0...99, limit: 9) == [first + 3])
        #expect(try history.kept(at: 1)?.certificate == [4])
        // The node goes on where the backup ended.
        try history.append(Array(data.blocks.suffix(3)), sync: true)
    }

    @Test func `blocks and state that come while it is made are not in it`() throws {
        let data = try TestData(path: temporary.file("data"), blocks: 20)
        let source = try data.source
        try data.history.prune(below: 10)
        try data.state.apply(
            StateChanges(objects: [ObjectChange(key: [2, 2], value: nil)]),
            meta: try TestBlock.meta(data.blocks[19]))
        let manifest = try #require(try BackupWriter.write(source, to: backup, control))
        #expect(manifest.meta.height == data.height && manifest.first == 0)
        try Backup(path: backup).verify()
    }

    @Test func `nothing is written over, neither by a backup nor by a restoration`() throws {
        let data = try made()
        let fault = #expect(throws: StoreFault.self) {
            try BackupWriter.write(try data.source, to: backup, control)
        }
        #expect(fault?.kind == .occupied)
        let path = temporary.file("full")
        try Files.makeFolder(path)
        try Files.replace(path + "/note", with: [])
        let refusal = #expect(throws: StoreFault.self) {
            try Backup(path: backup).restore(to: path)
        }
        #expect(refusal?.kind == .occupied)
        #expect(try Files.names(in: path) == ["note"])
        // What a node has that was stopped lies beside its lock.
        let stopped = temporary.file("stopped")
        _ = try DataFolder(path: stopped)
        let names = try Files.names(in: stopped)
        #expect(names.contains("node.lock") && names.contains("state"))
        let other = #expect(throws: StoreFault.self) {
            try Backup(path: backup).restore(to: stopped)
        }
        #expect(other?.kind == .occupied)
        #expect(try Files.names(in: stopped) == names)
    }

    @Test func `a cancelled backup leaves nothing`() throws {
        let data = try TestData(path: temporary.file("data"), blocks: 20)
        let control = CheckpointControl()
        control.cancel()
        #expect(try BackupWriter.write(try data.source, to: backup, control) == nil)
        #expect(try Files.names(in: temporary.path) == ["data"])
    }

    @Test func `a node without the block that its state stands on is not backed up`() throws {
        let data = try TestData(path: temporary.file("data"), blocks: 20)
        try data.state.apply(
            StateChanges(), meta: try TestBlock.meta(TestBlock.record(height: 50)))
        let fault = #expect(throws: StoreFault.self) {
            try BackupWriter.write(try data.source, to: backup, control)
        }
        #expect(fault?.kind == .corrupt)
    }

    @Test func `damage to any file of a backup is found before anything is restored`() throws {
        try made(blocks: 12)
        let files = [
            "manifest": 3, "genesis.json": 1, "state/manifest": 40, "state/data": 40_000,
            "history-000000": 500,
        ]
        for (name, step) in files {
            let path = backup + "/" + name
            let whole = try Files.read(path, atMost: 1 << 24)
            for offset in stride(from: 0, to: whole.count, by: step) {
                var bytes = whole
                bytes[offset] ^= 0x20
                try Data(bytes).write(to: URL(fileURLWithPath: path))
                let fault = #expect(throws: StoreFault.self, "\(name) \(offset)") {
                    try Backup(path: backup).verify()
                }
                #expect(fault?.kind == .corrupt)
            }
            for bytes in [whole.dropLast(), whole + [0]] {
                try Data(bytes).write(to: URL(fileURLWithPath: path))
                #expect(throws: StoreFault.self) { try Backup(path: backup).verify() }
            }
            try Data(whole).write(to: URL(fileURLWithPath: path))
        }
        try Backup(path: backup).verify()
        try Files.removeAll(backup + "/history-000000")
        #expect(throws: StoreFault.self) { try Backup(path: backup).verify() }
    }

    @Test func `a backup of another format is called that, and not corrupt`() throws {
        try made(blocks: 8)
        let manifest = backup + "/manifest"
        let whole = try Files.read(manifest, atMost: 1 << 24)
        for (digit, kind, word) in [
            ("1", .outdated, "an older version"), ("3", .unsupported, "a newer version"),
        ] as [(Character, StoreFault.Kind, String)] {
            // Nothing of it but its name is known: neither where its checksum is nor how long it was.
            for rest in [Array(whole.dropFirst(8)), Array(repeating: 7, count: 40), []] {
                try Data(Array("DIPNBAK\(digit)".utf8) + rest).write(
                    to: URL(fileURLWithPath: manifest))
                let fault = #expect(throws: StoreFault.self) { _ = try Backup(path: backup) }
                #expect(fault?.kind == kind)
                #expect(fault?.description.contains("\(word) of the program made") == true)
                #expect(fault?.description.contains("format \(digit); this one reads") == true)
                #expect(fault?.isLasting == true)
            }
        }
    }

    @Test func `a file of records that a forger sealed again is refused by its form`() throws {
        let path = temporary.file("records")
        for bytes in [
            [0, 0, 0, 65], [0, 0, 0, 1], [0, 0, 0, 1, 0x10], [0, 0, 0, 1, 0x10, 0xFF, 0, 0, 0],
            [0, 0, 0, 1, 0x10, 0, 0, 0, 2, 1],
        ] as [[UInt8]] {
            try Data(bytes).write(to: URL(fileURLWithPath: path))
            var reader = RecordReader(paths: [path])
            #expect(throws: StoreFault.self) { try reader.next() }
        }
    }

    @Test func `a manifest that a forger sealed again has no sum beyond a number`() throws {
        try made(blocks: 8)
        let path = backup + "/manifest"
        let whole = try Files.read(path, atMost: 1 << 24)
        // The height of the state, and the size of the only section.
        for place in [72, 260] {
            for high in [0xFF, 0x7F, 0x01] as [UInt8] {
                var bytes = Array(whole.dropLast(32))
                bytes[place] = high
                let forged = bytes + SHA256.hash(bytes).bytes
                #expect(throws: DecodingFault.self) { try BackupManifest(decoding: forged) }
            }
        }
    }

    @Test func `a restoration that is interrupted never leaves a state without its warning`()
        throws
    {
        try made(blocks: 8)
        let backup = try Backup(path: backup)
        var names: [String] = []
        for failing in 0... {
            let path = temporary.file("restored-\(failing)")
            let count = Mutex(0)
            let steps = Steps { step throws(StoreFault) in
                let number = count.withLock { count in
                    count += 1
                    return count - 1
                }
                guard number == failing else { return }
                throw StoreFault(.inputOutput, operation: step, path: step, message: "as wanted")
            }
            do throws(StoreFault) {
                try backup.restore(to: path, steps)
                break
            } catch {
                names.append(error.operation)
            }
            let left = try Files.names(in: path)
            guard !left.contains("genesis.json") else {
                #expect(names.last == "remove what is empty")
                // All of it is there.
                _ = try DataFolder(path: path)
                #expect(try !Files.names(in: path).contains("restore.new"))
                continue
            }
            // No node begins there, with whatever part of it.
            let refusal = #expect(throws: StoreFault.self) { _ = try DataFolder(path: path) }
            #expect(refusal?.kind == .corrupt)
            #expect(refusal?.message.contains("restore the backup again") == true)
            #expect(try Files.names(in: path) == left)
            // Nor where its genesis was put there for it.
            try Files.replace(path + "/genesis.json", with: [])
            #expect(throws: StoreFault.self) { _ = try DataFolder(path: path) }
            try Files.removeAll(path + "/genesis.json")
            if left.contains("state") || left.contains("history") {
                #expect(Files.exists(path + "/log/restored"))
            }
            if left == ["node.lock", "restore.new"] {
                // Nothing was in use yet: the next one begins anew.
                try backup.restore(to: path)
                #expect(
                    try Files.names(in: path)
                        == ["checkpoints", "genesis.json", "history", "log", "node.lock", "state"])
            } else {
                #expect(throws: StoreFault.self) { try backup.restore(to: path) }
            }
        }
        #expect(names.count == 8)
    }

    @Test func `nobody else uses a folder to which a backup is being restored`() throws {
        try made(blocks: 8)
        let source = self.backup
        let backup = try Backup(path: source)
        let path = temporary.file("restored")
        let others = Mutex<[String: [StoreFault.Kind]]>([:])
        let steps = Steps { step in
            var kinds: [StoreFault.Kind] = []
            do throws(StoreFault) {
                _ = try DataFolder(path: path)
            } catch {
                kinds.append(error.kind)
            }
            do throws(StoreFault) {
                try Backup(path: source).restore(to: path)
            } catch {
                kinds.append(error.kind)
            }
            others.withLock { [kinds] in $0[step] = kinds }
        }
        try backup.restore(to: path, steps)
        let seen = others.withLock { $0 }
        #expect(seen.count == 8 && seen.values.allSatisfy { $0 == [.locked, .locked] })
        // Nor is one filled that a node uses.
        let folder = try DataFolder(path: path)
        let fault = #expect(throws: StoreFault.self) { try backup.restore(to: path) }
        #expect(fault?.kind == .locked)
        #expect(fault?.message == "the process with id \(getpid()) is using it")
        withExtendedLifetime(folder) {}
    }

    @Test func `bytes of the manifest are those of the format`() throws {
        let manifest = BackupManifest(
            identity: checkpointIdentity, nodeID: 3, term: 12, timeMillis: 9,
            meta: StateMeta(height: 5, headerHash: Hash32(0, 0, 0, 6), stateHash: .zero),
            first: 1, root: Hash32(0, 0, 0, 7),
            pending: CheckpointRoot(height: 4, root: Hash32(0, 0, 0, 13)),
            genesisFile: Hash32(0, 0, 0, 8),
            sections: [BackupManifest.Section(byteCount: 10, hash: Hash32(0, 0, 0, 11))])
        func word(_ number: UInt64) -> String {
            let digits = String(number, radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }
        func hash(_ number: UInt64) -> String { word(0) + word(0) + word(0) + word(number) }
        let text =
            "4449504e42414b32" + word(3355) + word(1) + word(2) + word(3) + word(4) + word(3)
            + word(12) + word(9) + word(5) + hash(6) + hash(0) + word(1) + hash(7) + hash(8)
            + word(4) + hash(13) + "00000001" + word(10) + hash(11)
        let bytes = try #require(Hex.decode(text))
        #expect(manifest.bytes == bytes + SHA256.hash(bytes).bytes)
        #expect(try BackupManifest(decoding: manifest.bytes) == manifest)
    }
}
