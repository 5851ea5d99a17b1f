import Execution
import JSON
import Ledger
import Storage
import Wallet

extension FuzzTarget {
    /// Files that an operator or a stranger puts before a program.
    static let files: [FuzzTarget] = [
        FuzzTarget("log", seeds: { LogSample.segments }) { (bytes) throws(FuzzFinding) in
            try LogSample.checkSegment(bytes)
        },
        FuzzTarget("log-marks", seeds: { LogSample.marks }) { (bytes) throws(FuzzFinding) in
            try LogSample.checkMark(bytes)
        },
        .canonical("checkpoint", seeds: { [[1] + [UInt8](repeating: 0, count: 13)] }) {
            let outline = try CheckpointOutline(decoding: $0)
            try? outline.check(against: .zero)
            return outline.bytes
        },
        FuzzTarget("manifest", seeds: { ManifestSample.seeds }) { (bytes) throws(FuzzFinding) in
            try ManifestSample.check(bytes)
        },
        FuzzTarget("chunk", seeds: { [ChunkSample.bytes] }) { (bytes) throws(FuzzFinding) in
            try ChunkSample.check(bytes)
        },
        FuzzTarget("keystore", seeds: { KeystoreSample.seeds }) { (bytes) throws(FuzzFinding) in
            guard let keystore = try? KeystoreFile(parsing: bytes, file: "fuzz") else { return }
            var writer = JSONWriter()
            writer.value(keystore.json)
            let again = try? KeystoreFile(parsing: writer.bytes, file: "fuzz")
            guard again == keystore else {
                throw FuzzFinding("keystore: it is another one when written and read again")
            }
        },
    ]
}

/// Files that end with their own checksum, which no fuzzer would find: it is put there.
private enum ManifestSample {
    static let seeds: [[UInt8]] = (0..<3 as Range<UInt8>).map { kind in
        let magic: UInt64 = [BackupManifest.magic, CheckpointManifest.magic, Plan.magic][Int(kind)]
        return [kind] + (0..<8).map { UInt8(truncatingIfNeeded: magic >> (56 - 8 * $0)) }
            + [UInt8](repeating: 0, count: 300)
    }

    static func check(_ bytes: [UInt8]) throws(FuzzFinding) {
        guard let kind = bytes.first else { return }
        let content = Array(bytes.dropFirst())
        let file = content + SHA256.hash(content).bytes
        let again: [UInt8]? =
            switch kind % 3 {
            case 0: (try? BackupManifest(decoding: file))?.bytes
            case 1: (try? CheckpointManifest(decoding: file))?.bytes
            default: (try? Plan(decoding: file))?.bytes
            }
        guard again == nil || again == file else {
            throw FuzzFinding("manifest: a file of kind \(kind % 3) is written otherwise")
        }
    }
}

/// A piece of a checkpoint as a peer sends it.
private enum ChunkSample {
    static let bytes: [UInt8] = [7] + entry([0x10, 1], [2, 3]) + entry([0x20], [])

    private static func entry(_ key: [UInt8], _ value: [UInt8]) -> [UInt8] {
        var writer = ByteWriter()
        writer.write(UInt32(4 + key.count + value.count))
        writer.write(counted: key)
        writer.write(raw: value)
        return writer.bytes
    }

    /// The first byte says in what pieces the others come; it must not matter.
    static func check(_ bytes: [UInt8]) throws(FuzzFinding) {
        guard let first = bytes.first else { return }
        let chunk = bytes.dropFirst()
        guard root(chunk, by: chunk.count + 1) == root(chunk, by: Int(first % 16) + 1) else {
            throw FuzzFinding("chunk: in pieces it is another one")
        }
    }

    private static func root(_ chunk: ArraySlice<UInt8>, by size: Int) -> Hash32? {
        var hasher = ChunkHasher()
        var rest = chunk
        while !rest.isEmpty {
            let piece = rest.prefix(size)
            rest = rest.dropFirst(piece.count)
            let isTaken = piece.withUnsafeBytes { (try? hasher.absorb($0)) != nil }
            guard isTaken else { return nil }
        }
        return try? hasher.finish()
    }
}

/// Keystores that nothing opens: the digits are any.
private enum KeystoreSample {
    static let seeds = [
        #"{"dklen":32,"n":8192,"r":8,"p":1,"salt":"\#(digits(32))"}"#,
        #"{"dklen":32,"c":10240,"prf":"hmac-sha256","salt":"\#(digits(32))"}"#,
    ].map { parameters in
        let kdf = parameters.contains("prf") ? "pbkdf2" : "scrypt"
        let text = #"""
            {"version":3,"id":"3198bc9c-6672-5ab3-d995-4942343ae5b6","address":"\#(digits(20))","label":"a","crypto":
            {"cipher":"aes-128-ctr","cipherparams":{"iv":"\#(digits(16))"},"ciphertext":"\#(digits(32))",
            "kdf":"\#(kdf)","kdfparams":\#(parameters),"mac":"\#(digits(32))"}}
            """#
        return Array(text.utf8)
    }

    private static func digits(_ count: Int) -> String { String(repeating: "5a", count: count) }
}
