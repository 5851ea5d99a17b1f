/// A header with the signatures that make its block final.
public struct CertifiedHeader: Hashable, Sendable {
    /// The header.
    public let header: Header
    /// The signatures, unchecked.
    public let certificate: Certificate

    /// Puts a header and its certificate together, unchecked.
    public init(_ header: Header, _ certificate: Certificate) {
        self.header = header
        self.certificate = certificate
    }

    /// Checks that enough banks of a set have signed this header, and that they were to.
    ///
    /// - Parameters:
    ///   - set: the banks.
    ///   - domain: ``EIP712/Domain/headers(chainID:)``, made once.
    /// - Returns: those that signed.
    /// - Throws: ``ProofFault``.
    @discardableResult
    public func verify(by set: BankSet, in domain: EIP712.Domain) throws(ProofFault) -> [Bank] {
        guard header.banks == set.hash else { throw .otherBanks(height: header.height) }
        guard certificate.height == header.height, certificate.header == header.hash else {
            throw .otherHeader(height: header.height)
        }
        do throws(CertificateFault) {
            return try certificate.verify(in: domain, set: set)
        } catch {
            throw .notCertified(error)
        }
    }
}
