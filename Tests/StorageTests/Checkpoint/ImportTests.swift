import Dispatch
import Foundation
import Ledger
import Synchronization
import TestSupport
import Testing

@testable import Storage

struct ImportTests {
    private let temporary = TemporaryFolder()
    private let kept = KeptBlock(height: 7, bytes: [9, 9], certificate: [8])

    /// A peer's checkpoint.
    private func source(_ model: CheckpointModel) throws -> Checkpoint {
        try model.checkpoint(in: CheckpointFolder(path: temporary.file("peer")))
    }

    private func target(_ model: CheckpointModel) -> CheckpointTarget {
        CheckpointTarget(root: model.root, block: model.block, kept: [kept])
    }

    private func build(_ fetched: CheckpointImport) throws -> Bool {
        try fetched.build(identity: checkpointIdentity, keptHeights: CheckpointModel.listKey)
    }

    /// Checks that a data folder's stores are those of the checkpoint.
    private func check(_ model: CheckpointModel, in folder: DataFolder) throws {
        let state = try StateStore(path: folder.statePath, identity: checkpointIdentity)
        #expect(state.meta == model.store.meta)
        #expect(try state.snapshot().entries() == model.store.snapshot().entries())
        let history = try HistoryStore(path: folder.historyPath, identity: checkpointIdentity)
        #expect(history.first == 40 && history.tip == 40)
        #expect(try history.block(at: 40) == model.block.bytes)
        #expect(try history.certificate(at: 40) == model.block.certificate)
        #expect(try history.height(ofBlock: model.block.hash) == 40)
        #expect(try history.keptHeights() == [7])
        #expect(try history.kept(at: 7) == kept)
        let checkpoints = try CheckpointFolder(path: folder.checkpointsPath)
        #expect(try Files.names(in: checkpoints.path) == ["00000000000000000040"])
        let checkpoint = try #require(try checkpoints.checkpoint(at: 40))
        #expect(checkpoint.manifest == (try source(model).manifest))
        try checkpoint.forEachEntry { _, _ in }
        #expect(
            try Files.names(in: folder.path)
                == ["checkpoints", "history", "log", "node.lock", "state"])
    }

    @Test(arguments: [3, 4096, 9000])
    func `chunks in any order from many threads become the state`(count: Int) throws {
        let model = try CheckpointModel(count: count)
        let source = try source(model)
        let folder = try DataFolder(path: temporary.file("data"))
        let checkpoints = try CheckpointFolder(path: folder.checkpointsPath)
        let outline = try CheckpointOutline(decoding: try source.outline().bytes)
        let fetched = try CheckpointImport.begin(target(model), outline: outline, in: checkpoints)
        #expect(fetched.missing == Array(outline.roots.indices))
        #expect(try build(fetched) == false)
        let chunks = outline.roots.indices.shuffled() + [0]
        DispatchQueue.concurrentPerform(iterations: chunks.count) { turn in
            do {
                let chunk = chunks[turn]
                let receiver = try fetched.receiver(chunk: chunk)
                while case let piece = try source.piece(
                    ofChunk: chunk, from: receiver.byteCount, atMost: 30_001), !piece.isEmpty
                {
                    try receiver.append(piece)
                }
                try receiver.finish()
            } catch {
                Issue.record(error)
            }
        }
        #expect(fetched.missing == [])
        #expect(try build(fetched))
        try folder.install(importOf: 40)
        try check(model, in: folder)
    }

    @Test(arguments: [[], [7, 8], [8]] as [[UInt64]])
    func `other kept blocks than the state lists are refused, and what was fetched is not lost`(
        wrong: [UInt64]
    ) throws {
        let model = try CheckpointModel(count: 300)
        let source = try source(model)
        let folder = try DataFolder(path: temporary.file("data"))
        let checkpoints = try CheckpointFolder(path: folder.checkpointsPath)
        func begin(_ heights: [UInt64]) throws -> CheckpointImport {
            let target = CheckpointTarget(
                root: model.root, block: model.block,
                kept: heights.map {
                    KeptBlock(height: $0, bytes: kept.bytes, certificate: kept.certificate)
                })
            return try CheckpointImport.begin(
                target, outline: try source.outline(), in: checkpoints)
        }
        let fetched = try begin(wrong)
        try fetched.accept(try source.chunk(0), chunk: 0)
        #expect(throws: ImportFault.self) {
            try build(fetched)
        }
        // It cannot be put in place.
        #expect(throws: StoreFault.self) { try folder.install(importOf: 40) }
        let again = try begin([7])
        #expect(again.missing == [])
        #expect(try build(again))
        try folder.install(importOf: 40)
        try check(model, in: folder)
    }

    @Test func `bytes that are not the chunk are refused and the import goes on`() throws {
        let model = try CheckpointModel(count: 5000)
        let source = try source(model)
        let folder = try CheckpointFolder(path: temporary.file("checkpoints"))
        let fetched = try CheckpointImport.begin(
            target(model), outline: try source.outline(), in: folder)
        func refuses(_ bytes: [UInt8], _ chunk: Int = 1) {
            let fault = #expect(throws: ImportFault.self) {
                try fetched.accept(bytes, chunk: chunk)
            }
            #expect(fault?.isPeers == true)
            #expect(fetched.missing == [0, 1])
        }
        let honest = try source.chunk(1)
        refuses([])
        refuses(try source.chunk(0))
        refuses(honest, 0)
        refuses(honest + honest)
        refuses(try source.chunk(0) + honest, 0)
        refuses(honest.dropLast())
        refuses(honest + [0])
        refuses([0xFF, 0xFF, 0xFF, 0xFF] + honest.dropFirst(4))
        refuses([0, 0, 0, 4] + honest.dropFirst(4))
        refuses(honest.prefix(4) + [0, 0, 0, 0] + honest.dropFirst(8))
        refuses(honest.prefix(4) + [0xFF, 0, 0, 0] + honest.dropFirst(8))
        refuses(honest.prefix(8) + [0] + honest.dropFirst(9))
        for offset in stride(from: 0, to: honest.count, by: 997) {
            var bytes = honest
            bytes[offset] ^= 0x10
            refuses(bytes)
        }
        // Nothing of it is left, and honest peers are heard.
        #expect(try Files.names(in: fetched.path) == ["plan"])
        try fetched.accept(honest, chunk: 1)
        try fetched.accept(try source.chunk(0), chunk: 0)
        #expect(try build(fetched))
    }

    @Test func `what was certified is what counts, of outline and block`() throws {
        let model = try CheckpointModel(count: 9000)
        let honest = try source(model).outline()
        let folder = try CheckpointFolder(path: temporary.file("checkpoints"))
        func refuses(_ target: CheckpointTarget, _ outline: CheckpointOutline) {
            let fault = #expect(throws: ImportFault.self) {
                _ = try CheckpointImport.begin(target, outline: outline, in: folder)
            }
            #expect(fault?.isPeers == true)
        }
        func with(_ change: (inout BlockRecord) -> Void) -> CheckpointTarget {
            var block = model.block
            change(&block)
            return CheckpointTarget(root: model.root, block: block, kept: [])
        }
        refuses(
            CheckpointTarget(root: Hash32(1, 1, 1, 1), block: model.block, kept: []), honest)
        refuses(
            target(model),
            CheckpointOutline(height: 41, roots: honest.roots, witnesses: honest.witnesses))
        refuses(
            target(model),
            CheckpointOutline(
                height: 40, roots: honest.roots, witnesses: honest.witnesses.dropLast()))
        refuses(with { $0.hash = Hash32(1, 1, 1, 1) }, honest)
        refuses(with { $0.transactions = [Hash32(1, 1, 1, 1)] }, honest)
        for offset in model.block.bytes.indices {
            refuses(with { $0.bytes[offset] ^= 1 }, honest)
        }
        refuses(with { $0.bytes.append(0) }, honest)
        #expect(try Files.names(in: folder.path) == [])
    }

    @Test func `what was there when the process ended is not fetched again`() throws {
        let model = try CheckpointModel(count: 9000)
        let source = try source(model)
        let path = temporary.file("checkpoints")
        do {
            let folder = try CheckpointFolder(path: path)
            #expect(try CheckpointImport.resume(at: 40, in: folder) == nil)
            let fetched = try CheckpointImport.begin(
                target(model), outline: try source.outline(), in: folder)
            try fetched.accept(try source.chunk(2), chunk: 2)
            try fetched.accept(try source.chunk(0), chunk: 0)
            // One that was on its way.
            try Data([1]).write(to: URL(fileURLWithPath: fetched.path + "/chunk-00000001.9.new"))
        }
        let folder = try CheckpointFolder(path: path)
        #expect(try folder.importedHeights() == [40])
        let resumed = try #require(try CheckpointImport.resume(at: 40, in: folder))
        #expect(resumed.missing == [1])
        #expect(resumed.presentCount == 2)
        #expect(resumed.target == target(model))
        #expect(
            try Files.names(in: resumed.path) == ["chunk-00000000", "chunk-00000002", "plan"])
        // Asked for again, with other words about what is kept: the chunks are the same.
        let other = CheckpointTarget(
            root: model.root, block: model.block,
            kept: [KeptBlock(height: 7, bytes: [1], certificate: nil)])
        let again = try CheckpointImport.begin(other, outline: resumed.outline, in: folder)
        #expect(again.missing == [1])
        #expect(again.target == other)
        // A chunk that the disk has changed meanwhile is noticed before anything is built on it.
        let name = again.path + "/chunk-00000002"
        var bytes = try Files.read(name, atMost: 1 << 20)
        bytes[100] ^= 1
        try Data(bytes).write(to: URL(fileURLWithPath: name))
        try again.accept(try source.chunk(1), chunk: 1)
        #expect(try build(again) == false)
        #expect(again.missing == [2])
        try again.accept(try source.chunk(2), chunk: 2)
        #expect(try build(again))
        try folder.removeImport(at: 40)
        #expect(try Files.names(in: path) == [])
    }

    @Test func `a damaged plan is refused on going on and replaced on beginning`() throws {
        let model = try CheckpointModel(count: 10)
        let outline = try source(model).outline()
        let folder = try CheckpointFolder(path: temporary.file("checkpoints"))
        let plan =
            try CheckpointImport.begin(target(model), outline: outline, in: folder).path
            + "/plan"
        let whole = try Files.read(plan, atMost: 1 << 20)
        #expect(try Plan(decoding: whole).bytes == whole)
        for offset in stride(from: 0, to: whole.count, by: 5) {
            var bytes = whole
            bytes[offset] ^= 4
            try Data(bytes).write(to: URL(fileURLWithPath: plan))
            let fault = #expect(throws: StoreFault.self) {
                _ = try CheckpointImport.resume(at: 40, in: folder)
            }
            #expect(fault?.kind == .corrupt)
        }
        _ = try CheckpointImport.begin(target(model), outline: outline, in: folder)
        #expect(try Files.read(plan, atMost: 1 << 20) == whole)
    }

    /// The whole way with a failure before the n-th step, as a process that ends there leaves the disk.
    @Test func `a crash at any step leaves the old stores or the new ones, and the way goes on`()
        throws
    {
        let model = try CheckpointModel(count: 4200)
        let source = try source(model)
        var failing = 0
        var names: [String] = []
        while true {
            let path = temporary.file("data-\(failing)")
            let old = TestBlock.record(height: 3)
            do {
                let folder = try DataFolder(path: path)
                let state = try StateStore(path: folder.statePath, identity: checkpointIdentity)
                try state.apply(
                    StateChanges(objects: [ObjectChange(key: [2], value: [1])]),
                    meta: try TestBlock.meta(old))
                let history = try HistoryStore(
                    path: folder.historyPath, identity: checkpointIdentity)
                try history.append([old], sync: true)
            }
            let counter = StepCounter(failing: failing)
            let outcome = Result { try run(path, model, source, counter.steps) }
            if case .success = outcome {
                #expect(counter.count == failing)
                try check(model, in: DataFolder(path: path))
                break
            }
            names.append(counter.last)
            // The next start: one pair of stores or the other.
            do {
                let folder = try DataFolder(path: path)
                let state = try StateStore(path: folder.statePath, identity: checkpointIdentity)
                let history = try HistoryStore(
                    path: folder.historyPath, identity: checkpointIdentity)
                let meta = try #require(state.meta)
                #expect(meta == (try TestBlock.meta(old)) || meta == model.store.meta)
                #expect(history.tip == meta.height && history.tipHash == meta.headerHash)
                let isNew =
                    names.contains("put the new state in its place")
                    || names.contains("remove an older state")
                #expect((meta.height == 40) == isNew, "\(counter.last)")
            }
            try run(path, model, source, Steps())
            try check(model, in: DataFolder(path: path))
            failing += 1
        }
        // Each kind of step was met.
        #expect(Set(names).count == 19, "\(names)")
    }

    private func run(
        _ path: String, _ model: CheckpointModel, _ source: Checkpoint, _ steps: Steps
    ) throws {
        let folder = try DataFolder(path: path)
        let current = try StateStore(path: folder.statePath, identity: checkpointIdentity).meta
        if current == model.store.meta { return }
        let checkpoints = try CheckpointFolder(path: folder.checkpointsPath)
        let fetched = try CheckpointImport.begin(
            target(model), outline: try source.outline(), in: checkpoints, steps)
        for chunk in fetched.missing {
            try fetched.accept(try source.chunk(chunk), chunk: chunk)
        }
        #expect(try build(fetched))
        let swap = StoreSwap(folder: path, steps: steps)
        try swap.perform(importPath: fetched.path, height: 40)
    }

    @Test func `nothing is installed that was not built`() throws {
        let folder = try DataFolder(path: temporary.file("data"))
        #expect(throws: StoreFault.self) { try folder.install(importOf: 40) }
        #expect(!Files.exists(folder.path + "/swap"))
    }
}

/// Lets the n-th step fail.
private final class StepCounter: Sendable {
    private struct Contents {
        var count = 0
        var last = ""
    }

    private let contents = Mutex(Contents())
    private let failing: Int

    init(failing: Int) { self.failing = failing }

    var count: Int { contents.withLock { $0.count } }
    var last: String { contents.withLock { $0.last } }

    var steps: Steps {
        Steps { step throws(StoreFault) in
            let number = self.contents.withLock { contents in
                contents.count += 1
                contents.last = step
                return contents.count - 1
            }
            guard number != self.failing else {
                throw StoreFault(
                    .inputOutput, operation: "go on with", path: step, message: "as the test wants")
            }
        }
    }
}

extension ImportFault {
    fileprivate var isPeers: Bool { if case .peer = self { true } else { false } }
}
