import Files
import Foundation
import Ledger
import Logging
import Threads

/// The proofs that banks signed two headers of one height, each in a file of its own.
///
/// `DATA/evidence/HEIGHT-ACCOUNT`, bytes as `docs/formats/certificate.md` has them.
public struct Evidence: Sendable {
    private let folder: String
    /// The most files kept of one key: a bank can convict itself at every height, and may not take the
    /// room in which another's guilt would be kept.
    static let filesPerKeyMax = 100
    /// Ends the name of a file that is being written.
    private static let unfinished = ".new"

    /// The evidence in a node's data folder.
    public init(data: String) { folder = data + "/evidence" }

    /// Keeps a proof, on the disk when this returns; one of the same height and key is there already if it is.
    func keep(_ proof: DoubleVote, chainID: UInt64) throws {
        let owner = "-\(try proof.signer(chainID: chainID))"
        let name = "\(proof.first.height)" + owner
        if !FileManager.default.fileExists(atPath: folder) {
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700])
            try WholeFile.syncFolder(of: folder)
        }
        let names = try FileManager.default.contentsOfDirectory(atPath: folder)
        guard !names.contains(name),
            names.count(where: { $0.hasSuffix(owner) }) < Self.filesPerKeyMax
        else { return }
        try WholeFile.write(proof.bytes, to: folder + "/" + name, mode: 0o600)
    }

    /// All proofs, by height.
    ///
    /// - Returns: the file of each, and the proof or why it is none.
    public func all() -> [(file: String, proof: Result<DoubleVote, DecodingFault>)] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        func height(_ name: String) -> UInt64 { UInt64(name.prefix { $0 != "-" }) ?? 0 }
        let whole = names.filter { !$0.hasSuffix(Self.unfinished) }
        return whole.sorted { (height($0), $0) < (height($1), $1) }.map { name in
            let file = folder + "/" + name
            let bytes = FileManager.default.contents(atPath: file) ?? Data()
            do throws(DecodingFault) {
                guard bytes.count == DoubleVote.byteCount else {
                    throw DecodingFault("evidence has \(DoubleVote.byteCount) bytes")
                }
                return (file, .success(try DoubleVote(decoding: Array(bytes))))
            } catch {
                return (file, .failure(error))
            }
        }
    }
}

/// Writes proofs on a thread of its own: whoever finds one has votes to go on with.
final class EvidenceKeeper: Sendable {
    private let evidence: Evidence
    private let chainID: UInt64
    private let logger: Logger
    private let worker = Worker(named: "evidence")

    init(_ evidence: Evidence, chainID: UInt64, logger: Logger) {
        self.evidence = evidence
        self.chainID = chainID
        self.logger = logger
    }

    /// Keeps a proof against a bank, soon.
    func keep(_ proof: DoubleVote, against bank: UInt64) {
        worker.submit { [self] in
            do {
                try evidence.keep(proof, chainID: chainID)
            } catch {
                logger.error(
                    "the proof could not be kept",
                    metadata: ["bank": "\(bank)", "reason": "\(error)"])
            }
        }
    }

    /// Writes what is left and ends the thread.
    func stop() { worker.stop() }
}
