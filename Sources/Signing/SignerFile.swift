import Gateway
import JSON
import Ledger
import Wallet

/// What stands in a key file's place when the key lies in a signer elsewhere.
///
/// - Source: `docs/remote-signer.md`.
public struct SignerFile: Sendable, Equatable {
    /// The largest file, in bytes.
    static let byteLimit = 16 << 10
    /// The port of Web3Signer.
    static let defaultPort = 9000

    /// Its address, `https://HOST[:PORT]`, or `http://` where it is on this machine.
    public var signer: String
    /// The account whose key it has.
    public var address: Address
    /// PEM file with the authorities to trust; nil: the system's.
    public var authority: String?
    /// The certificate to show.
    public var certificate: ServerConfiguration.TLSFiles?
    /// How many seconds a connection, and an answer, may take.
    public var timeoutSeconds = 5

    /// Reads the file's bytes.
    ///
    /// - Parameters:
    ///   - bytes: JSON.
    ///   - name: the file's, for faults.
    ///   - folder: where paths start that do not begin with `/`.
    /// - Returns: what it says.
    /// - Throws: ``WalletFault/badSigner(file:reason:)`` naming the first bad member; one that is not known is
    ///   refused, since a mistyped one would silently do nothing.
    package static func read(
        _ bytes: [UInt8], name: String, folder: String
    ) throws(WalletFault) -> SignerFile {
        func fault(_ reason: String) -> WalletFault { .badSigner(file: name, reason: reason) }
        let json: JSON
        do { json = try JSON(parsing: bytes) } catch { throw fault("it is no JSON: \(error)") }
        let known = ["signer", "address", "authority", "certificate", "key", "timeoutSeconds"]
        if let stranger = json.object?.first(where: { !known.contains($0.name) }) {
            throw fault("\(stranger.name) is not known; known are \(known.joined(separator: ", "))")
        }
        func file(_ member: String) throws(WalletFault) -> String? {
            guard let value = json[member] else { return nil }
            guard let path = value.string, !path.isEmpty, !path.utf8.contains(0) else {
                throw fault("\(member) must be the path of a file")
            }
            return path.hasPrefix("/") ? path : folder + "/" + path
        }
        guard let signer = json["signer"]?.string else {
            throw fault("signer must be its address, such as https://signer.example:9000")
        }
        guard signer.hasPrefix("https://") || signer.hasPrefix("http://") else {
            throw fault("\(signer) is no address of a signer: write https://HOST:PORT")
        }
        guard let address = json["address"]?.string.flatMap({ Address(checked: $0) }) else {
            throw fault("address must be that of the account whose key it has")
        }
        var settings = SignerFile(signer: signer, address: address)
        settings.authority = try file("authority")
        switch (try file("certificate"), try file("key")) {
        case (let chain?, let key?):
            settings.certificate = .init(certificateChain: chain, privateKey: key)
        case (nil, nil): break
        default: throw fault("certificate and key go together")
        }
        if let seconds = json["timeoutSeconds"] {
            guard let number = seconds.unsigned, (1...60).contains(number) else {
                throw fault("timeoutSeconds must be a number from 1 to 60")
            }
            settings.timeoutSeconds = Int(number)
        }
        return settings
    }

    private init(signer: String, address: Address) {
        self.signer = signer
        self.address = address
    }

    /// The signer that is meant; it is not asked yet.
    func signer(name: String) throws(WalletFault) -> RemoteSigner {
        do throws(ClientFault) {
            var endpoint = try RPCEndpoint(signer, port: Self.defaultPort)
            guard !endpoint.isReadableOnTheWay else {
                throw .misconfigured(
                    "\(endpoint) could be read and changed on its way: https:// is wanted beyond this "
                        + "machine")
            }
            guard signer.hasPrefix("https://") || authority == nil && certificate == nil else {
                throw .misconfigured(
                    "authority, certificate and key do nothing with http://: write https://, or leave them "
                        + "out")
            }
            endpoint.authorityFile = authority
            endpoint.certificate = certificate
            endpoint.timeoutMilliseconds = Int64(timeoutSeconds) * 1000
            return RemoteSigner(endpoint, address: address)
        } catch {
            throw .badSigner(file: name, reason: error.description)
        }
    }
}
