import Gateway
import Ledger

/// Why a signer elsewhere gave no signature, for a person who can do something about it.
public enum SignerFault: Error, Equatable, Sendable {
    /// No connection, none that is safe, or no answer in time.
    case unreachable(ClientFault)
    /// The signer does not have the account's key.
    case unknownKey(signer: String, Address)
    /// The signer would not sign, and what it said.
    case refused(signer: String, status: Int, String)
    /// What came back is no signature and no list of keys.
    case badAnswer(signer: String, String)
    /// What came back is not the account's signature over what was asked for.
    case wrongSignature(signer: String, Address)

    /// Whether the same request may well succeed later.
    ///
    /// Also where certificate files cannot be used: they may be being renewed at this moment.
    public var passes: Bool {
        switch self {
        case .wrongSignature: false
        case .unreachable, .unknownKey, .refused, .badAnswer: true
        }
    }
}

extension SignerFault: CustomStringConvertible {
    /// What is wrong and what would help.
    public var description: String {
        switch self {
        case .unreachable(let fault): "no signature: \(fault)"
        case .unknownKey(let signer, let account):
            "no signature: the signer \(signer) has no key of \(account.checksummed); load it there, or "
                + "correct the address in the file that names the signer"
        case .refused(let signer, let status, let text):
            "no signature: the signer \(signer) refused (HTTP \(status)\(text.isEmpty ? "" : ": \(text)")); "
                + "is the vault or module with the key unlocked, and may this client use it? Its log says more"
        case .badAnswer(let signer, let text):
            "no signature: \(signer) does not answer as a signer does (\(text)); is Web3Signer there, in "
                + "its mode eth1?"
        case .wrongSignature(let signer, let account):
            "no signature: what the signer \(signer) gave is not signed by \(account.checksummed), or is "
                + "over something else; trust it with nothing until you know why"
        }
    }
}
