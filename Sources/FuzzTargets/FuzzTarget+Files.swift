import Consensus
import Execution
import Ledger
import Node
import Signing
import Storage
import Wallet

extension FuzzTarget {
    /// Files that an operator or a stranger puts before a program.
    static let files: [FuzzTarget] = [
        FuzzTarget("log", seeds: { [LogSample.bytes] }) { LogSample.open($0) },
        .canonical("checkpoint", seeds: { [[1] + [UInt8](repeating: 0, count: 13)] }) {
            let outline = try CheckpointOutline(decoding: $0)
            try? outline.check(against: .zero)
            return outline.bytes
        },
        FuzzTarget("genesis", seeds: { [Array(GenesisDocument.text(LedgerSamples.genesis).utf8)] })
        {
            (bytes) throws(FuzzFinding) in
            guard let genesis = try? GenesisDocument.parse(bytes) else { return }
            let again = try? GenesisDocument.parse(Array(GenesisDocument.text(genesis).utf8))
            guard again?.hash == genesis.hash else {
                throw FuzzFinding("genesis: it is another one when written and read again")
            }
        },
        FuzzTarget("proof", seeds: { [Array(#"{"format":"dipnet receipt proof 1"}"#.utf8)] }) {
            bytes in
            guard let proof = try? ProofDocument(parsing: bytes) else { return }
            _ = try? proof.verify(with: LedgerSamples.genesis)
        },
        FuzzTarget(
            "keystore", seeds: { [Array(#"{"version":3,"crypto":{"cipher":"aes-128-ctr"}}"#.utf8)] }
        ) {
            bytes in
            _ = try? KeystoreFile(parsing: bytes, file: "fuzz")
        },
        FuzzTarget(
            "signer",
            seeds: {
                let digits = String(repeating: "7f", count: 64)
                return [
                    Array("\"0x\(digits)1b\"".utf8), Array("[\"0x\(digits)\"]".utf8),
                    Array(
                        #"{"signer":"https://[::1]:9","address":"0x\#(digits.prefix(40))"}"#.utf8),
                ]
            }
        ) { (bytes) throws(FuzzFinding) in
            _ = RemoteSigner.keys(in: bytes).map { RemoteSigner.name(of: .zero, among: $0) }
            _ = try? SignerFile.read(bytes, name: "fuzz", folder: "/")
            guard let signature = RemoteSigner.signature(in: bytes) else { return }
            let again = RemoteSigner.signature(in: Array(Hex.encode(signature.bytes).utf8))
            guard again == signature else {
                throw FuzzFinding("signer: a signature is another one when written and read again")
            }
        },
    ]
}

/// The last segment of a log, beside a term and a vote that are as they were written.
private enum LogSample {
    static let owner = LogOwner(chain: LedgerSamples.genesis.hash, node: NodeID(1))
    static let segment = LogNames.segment(first: 1)

    static func folder() throws(LogFault) -> (files: MemoryFiles, log: SegmentedLog) {
        let files = MemoryFiles()
        var options = SegmentedLog.Options()
        options.segmentBytes = 1024
        options.salt = { 7 }
        let log = try SegmentedLog.open(files, owner: owner, options: options)
        if log.hardState == nil { try log.save(HardState(term: 1, vote: nil)) }
        return (files, log)
    }

    static var bytes: [UInt8] {
        do throws(LogFault) {
            let (files, log) = try folder()
            try log.append(
                (0..<4).map { LogEntry(term: 1, kind: .command, payload: [1, 2, $0]) }, at: 1)
            _ = try log.sync()
            let file = try files.open(segment)
            return try read(file)
        } catch {
            preconditionFailure("a new log of ours was refused: \(error)")
        }
    }

    static func open(_ bytes: [UInt8]) {
        guard bytes.count <= 1 << 16, let (files, _) = try? folder(),
            let file = try? files.create(segment)
        else { return }
        try? bytes.withUnsafeBytes { bytes throws(LogFault) in
            if !bytes.isEmpty { try file.write(bytes, at: 0) }
            try file.sync()
        }
        guard let log = try? SegmentedLog.open(files, owner: owner) else { return }
        _ = try? log.entries(from: log.firstIndex, through: log.lastIndex, maximumBytes: 1 << 20)
    }

    private static func read(_ file: any LogFile) throws(LogFault) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: try file.size())
        var fault: LogFault?
        bytes.withUnsafeMutableBytes { buffer in
            do throws(LogFault) { _ = try file.read(into: buffer, at: 0) } catch { fault = error }
        }
        if let fault { throw fault }
        return bytes
    }
}
