import Ledger

/// A block as one node hands it to another that lacks it: what was ordered, what executing it must give,
/// and the signatures of banks that executed it.
package struct SealedBlock: Equatable, Sendable {
    /// What executing the body gives.
    package let header: Header
    /// The encoded body.
    package let body: [UInt8]
    /// The encoded certificate; empty where the sender has none.
    package let certificate: [UInt8]

    /// Puts a block together.
    package init(header: Header, body: [UInt8], certificate: [UInt8]) {
        self.header = header
        self.body = body
        self.certificate = certificate
    }

    /// The largest body that is taken from a peer, in bytes: the largest that governance can allow and
    /// room for its frame.
    package static let bodyBytesMax = (64 << 20) + (1 << 20)

    /// The length of the encoded block in bytes.
    package var byteCount: Int { Header.byteCount + 8 + body.count + certificate.count }

    /// Writes the encoded block.
    package func write(to writer: inout ByteWriter) {
        header.encode(to: &writer)
        writer.write(counted: body)
        writer.write(counted: certificate)
    }

    /// Reads an encoded block.
    package init(from reader: inout ByteReader) throws(DecodingFault) {
        header = try Header(from: &reader)
        let body = try reader.readCounted()
        guard body.count <= Self.bodyBytesMax else {
            throw DecodingFault("a body of \(body.count) bytes", at: reader.offset)
        }
        let certificate = try reader.readCounted()
        guard certificate.count <= Certificate.byteCountMax else {
            throw DecodingFault("a certificate of \(certificate.count) bytes", at: reader.offset)
        }
        self.body = Array(body)
        self.certificate = Array(certificate)
    }
}
