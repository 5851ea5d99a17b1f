import Execution
import JSON
import Ledger

/// A proof as it is handed on: a JSON file that names the ledger it is about.
///
/// - Source: `docs/formats/proof.md`.
public struct ProofDocument: Equatable, Sendable {
    /// What a file may prove.
    public enum Content: Equatable, Sendable {
        /// That something happened.
        case receipt(ReceiptProof)
        /// That an account had something.
        case balance(BalanceProof)
    }

    /// What a file was found to prove.
    public enum Proven: Sendable {
        /// Something happened.
        case receipt(ProvenReceipt)
        /// An account had something.
        case balance(ProvenBalance)
    }

    /// The largest file that is read, in bytes.
    public static let byteLimit = 64 << 20

    /// The ledger's chain id.
    public let chainID: UInt64
    /// The ledger's genesis hash.
    public let genesis: Hash32
    /// The proof.
    public let content: Content

    /// Makes the document of a proof.
    public init(_ content: Content, of genesis: Genesis) {
        chainID = genesis.chainID
        self.genesis = genesis.hash
        self.content = content
    }

    /// Checks every step of the proof.
    ///
    /// - Parameter genesis: the ledger, from a file that whoever checks trusts.
    /// - Returns: what is proved.
    /// - Throws: ``ProofFault``, the step that fails.
    public func verify(with genesis: Genesis) throws(ProofFault) -> Proven {
        let anchor = genesis.anchor
        guard chainID == anchor.chainID, self.genesis == anchor.genesis else {
            throw .otherLedger(chainID: chainID, genesis: self.genesis)
        }
        return switch content {
        case .receipt(let proof): .receipt(try proof.verify(from: anchor))
        case .balance(let proof): .balance(try proof.verify(from: anchor))
        }
    }

    // MARK: JSON

    private static let receiptFormat = "dipnet receipt proof 1"
    private static let balanceFormat = "dipnet balance proof 1"
    /// The most changes of the banks; a file has room for fewer.
    private static let changesMax = 65_536

    /// Reads a file.
    ///
    /// - Throws: ``ProofDocumentFault`` naming what is wrong; the proof itself is not checked.
    public init(parsing bytes: [UInt8]) throws(ProofDocumentFault) {
        guard bytes.count <= Self.byteLimit else {
            throw ProofDocumentFault("the file is larger than \(Self.byteLimit >> 20) MiB")
        }
        let json: JSON
        do throws(JSONFault) {
            json = try JSON(parsing: bytes)
        } catch {
            throw ProofDocumentFault("the file is no JSON: \(error)")
        }
        try self.init(json)
    }

    /// Reads a document, as ``write(to:)`` writes it.
    ///
    /// - Throws: ``ProofDocumentFault`` naming what is wrong; the proof itself is not checked.
    public init(_ json: JSON) throws(ProofDocumentFault) {
        var reader = try ProofReader(json)
        let format = try reader.text("format")
        chainID = try reader.number("chainId")
        genesis = try reader.hash("genesis")
        switch format {
        case Self.receiptFormat: content = .receipt(try Self.receipt(&reader))
        case Self.balanceFormat: content = .balance(try Self.balance(&reader))
        default:
            throw ProofDocumentFault("format: a proof that this program does not know")
        }
        try reader.finish()
    }

    /// The file, ending with a new line.
    public var text: String {
        var writer = JSONWriter(capacity: 1 << 14)
        write(to: &writer)
        return writer.text + "\n"
    }

    /// Writes the document as one JSON object.
    public func write(to writer: inout JSONWriter) {
        writer.object { writer in
            switch content {
            case .receipt(let proof):
                writer.member("format", string: Self.receiptFormat)
                writeLedger(to: &writer)
                writer.member("index", number: proof.index)
                writer.key("transaction")
                if let transaction = proof.transaction {
                    writer.object { writer in
                        writer.member("raw", data: transaction.raw)
                        Self.write(path: transaction.path, to: &writer)
                    }
                } else {
                    writer.null()
                }
                writer.key("record")
                writer.object { writer in
                    writer.member("bytes", data: proof.record)
                    Self.write(path: proof.recordPath, to: &writer)
                }
                Self.write(proof.block, to: &writer)
                Self.write(proof.history, to: &writer)
            case .balance(let proof):
                writer.member("format", string: Self.balanceFormat)
                writeLedger(to: &writer)
                writer.member("key", data: proof.key)
                writer.member("value", data: proof.value)
                Self.write(proof.branch, to: &writer)
                Self.write(proof.block, to: &writer)
                Self.write(proof.history, to: &writer)
            }
        }
    }
}

