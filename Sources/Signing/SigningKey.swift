import Ledger
import Wallet

/// The key of an account, wherever it lies.
public enum SigningKey: Sendable {
    /// In this process.
    case local(PrivateKey)
    /// In a signer elsewhere, which is asked for each signature.
    case remote(RemoteSigner)

    /// The account that it signs for.
    public var address: Address {
        switch self {
        case .local(let key): key.address
        case .remote(let signer): signer.address
        }
    }

    /// The key itself; nil where it is elsewhere.
    public var local: PrivateKey? {
        guard case .local(let key) = self else { return nil }
        return key
    }

    /// Who has it elsewhere; nil where it is here.
    public var remote: RemoteSigner? {
        guard case .remote(let signer) = self else { return nil }
        return signer
    }

    /// Signs the Keccak-256 of bytes; with a key that is here, without waiting for anything.
    ///
    /// - Parameters:
    ///   - preimage: what is hashed and signed.
    ///   - context: for a key that is here, see `SigningContext`.
    /// - Returns: a signature of ``address``, s low.
    /// - Throws: ``SignerFault``, never with a key that is here.
    public func sign(
        _ preimage: [UInt8], in context: SigningContext = .plain
    ) async throws(SignerFault) -> Signature {
        switch self {
        case .local(let key): key.sign(Keccak256.hash(preimage), in: context)
        case .remote(let signer): try await signer.sign(preimage)
        }
    }
}

extension SigningKey {
    /// Reads a key file: 64 hexadecimal digits, or a ``SignerFile`` in their place.
    ///
    /// - Parameter path: of a file that is its owner's alone.
    /// - Returns: the key; no signer is asked yet.
    /// - Throws: ``WalletFault``.
    public static func read(_ path: String) throws(WalletFault) -> SigningKey {
        let text = try PrivateFiles.read(path, atMost: SignerFile.byteLimit, isSecret: true)
        let first = text.withBytes { bytes in bytes.first { $0 > 0x20 } }
        guard first == UInt8(ascii: "{") else {
            return .local(try .read(hexText: text, of: path))
        }
        let folder = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
        let file = try SignerFile.read(text.withBytes { Array($0) }, name: path, folder: folder)
        return .remote(try file.signer(name: path))
    }
}

extension Transaction {
    /// Signs with a key, wherever it lies.
    /// - Returns: the bytes to be sent.
    public func sign(with key: SigningKey) async throws(SignerFault) -> [UInt8] {
        raw(with: try await key.sign(signingPreimage))
    }
}

extension EIP712Message {
    /// Signs the message for a domain with a key, wherever it lies.
    public func sign(
        with key: SigningKey, in domain: EIP712.Domain
    ) async throws(SignerFault) -> Signature {
        try await key.sign(preimage(in: domain))
    }
}
