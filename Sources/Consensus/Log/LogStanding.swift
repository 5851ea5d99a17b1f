import Ledger

/// What a log's folder says of the node without being opened as a log: for backups of a node that does not
/// run.
public struct LogStanding: Equatable, Sendable {
    /// The node's number.
    public let node: NodeID
    /// The term that it was in.
    public let term: Term

    /// Reads a folder's file of term and vote.
    ///
    /// - Parameters:
    ///   - files: the folder.
    ///   - chain: the ledger that it must be of.
    /// - Returns: nil if the node never took part: there is no such file.
    /// - Throws: ``LogFault`` if the file is damaged, of another ledger or of a newer program.
    public static func read(
        _ files: any LogFiles, chain: Hash32
    ) throws(LogFault) -> LogStanding? {
        guard try files.names().contains(LogNames.hardState) else { return nil }
        let file = try files.open(LogNames.hardState)
        let bytes = try file.readAll()
        // The number stands in the envelope, behind magic, version and ledger.
        var reader = ByteReader(bytes.dropFirst(44))
        guard let number: UInt64 = try? reader.read() else {
            throw LogFault(.corrupt("it is too short"), file: file.path, operation: "open")
        }
        let node = NodeID(number)
        let state = try HardState(
            sealed: bytes, owner: LogOwner(chain: chain, node: node), file: file.path)
        return LogStanding(node: node, term: state.term)
    }
}
