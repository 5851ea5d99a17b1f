import Foundation
import Ledger
import Storage

/// The proofs that banks signed two headers of one height, each in a file of its own.
///
/// `DATA/evidence/HEIGHT-ACCOUNT`, bytes as `docs/formats/certificate.md` has them.
public struct Evidence: Sendable {
    private let folder: String
    /// The most files kept: one bank can convict itself at every height.
    private static let filesMax = 1_000

    /// The evidence in a node's data folder.
    public init(data: String) { folder = data + "/evidence" }

    /// Keeps a proof; one of the same height and key is there already if it is.
    func keep(_ proof: DoubleVote, chainID: UInt64) throws {
        let account = try proof.signer(chainID: chainID)
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700])
        let file = "\(folder)/\(proof.first.height)-\(account)"
        guard !FileManager.default.fileExists(atPath: file),
            try FileManager.default.contentsOfDirectory(atPath: folder).count < Self.filesMax
        else { return }
        try Data(proof.bytes).write(to: URL(fileURLWithPath: file), options: .atomic)
    }

    /// All proofs, by height.
    ///
    /// - Returns: the file of each, and the proof or why it is none.
    public func all() -> [(file: String, proof: Result<DoubleVote, DecodingFault>)] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        func height(_ name: String) -> UInt64 { UInt64(name.prefix { $0 != "-" }) ?? 0 }
        return names.sorted { (height($0), $0) < (height($1), $1) }.map { name in
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
