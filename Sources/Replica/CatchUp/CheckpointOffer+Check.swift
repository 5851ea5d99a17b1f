import Execution
import Ledger

/// An offered checkpoint of which banks vouch for everything.
package struct VouchedCheckpoint: Sendable {
    /// The root of the state.
    package let root: Hash32
    /// The block after which the state stood so, and its certificate.
    package let block: (stored: StoredBlock, certificate: [UInt8])
    /// The blocks that changed the set of banks up to the certifying header, each with its certificate.
    package let changes: [(stored: StoredBlock, certificate: [UInt8])]
}

extension CheckpointOffer {
    /// The most bytes that are taken of a block in an offer.
    private static let blockBytesMax = 256 << 20

    /// Follows the banks from those that this node knows to those that signed the checkpoint, and checks
    /// every signature on the way.
    ///
    /// - Parameters:
    ///   - genesis: what the ledger started from.
    ///   - tip: the last block that this node has executed.
    ///   - set: the banks that sign the block after it.
    /// - Returns: what is vouched for.
    /// - Throws: ``DecodingFault`` with what is not as it should be; the peer is at fault.
    package func check(
        genesis: Genesis, above tip: UInt64, signedBy set: BankSet
    ) throws(DecodingFault) -> VouchedCheckpoint {
        let block = try Self.block(self.block, "the checkpoint's block")
        var reader = ByteReader(header)
        let landing = try Header(from: &reader)
        try reader.finish()
        let height = block.header.height
        guard height > tip, genesis.checkpointDue(at: landing.height) == height,
            landing.checkpointHeight == height
        else {
            throw DecodingFault("header \(landing.height) does not certify the state of \(height)")
        }
        var set = set
        var blockSet = set
        var changes: [(stored: StoredBlock, certificate: [UInt8])] = []
        var last: UInt64 = 0
        for change in self.changes {
            let stored = try Self.block(change.block, "a block that changed the banks")
            let changeHeight = stored.header.height
            guard changeHeight > last, changeHeight < landing.height else {
                throw DecodingFault("the changes of the banks are not in order")
            }
            last = changeHeight
            changes.append((stored, change.certificate))
            // What this node has executed itself it need not be told.
            guard changeHeight > tip else { continue }
            try Self.check(change.certificate, of: stored.header, signedBy: set, genesis)
            set = try Self.set(after: stored)
            if changeHeight < height { blockSet = set }
        }
        try Self.check(blockCertificate, of: block.header, signedBy: blockSet, genesis)
        try Self.check(certificate, of: landing, signedBy: set, genesis)
        return VouchedCheckpoint(
            root: landing.checkpointRoot, block: (block, blockCertificate), changes: changes)
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

    private static func check(
        _ certificate: [UInt8], of header: Header, signedBy set: BankSet, _ genesis: Genesis
    ) throws(DecodingFault) {
        guard header.banks == set.hash else {
            throw DecodingFault("block \(header.height) is signed by other banks than are known")
        }
        let certificate = try Certificate(decoding: certificate)
        guard certificate.height == header.height, certificate.header == header.hash else {
            throw DecodingFault("the certificate is not block \(header.height)'s")
        }
        do throws(CertificateFault) {
            try certificate.verify(chainID: genesis.chainID, set: set)
        } catch {
            throw DecodingFault(error.description)
        }
    }

    private static func set(after block: StoredBlock) throws(DecodingFault) -> BankSet {
        let objects = try block.changes().objects
        guard let bytes = objects.first(where: { $0.key == Governance.bankSetKey })?.value else {
            throw DecodingFault("block \(block.header.height) did not change the banks")
        }
        return try BankSet(decoding: bytes)
    }
}
