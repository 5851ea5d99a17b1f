import COpenSSL
import Files

/// Why a certificate could not be made or read.
public enum AuthorityFault: Error, Equatable, Sendable {
    /// OpenSSL failed: at what, and its own words.
    case openSSL(operation: String, reason: String)
    /// A value does not fit into a certificate: which, and what would.
    case unfit(String)
    /// Bytes that are no certificate or no key.
    case unreadable(String)
    /// The key is not that of the certificate.
    case foreignKey
    /// A file could not be read or written.
    case file(FileFault)

    /// The fault that OpenSSL reported last on this thread.
    static func openSSL(_ operation: String) -> AuthorityFault {
        let code = ERR_peek_last_error()
        ERR_clear_error()
        var text = [CChar](repeating: 0, count: 256)
        ERR_error_string_n(code, &text, text.count)
        let bytes = text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        return .openSSL(operation: operation, reason: String(decoding: bytes, as: UTF8.self))
    }
}

extension AuthorityFault: CustomStringConvertible {
    /// The fault in a sentence.
    public var description: String {
        switch self {
        case .openSSL(let operation, let reason): "OpenSSL could not \(operation): \(reason)"
        case .unfit(let reason), .unreadable(let reason): reason
        case .foreignKey: "the key is not that of the certificate"
        case .file(let fault): fault.description
        }
    }
}
