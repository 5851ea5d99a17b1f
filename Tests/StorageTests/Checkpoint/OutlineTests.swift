import Ledger
import TestSupport
import Testing

@testable import Storage

struct OutlineTests {
    private let temporary = TemporaryFolder()

    private func outline(_ count: Int) throws -> (CheckpointOutline, CheckpointModel) {
        let model = try CheckpointModel(count: count)
        let folder = try CheckpointFolder(path: temporary.file("checkpoints"))
        return (try model.checkpoint(in: folder).outline(), model)
    }

    @Test(arguments: [1, 4096, 4097, 8192, 12_288, 12_289, 20_481, 30_000])
    func `an honest outline is accepted and survives its encoding`(count: Int) throws {
        let (outline, model) = try outline(count)
        try outline.check(against: model.root)
        #expect(try CheckpointOutline(decoding: outline.bytes) == outline)
        #expect(throws: DecodingFault.self) { try outline.check(against: Hash32(0, 0, 0, 1)) }
    }

    @Test func `witnesses are one for each complete sub-tree before the last chunk`() {
        #expect(CheckpointOutline.witnessed(chunkCount: 0) == [])
        #expect(CheckpointOutline.witnessed(chunkCount: 1) == [0])
        #expect(CheckpointOutline.witnessed(chunkCount: 2) == [0, 1])
        #expect(CheckpointOutline.witnessed(chunkCount: 8) == [0, 4, 6, 7])
        #expect(CheckpointOutline.witnessed(chunkCount: 9) == [0, 8])
        #expect(CheckpointOutline.witnessed(chunkCount: 14) == [0, 8, 12, 13])
    }

    /// Every list of nodes of the tree down to a depth; all that have as many as a list of chunks could
    /// have stand for the same root, and one of them is the true one.
    @Test(arguments: [(8193, 4), (12_000, 3), (16_384, 3)])
    func `a list in which a node poses as a chunk is refused`(count: Int, depth: Int) throws {
        let (honest, model) = try outline(count)
        let tree = Tree(model)
        var accepted = 0
        for cut in Tree.cuts(0..<count, depth) {
            let liar = CheckpointOutline(
                height: 40, roots: cut.map { tree.root($0) },
                witnesses: CheckpointOutline.witnessed(chunkCount: cut.count).map {
                    tree.witness(cut[$0])
                })
            let isAccepted = (try? liar.check(against: model.root)) != nil
            #expect(isAccepted == (liar == honest), "\(cut)")
            if isAccepted { accepted += 1 }
        }
        #expect(accepted == 1)
    }

    @Test func `no change of any byte is accepted or kills the reader`() throws {
        let (outline, model) = try outline(8193)
        let bytes = outline.bytes
        for offset in bytes.indices {
            var changed = bytes
            changed[offset] ^= UInt8(1 << (offset % 8))
            guard let other = try? CheckpointOutline(decoding: changed) else { continue }
            // The height alone is not under the root; the importer compares it with the block's.
            if (1...8).contains(offset) { continue }
            #expect(throws: DecodingFault.self) { try other.check(against: model.root) }
        }
        for count in 0..<bytes.count {
            #expect(throws: DecodingFault.self) {
                try CheckpointOutline(decoding: Array(bytes.prefix(count)))
            }
        }
    }
}

/// The Merkle tree of a model, of which a liar may name any nodes.
private final class Tree {
    private let leaves: [[UInt8]]
    private let hashes: [Hash32]
    private var roots: [Range<Int>: Hash32] = [:]

    init(_ model: CheckpointModel) {
        leaves = model.entries.map { key, value in
            var writer = ByteWriter()
            writer.write(counted: key)
            writer.write(raw: value)
            return writer.bytes
        }
        hashes = leaves.map { MerkleTree.leaf($0) }
    }

    func root(_ run: Range<Int>) -> Hash32 {
        if let known = roots[run] { return known }
        let root = MerkleTree.root(of: Array(hashes[run]))
        roots[run] = root
        return root
    }

    /// The first leaf of a node, with an honest path.
    func witness(_ run: Range<Int>) -> CheckpointOutline.Witness {
        var path: [Hash32] = []
        var run = run
        while run.count > 1 {
            let (left, right) = Self.split(run)
            path.insert(root(right), at: 0)
            run = left
        }
        return CheckpointOutline.Witness(leaf: leaves[run.lowerBound], path: path)
    }

    static func split(_ run: Range<Int>) -> (Range<Int>, Range<Int>) {
        var half = 1
        while half * 2 < run.count { half *= 2 }
        let middle = run.lowerBound + half
        return (run.lowerBound..<middle, middle..<run.upperBound)
    }

    /// All lists of nodes that cover a run, down to so many levels below it.
    static func cuts(_ run: Range<Int>, _ depth: Int) -> [[Range<Int>]] {
        guard depth > 0, run.count > 1 else { return [[run]] }
        let (left, right) = split(run)
        var result = [[run]]
        for left in cuts(left, depth - 1) {
            for right in cuts(right, depth - 1) { result.append(left + right) }
        }
        return result
    }
}
