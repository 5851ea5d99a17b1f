import Consensus
import Files
import Ledger
import Node
import Peers
import Wallet

/// What one bank's machine gets: settings, keys, certificate, genesis.
struct BankFolder {
    /// Where a node's certificate comes from.
    enum Certificate {
        /// An authority at hand issues it.
        case issued(by: Authority, chainID: UInt64, host: String, days: Int)
        /// The bank has one: PEM files of the chain and, where it is at hand, of its key.
        case brought(chain: String, key: String?)
        /// The bank will make one itself.
        case none
    }

    let number: UInt64
    let name: String
    /// How the node is set up; the paths are those in the folder.
    let settings: NodeSettings
    let genesis: String
    /// nil where the bank keeps it.
    var nodeKey: PrivateKey?
    /// nil where the bank keeps it.
    var operatorKey: PrivateKey?
    let certificate: Certificate
    /// The certificates of all authorities that are trusted, PEM.
    let authorities: [UInt8]

    /// Settings with the usual places in the folder.
    static func settings(
        bank: UInt64, rpcPort: Int, listen: ListenAddress,
        introductions: Introductions = Introductions()
    ) -> NodeSettings {
        var settings = NodeSettings(
            data: "data", genesis: "genesis.json", keyFile: "node.key",
            rpc: .init(listen: ListenAddress(host: "127.0.0.1", port: rpcPort)))
        settings.bank = bank
        var peers = PeeringOptions(
            host: listen.host, port: listen.port,
            files: CertificateFiles(
                chain: "tls/node.pem", key: "tls/node.key", authorities: "tls/authorities.pem"))
        peers.introductions = introductions
        settings.peers = peers
        return settings
    }

    /// Writes everything.
    ///
    /// - Parameters:
    ///   - folder: in which the bank's folder is made.
    ///   - place: the name of the bank's folder; empty for the folder itself.
    ///   - password: under which the operator's key is encrypted; nil: it is written as it is.
    /// - Throws: ``Failure`` naming the file.
    func write(in folder: NewFolder, at place: String, password: SecretBytes?) throws {
        let lead = place.isEmpty ? "" : place + "/"
        try folder.makeFolder(named: lead + "tls")
        try folder.write(settings.text.utf8, to: lead + "node.json")
        try folder.write(genesis.utf8, to: lead + "genesis.json")
        try folder.write(authorities, to: lead + "tls/authorities.pem")
        if let nodeKey { try folder.write(nodeKey, to: lead + "node.key") }
        if let operatorKey {
            if let password {
                _ = try Keystore(folder: folder[lead + "operator"]).add(
                    operatorKey, password: password, label: "operator", time: Int(Authority.now))
            } else {
                try folder.write(operatorKey, to: lead + "operator.key")
            }
        }
        do throws(AuthorityFault) {
            try writeCertificate(folder[lead + "tls/node.pem"], folder[lead + "tls/node.key"])
        } catch {
            throw Failure(error)
        }
    }

    private func writeCertificate(_ chain: String, _ key: String) throws(AuthorityFault) {
        switch certificate {
        case .issued(let authority, let chainID, let host, let days):
            try authority.issue(
                name: Self.commonName(name, number), host: host, chainID: chainID,
                bank: NodeID(number), validDays: days
            ).write(certificate: chain, key: key)
        case .brought(let ownChain, let ownKey):
            // Read once more than needed, to refuse now what the node would refuse later.
            _ = try CertificateFacts.read(file: ownChain)
            do throws(FileFault) {
                try WholeFile.write(
                    try WholeFile.read(ownChain, limit: 1 << 20), to: chain, mode: 0o644)
                if let ownKey {
                    try PrivateFile.write(try PrivateFile.read(ownKey, limit: 64 << 10), to: key)
                }
            } catch {
                throw .file(error)
            }
        case .none: break
        }
    }

    /// A bank's name in a certificate, where only printable ASCII can stand.
    static func commonName(_ name: String, _ number: UInt64) -> String {
        let isPlain = name.utf8.allSatisfy { (0x20...0x7e).contains($0) }
        return isPlain && (1...64).contains(name.utf8.count) ? name : "Bank \(number)"
    }

    /// What the bank has to put into its folder before its node can start.
    var missing: [String] {
        var missing: [String] = []
        if nodeKey == nil { missing.append("node.key") }
        switch certificate {
        case .issued: break
        case .brought(_, let key): if key == nil { missing.append("tls/node.key") }
        case .none: missing += ["tls/node.pem", "tls/node.key"]
        }
        return missing
    }
}
