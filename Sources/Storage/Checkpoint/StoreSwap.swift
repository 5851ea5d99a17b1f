import Ledger

/// Puts the stores of a finished import in place of a node's own.
///
/// A marker file says that this is to be done, and is the point at which it happens: before it is there
/// the node has its old stores, and from then on each opening of the data folder carries the exchange to
/// its end, from whatever step it had come to.
struct StoreSwap {
    static let stateName = "state"
    static let historyName = "history"
    static let checkpointName = "checkpoint"
    private static let markerName = "swap"
    private static let magic: UInt64 = 0x4449_504e_5357_5031  // "DIPNSWP1"
    /// Ends the name of what was in use before.
    private static let old = ".old"

    let folder: String
    var steps = Steps()

    private var marker: String { folder + "/" + Self.markerName }
    static func checkpoints(in folder: String) -> String { folder + "/checkpoints" }

    /// Decides for the exchange and carries it out.
    func perform(importPath: String, height: UInt64) throws(StoreFault) {
        guard !Files.exists(marker) else { return try finish() }
        for name in [Self.stateName, Self.historyName]
        where !Files.exists(importPath + "/" + name) {
            throw StoreFault(
                .corrupt, operation: "install", path: importPath,
                message: "its \(name) was not built")
        }
        var writer = ByteWriter(capacity: 48)
        writer.write(Self.magic)
        writer.write(height)
        writer.write(SHA256.hash(writer.bytes))
        try steps.before("write the marker")
        try Files.replace(marker, with: writer.bytes)
        try finish()
    }

    /// Carries an exchange to its end, if one was decided for.
    func finish() throws(StoreFault) {
        try Files.removeAll(marker + CheckpointFolder.unfinished)
        guard let importPath = try decidedImport() else { return }
        for name in [Self.stateName, Self.historyName] {
            let fresh = importPath + "/" + name
            let current = folder + "/" + name
            guard Files.exists(fresh) else { continue }
            if Files.exists(current) {
                try steps.before("remove an older \(name)")
                try Files.removeAll(current + Self.old)
                try steps.before("put the old \(name) aside")
                try Files.move(current, to: current + Self.old)
            }
            try steps.before("put the new \(name) in its place")
            try Files.move(fresh, to: current)
        }
        for name in [Self.stateName, Self.historyName] {
            try steps.before("remove the old \(name)")
            try Files.removeAll(folder + "/" + name + Self.old)
        }
        try steps.before("put the checkpoint in its place")
        let checkpoint = importPath.dropLast(CheckpointFolder.imported.count)
        if Files.exists(importPath + "/" + Self.checkpointName), !Files.exists(String(checkpoint)) {
            try Files.move(importPath + "/" + Self.checkpointName, to: String(checkpoint))
        }
        try steps.before("remove the import")
        try Files.removeAll(importPath)
        try steps.before("remove the marker")
        try Files.removeAll(marker)
        try Files.sync(folder)
    }

    /// The folder of the import that was decided for, nil if there is no marker.
    private func decidedImport() throws(StoreFault) -> String? {
        guard Files.exists(marker) else { return nil }
        let bytes = try Files.read(marker, atMost: 48)
        var reader = ByteReader(bytes)
        guard bytes.count == 48, SHA256.hash(bytes.prefix(16)) == Hash32(bytes.suffix(32)),
            (try? reader.read(UInt64.self)) == Self.magic,
            let height: UInt64 = try? reader.read()
        else {
            throw StoreFault(
                .corrupt, operation: "read", path: marker,
                message: "the record of an import that was being installed is damaged")
        }
        let digits = String(height)
        return Self.checkpoints(in: folder) + "/"
            + String(repeating: "0", count: 20 - digits.count) + digits
            + CheckpointFolder.imported
    }
}