// Reading, in the order of the file.
extension ProofDocument {
    private static func receipt(
        _ reader: inout ProofReader
    ) throws(ProofDocumentFault) -> ReceiptProof {
        let index: UInt32 = try reader.number("index")
        var transaction: ReceiptProof.Included?
        if var inner = try reader.objectIfAny("transaction") {
            transaction = ReceiptProof.Included(
                raw: try inner.bytes("raw"), path: try path(&inner))
            try inner.finish()
        }
        var record = try reader.object("record")
        let bytes = try record.bytes("bytes")
        let recordPath = try path(&record)
        try record.finish()
        return ReceiptProof(
            index: index, transaction: transaction, record: bytes, recordPath: recordPath,
            block: try block(&reader), history: try history(&reader))
    }

    private static func balance(
        _ reader: inout ProofReader
    ) throws(ProofDocumentFault) -> BalanceProof {
        BalanceProof(
            key: try reader.bytes("key"), value: try reader.bytes("value"),
            branch: try branch(&reader), block: try block(&reader),
            history: try history(&reader))
    }

    private static func block(
        _ reader: inout ProofReader
    ) throws(ProofDocumentFault) -> CertifiedHeader {
        CertifiedHeader(
            try reader.decoded("header") { (bytes) throws(DecodingFault) in
                var reader = ByteReader(bytes)
                let header = try Header(from: &reader)
                try reader.finish()
                return header
            },
            try reader.decoded("certificate") { (bytes) throws(DecodingFault) in
                try Certificate(decoding: bytes)
            })
    }

    private static func history(
        _ reader: inout ProofReader
    ) throws(ProofDocumentFault) -> BankSetHistory {
        BankSetHistory(
            try reader.array("banks", atMost: changesMax) {
                (json, path) throws(ProofDocumentFault) in
                var reader = try ProofReader(json, at: path)
                let change = BankSetChange(
                    try block(&reader), branch: try branch(&reader),
                    banks: try reader.decoded("set") { (bytes) throws(DecodingFault) in
                        try BankSet(decoding: bytes)
                    })
                try reader.finish()
                return change
            })
    }

    private static func path(_ reader: inout ProofReader) throws(ProofDocumentFault) -> [Hash32] {
        try reader.array("path", atMost: MerkleBranch.stepsMax) {
            (json, path) throws(ProofDocumentFault) in
            guard let hash = json.data.flatMap({ Hash32($0) }) else {
                throw ProofDocumentFault("\(path): expected 32 bytes")
            }
            return hash
        }
    }

    private static func branch(
        _ reader: inout ProofReader
    ) throws(ProofDocumentFault) -> MerkleBranch {
        MerkleBranch(
            steps: try reader.array("path", atMost: MerkleBranch.stepsMax) {
                (json, path) throws(ProofDocumentFault) in
                guard let member = json.object?.first, json.object?.count == 1,
                    member.name == "left" || member.name == "right",
                    let hash = member.value.data.flatMap({ Hash32($0) })
                else {
                    throw ProofDocumentFault(
                        "\(path): expected one member, left or right, of 32 bytes")
                }
                return MerkleBranch.Step(hash, isLeft: member.name == "left")
            })
    }
}

// Writing.
extension ProofDocument {
    private func writeLedger(to writer: inout JSONWriter) {
        writer.member("chainId", number: chainID)
        writer.member("genesis", hash: genesis)
    }

    private static func write(path: [Hash32], to writer: inout JSONWriter) {
        writer.key("path")
        writer.array(of: path) { $0.hash($1) }
    }

    private static func write(_ branch: MerkleBranch, to writer: inout JSONWriter) {
        writer.key("path")
        writer.array(of: branch.steps) { writer, step in
            writer.object { $0.member(step.isLeft ? "left" : "right", hash: step.sibling) }
        }
    }

    private static func write(_ block: CertifiedHeader, to writer: inout JSONWriter) {
        writer.member("header", data: block.header.bytes)
        writer.member("certificate", data: block.certificate.bytes)
    }

    private static func write(_ history: BankSetHistory, to writer: inout JSONWriter) {
        writer.key("banks")
        writer.array(of: history.changes) { writer, change in
            writer.object { writer in
                write(change.block, to: &writer)
                write(change.branch, to: &writer)
                writer.member("set", data: change.banks.bytes)
            }
        }
    }
}
