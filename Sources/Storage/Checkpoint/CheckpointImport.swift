import Ledger
import Synchronization

/// Why an import does not go on as it is.
public enum ImportFault: Error, Equatable, Sendable, CustomStringConvertible {
    /// What a peer sent is not what was certified: ask others, and trust this one less.
    case peer(String)
    /// The disk refuses.
    case store(StoreFault)

    /// What is wrong, for a person.
    public var description: String {
        switch self {
        case .peer(let why): "what a peer sent is refused: \(why)"
        case .store(let fault): fault.description
        }
    }
}

/// A checkpoint that is being fetched from peers, in a folder that survives the process.
///
/// Chunks come in any order and at the same time, each checked when it is whole and then named for good:
/// what has its name is not fetched again. When all are there ``build(identity:keptHeights:)`` makes the stores of
/// them, and ``DataFolder/install(importOf:)`` puts these in place of the node's.
public final class CheckpointImport: Sendable {
    /// What is fetched, and on whose word.
    public let target: CheckpointTarget
    /// The roots of the chunks.
    public let outline: CheckpointOutline
    let path: String
    private let steps: Steps
    private let present: Mutex<[Bool]>

    private static let planName = "plan"
    private static let planBytesMax = 1 << 30

    private init(path: String, _ plan: Plan, _ steps: Steps) throws(StoreFault) {
        self.path = path
        target = plan.target
        outline = plan.outline
        self.steps = steps
        var present = Array(repeating: false, count: outline.roots.count)
        for name in try Files.names(in: path) {
            if name.hasSuffix(CheckpointFolder.unfinished) {
                try Files.removeAll(path + "/" + name)
            } else if let index = Self.chunk(named: name), present.indices.contains(index) {
                present[index] = true
            }
        }
        self.present = Mutex(present)
    }

    // MARK: Beginning and going on

    /// Begins an import, or goes on with that of the same checkpoint.
    ///
    /// - Parameters:
    ///   - target: what is fetched; the caller has checked the certificates that say so.
    ///   - outline: as a peer sent it.
    ///   - folder: where this node keeps checkpoints.
    /// - Returns: the import, with the chunks that are there already.
    /// - Throws: ``ImportFault/peer(_:)`` if outline or block are not what was certified.
    public static func begin(
        _ target: CheckpointTarget, outline: CheckpointOutline, in folder: CheckpointFolder
    ) throws(ImportFault) -> CheckpointImport {
        try begin(target, outline: outline, in: folder, Steps())
    }

    static func begin(
        _ target: CheckpointTarget, outline: CheckpointOutline, in folder: CheckpointFolder,
        _ steps: Steps
    ) throws(ImportFault) -> CheckpointImport {
        do throws(DecodingFault) {
            try target.check()
            guard outline.height == target.block.height else {
                throw DecodingFault("the outline is of height \(outline.height)")
            }
            try outline.check(against: target.root)
        } catch {
            throw .peer(error.description)
        }
        do throws(StoreFault) {
            let path = folder.path(of: target.block.height, CheckpointFolder.imported)
            let plan = Plan(target: target, outline: outline)
            // A damaged plan is of no use any more, and with it what was fetched.
            let known = try? Self.plan(in: path, outline.height)
            if known?.outline == outline {
                // Chunks depend on nothing else.
                try Files.discard(path + "/" + StoreSwap.historyName)
            } else {
                try Files.discard(path)
                try Files.makeFolder(path)
            }
            try steps.before("write the plan of an import")
            try Files.replace(path + "/" + planName, with: plan.bytes)
            try Files.sync(folder.path)
            return try CheckpointImport(path: path, plan, steps)
        } catch {
            throw .store(error)
        }
    }

    /// Goes on with an import that was begun before the process ended.
    ///
    /// - Returns: nil if there is none, or none that got as far as its plan.
    /// - Throws: ``StoreFault``; of kind ``StoreFault/Kind/corrupt`` if the plan is damaged: give the
    ///   import up.
    public static func resume(
        at height: UInt64, in folder: CheckpointFolder
    ) throws(StoreFault) -> CheckpointImport? {
        try resume(at: height, in: folder, Steps())
    }

    static func resume(
        at height: UInt64, in folder: CheckpointFolder, _ steps: Steps
    ) throws(StoreFault) -> CheckpointImport? {
        let path = folder.path(of: height, CheckpointFolder.imported)
        guard let plan = try plan(in: path, height) else { return nil }
        return try CheckpointImport(path: path, plan, steps)
    }

    /// The plan in an import's folder, nil if there is none.
    private static func plan(in path: String, _ height: UInt64) throws(StoreFault) -> Plan? {
        let file = path + "/" + planName
        guard Files.exists(file) else { return nil }
        let bytes = try Files.read(file, atMost: planBytesMax)
        do throws(DecodingFault) {
            let plan = try Plan(decoding: bytes)
            guard plan.target.block.height == height else {
                throw DecodingFault("it is of height \(plan.target.block.height)")
            }
            return plan
        } catch {
            throw StoreFault(.corrupt, operation: "read", path: file, message: error.description)
        }
    }

    // MARK: Receiving

    /// The chunks that are not there yet, in order.
    public var missing: [Int] {
        present.withLock { present in present.indices.filter { !present[$0] } }
    }

    /// How many chunks are there.
    public var presentCount: Int { present.withLock { $0.count { $0 } } }

