import Ledger

/// Writes a checkpoint of chunks that are there already.
struct CheckpointWriter: ~Copyable {
    private let folder: String
    private var data: FileWriter
    private var chunks: [CheckpointManifest.Chunk] = []
    private var leafCount: UInt64 = 0

    /// Begins in a folder of its own, which is not in use yet.
    init(folder: String) throws(StoreFault) {
        self.folder = folder
        data = try FileWriter(path: folder + "/" + Checkpoint.dataName)
    }

    mutating func append(
        _ bytes: [UInt8], _ leafCount: Int, root: Hash32, firstKey: [UInt8]
    ) throws(StoreFault) {
        chunks.append(
            CheckpointManifest.Chunk(
                root: root, offset: data.count, byteCount: UInt64(bytes.count),
                firstKey: firstKey))
        self.leafCount += UInt64(leafCount)
        try data.append(bytes)
    }

    mutating func finish(_ meta: StateMeta) throws(StoreFault) {
        try data.sync()
        let manifest = CheckpointManifest(meta: meta, leafCount: leafCount, chunks: chunks)
        try Files.replace(folder + "/" + Checkpoint.manifestName, with: manifest.bytes)
    }
}
