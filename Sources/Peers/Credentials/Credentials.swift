import COpenSSL
import Files
import Ledger
import NIOCore
import NIOSSL

/// What the certificate files held at one time, ready for use.
///
/// A connection keeps the one it was made with; a change of the files makes a new one.
final class Credentials: Sendable {
    static let protocolName = "dipnet/1"
    /// Bytes of one of the files.
    static let fileLimit = 4 << 20

    /// Greater for every newer one.
    let generation: UInt64
    /// For both ends of TLS.
    let context: NIOSSLContext
    /// The node's own certificate.
    let certificate: CertificateFacts
    /// Whom this node trusts.
    let authorities: TrustedAuthorities

    /// Reads the files.
    /// - Throws: ``PeerFault`` naming the file and what to do.
    init(
        _ files: CertificateFiles, generation: UInt64, shutdownMillis: Int64
    ) throws(PeerFault) {
        self.generation = generation
        let chain = try Self.read(files.chain, "certificate")
        authorities = try TrustedAuthorities(
            pem: try Self.read(files.authorities, "authorities file"), path: files.authorities)
        var key: [UInt8]
        do throws(FileFault) {
            key = try PrivateFile.read(files.key, limit: Self.fileLimit)
        } catch {
            throw PeerFault(error.description(of: "certificate's key"))
        }
        defer { key.withUnsafeMutableBytes { OPENSSL_cleanse($0.baseAddress, $0.count) } }
        do {
            let certificates = try NIOSSLCertificate.fromPEMBytes(chain)
            guard let leaf = certificates.first else {
                throw PeerFault("\(files.chain) holds no certificate")
            }
            certificate = try CertificateFacts(der: try leaf.toDERBytes())
            var configuration = TLSConfiguration.makeServerConfigurationWithMTLS(
                certificateChain: certificates.map { .certificate($0) },
                privateKey: .privateKey(try NIOSSLPrivateKey(bytes: key, format: .pem)),
                trustRoots: .certificates(authorities.certificates))
            // Both ends: a certificate is demanded and verified up to an authority. Which bank it
            // speaks for is a matter of the endorsement, so host names are not looked at.
            configuration.certificateVerification = .noHostnameVerification
            configuration.minimumTLSVersion = .tlsv13
            configuration.maximumTLSVersion = .tlsv13
            configuration.applicationProtocols = [Self.protocolName]
            configuration.shutdownTimeout = .milliseconds(shutdownMillis)
            context = try NIOSSLContext(configuration: configuration)
        } catch let fault as PeerFault {
            throw fault
        } catch {
            throw PeerFault(
                "cannot use the certificate \(files.chain) with the key \(files.key): \(error); "
                    + "both have to be PEM files that belong together")
        }
    }

    private static func read(_ path: String, _ name: String) throws(PeerFault) -> [UInt8] {
        do throws(FileFault) {
            return try WholeFile.read(path, limit: fileLimit)
        } catch {
            throw PeerFault(error.description(of: name))
        }
    }
}