    /// Takes a whole chunk.
    ///
    /// - Parameters:
    ///   - bytes: as a peer sent them.
    ///   - index: which chunk was asked for, below the number of the outline's roots.
    /// - Throws: ``ImportFault/peer(_:)`` if they are not that chunk; nothing is kept of them.
    public func accept(_ bytes: [UInt8], chunk index: Int) throws(ImportFault) {
        let receiver = try receiver(chunk: index)
        try receiver.append(bytes)
        try receiver.finish()
    }

    /// Takes a chunk that comes in pieces from one peer.
    public func receiver(chunk index: Int) throws(ImportFault) -> ChunkReceiver {
        precondition(outline.roots.indices.contains(index), "there is no chunk \(index)")
        return try ChunkReceiver(of: self, chunk: index, steps)
    }

    func name(_ index: Int) -> String {
        let digits = String(index)
        return "chunk-" + String(repeating: "0", count: 8 - digits.count) + digits
    }

    private static func chunk(named name: String) -> Int? {
        guard name.hasPrefix("chunk-"), name.utf8.count == 14 else { return nil }
        return Int(name.dropFirst(6))
    }

    func received(_ index: Int) { present.withLock { $0[index] = true } }

    // MARK: Building

    /// Makes the stores of what was fetched, beside the node's own, and a checkpoint that the node can
    /// hand on and be audited from.
    ///
    /// Takes as long as writing the state does. Each chunk is checked once more: what a disk has changed
    /// is fetched again rather than built upon.
    ///
    /// - Parameters:
    ///   - identity: of which ledger the node is.
    ///   - key: the object of the state that lists the heights of the blocks to be kept, 8 bytes each.
    /// - Returns: false if chunks are missing, perhaps because they turned out to be damaged.
    /// - Throws: ``ImportFault/peer(_:)`` if the target's kept blocks are others than the state lists: then the
    ///   import can be begun again with the right ones, and its chunks are still there.
    public func build(
        identity: StoreIdentity, keptHeights key: [UInt8]
    ) throws(ImportFault) -> Bool {
        guard missing.isEmpty else { return false }
        do throws(StoreFault) {
            guard try buildState(identity) else { return false }
            let listed = try heights(listedUnder: key)
            if listed == target.kept.map(\.height) {
                try buildHistory(identity)
                return true
            }
        } catch {
            throw .store(error)
        }
        throw .peer("the blocks to be kept are others than those that the state lists")
    }

    /// The heights that an object of the built state lists.
    private func heights(listedUnder key: [UInt8]) throws(StoreFault) -> [UInt64] {
        let entry = try Checkpoint(path: path + "/" + StoreSwap.checkpointName).entry(forKey: key)
        var reader = ByteReader(entry?.value ?? [])
        var heights: [UInt64] = []
        while let height: UInt64 = try? reader.read() { heights.append(height) }
        return heights
    }

    private func buildState(_ identity: StoreIdentity) throws(StoreFault) -> Bool {
        let done = path + "/" + StoreSwap.stateName
        guard !Files.exists(done) else { return true }
        let draft = done + CheckpointFolder.unfinished
        let copy = path + "/" + StoreSwap.checkpointName
        try steps.before("build the state")
        try Files.removeAll(copy)
        try Files.makeFolder(copy)
        var writer = try CheckpointWriter(folder: copy)
        var damaged = false
        try StateStore.create(path: draft, identity: identity, meta: target.meta) {
            filler throws(StoreFault) in
            for index in outline.roots.indices {
                guard let (bytes, leafCount) = try wholeChunk(index) else {
                    damaged = true
                    continue
                }
                guard !damaged else { continue }
                var first: [UInt8]?
                try Checkpoint.forEachEntry(of: bytes, path: path + "/" + name(index)) {
                    key, value throws(StoreFault) in
                    if first == nil { first = Array(key) }
                    try filler.put(key, value)
                }
                try writer.append(
                    bytes, leafCount, root: outline.roots[index], firstKey: first ?? [])
            }
        }
        guard !damaged else {
            try Files.removeAll(draft)
            return false
        }
        try writer.finish(target.meta)
        try steps.before("name the state")
        try Files.move(draft, to: done)
        return true
    }

    /// - Returns: nil if it is damaged; then it is fetched again.
    private func wholeChunk(
        _ index: Int
    ) throws(StoreFault) -> (bytes: [UInt8], leafCount: Int)? {
        let file = path + "/" + name(index)
        let bytes = try Files.read(file, atMost: Int(ChunkFormat.chunkBytesMax))
        var hasher = ChunkHasher()
        let root = bytes.withUnsafeBytes { bytes -> Hash32? in
            do throws(DecodingFault) {
                try hasher.absorb(bytes)
                return try hasher.finish()
            } catch {
                return nil
            }
        }
        if root == outline.roots[index] { return (bytes, hasher.leaves.count) }
        try Files.removeAll(file)
        present.withLock { $0[index] = false }
        return nil
    }

    private func buildHistory(_ identity: StoreIdentity) throws(StoreFault) {
        let done = path + "/" + StoreSwap.historyName
        guard !Files.exists(done) else { return }
        let draft = done + CheckpointFolder.unfinished
        try steps.before("build the history")
        try Files.removeAll(draft)
        do {
            let history = try HistoryStore(path: draft, identity: identity, cacheBytes: 1 << 20)
            try history.append([target.block], sync: true)
            try history.keep(target.kept)
        }
        try Files.syncTree(draft)
        try steps.before("name the history")
        try Files.move(draft, to: done)
    }
}
