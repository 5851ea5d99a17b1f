import Ledger
import Synchronization

/// One chunk on its way from one peer; one thread at a time uses it.
public final class ChunkReceiver {
    private let target: CheckpointImport
    private let index: Int
    private let steps: Steps
    private let draft: String
    private var hasher = ChunkHasher()
    private var file: FileWriter

    private static let serial = Atomic<UInt64>(0)

    init(
        of target: CheckpointImport, chunk index: Int, _ steps: Steps
    ) throws(ImportFault) {
        self.target = target
        self.index = index
        self.steps = steps
        let number = Self.serial.wrappingAdd(1, ordering: .relaxed).newValue
        // The same chunk may be on its way from two peers.
        draft =
            target.path + "/" + target.name(index) + "." + String(number)
            + CheckpointFolder.unfinished
        do throws(StoreFault) {
            file = try FileWriter(path: draft)
        } catch {
            throw .store(error)
        }
    }

    deinit { try? Files.removeAll(draft) }

    /// How many bytes came so far; the next piece begins there.
    public var byteCount: UInt64 { hasher.byteCount }

    /// Takes the next bytes.
    /// - Throws: ``ImportFault/peer(_:)`` as soon as they can be no chunk.
    public func append(_ bytes: [UInt8]) throws(ImportFault) {
        var outcome: ImportFault?
        bytes.withUnsafeBytes { bytes in
            do throws(DecodingFault) {
                try hasher.absorb(bytes)
            } catch {
                outcome = .peer("chunk \(index): \(error)")
            }
        }
        if let outcome { throw outcome }
        do throws(StoreFault) {
            try file.append(bytes)
        } catch {
            throw .store(error)
        }
    }

    /// Ends the chunk: from now on it is there for good.
    /// - Throws: ``ImportFault/peer(_:)`` if what came is another chunk.
    public func finish() throws(ImportFault) {
        let root: Hash32
        do throws(DecodingFault) {
            root = try hasher.finish()
        } catch {
            throw .peer("chunk \(index): \(error)")
        }
        guard root == target.outline.roots[index] else {
            throw .peer("chunk \(index) has root \(root), not \(target.outline.roots[index])")
        }
        do throws(StoreFault) {
            try steps.before("sync a chunk")
            try file.sync()
            try steps.before("name a chunk")
            try Files.move(draft, to: target.path + "/" + target.name(index))
        } catch {
            throw .store(error)
        }
        target.received(index)
    }
}
