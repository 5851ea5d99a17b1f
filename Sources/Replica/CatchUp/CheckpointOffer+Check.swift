import Execution
import Ledger

/// A stored block with its encoded certificate.
package struct CertifiedBlock: Sendable {
    /// The block.
    package let stored: StoredBlock
    /// Its certificate.
    package let certificate: [UInt8]
}

/// An offered checkpoint of which banks vouch for everything.
package struct VouchedCheckpoint: Sendable {
    /// The root of the state.
    package let root: Hash32
    /// The block after which the state stood so.
    package let block: CertifiedBlock
    /// The blocks up to it that changed the set of banks, as far as anybody has named them.
    ///
    /// That none was left out shows when the state is there, which lists their heights.
    package let changes: [CertifiedBlock]
}

/// A block that changed the set of banks, as this node's own state and history know it.
package struct KnownChange: Sendable {
    /// The height, which the state lists.
    package let height: UInt64
    /// The stored block, and its encoded certificate; nil where the history lacks them.
    package let block: [UInt8]?
    package let certificate: [UInt8]?

    /// Describes a block.
    package init(height: UInt64, block: [UInt8]?, certificate: [UInt8]?) {
        self.height = height
        self.block = block
        self.certificate = certificate
    }

    /// The block with its certificate, if both are there and can be read.
    fileprivate var certified: CertifiedBlock? {
        guard let block, let certificate, let stored = try? StoredBlock(decoding: block),
            stored.header.height == height
        else { return nil }
        return CertifiedBlock(stored: stored, certificate: certificate)
    }
}

extension CheckpointOffer {
    /// The most bytes that are taken of a block in an offer.
    private static let blockBytesMax = 256 << 20

    /// Follows the banks from the founders to those that signed the checkpoint, and checks every signature on
    /// the way.
    ///
    /// - Parameters:
    ///   - genesis: what the ledger started from.
    ///   - tip: the last block that this node has executed.
    ///   - set: the banks that sign the block after it.
    ///   - known: the blocks up to it that changed them. What this node has of them it need not be told.
    /// - Returns: what is vouched for.
    /// - Throws: ``DecodingFault`` with what is not as it should be; the peer is at fault.
    package func check(
        genesis: Genesis, above tip: UInt64, signedBy set: BankSet, known: [KnownChange]
    ) throws(DecodingFault) -> VouchedCheckpoint {
        let block = CertifiedBlock(
            stored: try Self.block(self.block, "the checkpoint's block"),
            certificate: blockCertificate)
        var reader = ByteReader(header)
        let landing = try Header(from: &reader)
        try reader.finish()
        let height = block.stored.header.height
        guard height > tip, genesis.checkpointDue(at: landing.height) == height,
            landing.checkpointHeight == height
        else {
            throw DecodingFault("header \(landing.height) does not certify the state of \(height)")
        }
        let offered = try offeredChanges(below: landing.height)
        var banks = BankSuccession(from: genesis.anchor)
        var changes: [CertifiedBlock] = []
        for change in known {
            if let own = change.certified, (try? Self.follow(own, &banks)) != nil {
                changes.append(own)
            } else if let theirs = offered.first(where: {
                $0.stored.header.height == change.height
            }) {
                try Self.follow(theirs, &banks)
                changes.append(theirs)
            } else {
                throw DecodingFault("block \(change.height), which changed the banks, is lacking")
            }
        }
        guard banks.banks == set else {
            throw DecodingFault("the changes come to other banks than those after block \(tip)")
        }
        var signers = banks
        for change in offered where change.stored.header.height > tip {
            try Self.follow(change, &banks)
            guard change.stored.header.height <= height else { continue }
            changes.append(change)
            // A block that changes the banks is signed by those before it.
            if change.stored.header.height < height { signers = banks }
        }
        let (own, named) = (
            CertifiedHeader(block.stored.header, try Certificate(decoding: block.certificate)),
            CertifiedHeader(landing, try Certificate(decoding: certificate))
        )
        try Self.proving { () throws(ProofFault) in
            try signers.verify(own)
            try banks.verify(named)
        }
        return VouchedCheckpoint(root: landing.checkpointRoot, block: block, changes: changes)
    }

    private func offeredChanges(
        below landing: UInt64
    ) throws(DecodingFault) -> [CertifiedBlock] {
        var offered: [CertifiedBlock] = []
        for change in changes {
            let stored = try Self.block(change.block, "a block that changed the banks")
            guard stored.header.height > offered.last?.stored.header.height ?? 0,
                stored.header.height < landing
            else { throw DecodingFault("the changes of the banks are not in order") }
            offered.append(CertifiedBlock(stored: stored, certificate: change.certificate))
        }
        return offered
    }

    private static func follow(
        _ block: CertifiedBlock, _ banks: inout BankSuccession
    ) throws(DecodingFault) {
        let change = try BankSetChange(
            of: block.stored, Certificate(decoding: block.certificate))
        try proving { () throws(ProofFault) in try banks.follow(change) }
    }

    private static func proving(
        _ body: () throws(ProofFault) -> Void
    ) throws(DecodingFault) {
        do throws(ProofFault) {
            try body()
        } catch {
            throw DecodingFault(error.description)
        }
    }

    private static func block(
        _ bytes: [UInt8], _ what: String
    ) throws(DecodingFault) -> StoredBlock {
        guard bytes.count <= blockBytesMax else {
            throw DecodingFault("\(what) has \(bytes.count) bytes")
        }
        let block = try StoredBlock(decoding: bytes)
        try block.check()
        return block
    }
}
