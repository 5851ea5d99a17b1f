import ArgumentParser
import Consensus
import Execution
import Foundation
import JSON
import Ledger
import Node
import Peers
import Wallet

/// `dip consortium authority`.
struct ConsortiumAuthority: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "authority",
        abstract: "Make an authority of a bank's own, which issues its node's certificates.",
        discussion: """
            The folder gets authority.pem, which the other banks add to their nodes' \
            tls/authorities.pem, and authority.key, which is kept off the node.

              dip consortium authority --name 'First Bank' --output first-authority
            """)

    @Option(help: "The authority's name, up to 64 printable characters of ASCII.")
    var name: String

    @Option(help: "For how many days its own certificate counts.")
    var days = 3_653

    @Option(
        help: ArgumentHelp("The folder to be made.", valueName: "folder"), completion: .directory)
    var output: String

    func run() throws {
        let folder = try NewFolder(output)
        do {
            let authority = try Authority.make(name: name, validDays: days)
            try authority.write(
                certificate: folder["authority.pem"], key: folder["authority.key"])
            try folder.finish()
            Output.line(
                "\(output)/authority.pem goes to the other banks; keep \(output)/authority.key off the node"
            )
        } catch {
            folder.discard()
            throw (error as? AuthorityFault).map { Failure($0) } ?? error
        }
    }
}

/// `dip consortium certificate`.
struct ConsortiumCertificate: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "certificate",
        abstract: "Issue a certificate for a node, in place of the one it has.",
        discussion: """
            With --config the certificate and its key are put where the node's settings say; a node \
            that runs takes them over within seconds and makes its connections anew, without losing a \
            message. Where the authority is on another machine than the node, say what the settings \
            would, and copy the two files to the node's folder tls.

              dip consortium certificate --authority banks/authority --config banks/bank1/node.json
              dip consortium certificate --authority first-authority --chain-id 88001 --bank 1 \\
                --name 'First Bank' --host a.example --output tls
            """)

    @Option(
        help: ArgumentHelp("The authority's folder.", valueName: "folder"), completion: .directory)
    var authority: String

    @Option(
        help: ArgumentHelp("The node's settings.", valueName: "file"), completion: .file())
    var config: String?

    @Option(help: ArgumentHelp("The folder for node.pem and node.key.", valueName: "folder"))
    var output: String?

    @Option(help: "The ledger's chain id.")
    var chainID: UInt64?

    @Option(help: "The bank's number.")
    var bank: UInt64?

    @Option(help: "The bank's name.")
    var name: String?

    @Option(help: "The host at which the node is met.")
    var host: String?

    @Option(help: "For how many days it counts.")
    var days = 397

    func validate() throws {
        guard (config == nil) != (output == nil) else {
            throw ValidationError("Give --config, or --output and what the certificate is for.")
        }
        if output != nil {
            guard chainID != nil, bank != nil, host != nil else {
                throw ValidationError("--output needs --chain-id, --bank and --host.")
            }
        }
    }

    func run() throws {
        let target = try target()
        do {
            let issuer = try Authority.read(folder: authority)
            let certificate = try issuer.issue(
                name: BankFolder.commonName(target.name, target.bank), host: target.host,
                chainID: target.chainID, bank: NodeID(target.bank), validDays: days)
            try certificate.write(
                certificate: target.chain, key: target.key, replacing: config != nil)
            let facts = try certificate.facts()
            Output.line(
                "\(target.chain): \(facts.subject) for \(facts.names.joined(separator: ", ")), valid until "
                    + Moment.text(UInt64(max(0, facts.notAfter))))
        } catch {
            throw Failure(error)
        }
    }

    /// For whom the certificate is, and where it goes.
    private struct Target {
        let chainID: UInt64
        let bank: UInt64
        let name: String
        let host: String
        let chain: String
        let key: String
    }

    private func target() throws -> Target {
        guard let config else {
            let folder = output ?? "."
            if !FileManager.default.fileExists(atPath: folder) {
                try PrivateFiles.makeFolder(folder)
            }
            let number = bank ?? 0
            return Target(
                chainID: chainID ?? 0, bank: number, name: name ?? "Bank \(number)",
                host: host ?? "", chain: folder + "/node.pem", key: folder + "/node.key")
        }
        let settings = try NodeCommand.settings(in: config)
        let genesis = try GenesisFile.read(settings.genesis)
        guard let peers = settings.peers else {
            throw Failure.usage(
                "\(config): peers is missing: a bank that is alone needs no certificate")
        }
        guard let number = bank ?? settings.bank else {
            throw Failure.usage("\(config) does not say the bank's number: say --bank")
        }
        let founder = genesis.bankSet[id: number]
        let old = try? CertificateFacts.read(file: peers.files.chain).first
        // A bank that joined later is not in the genesis, but the certificate before says the host.
        let known = old?.names.first { $0.hasPrefix("DNS:") || $0.hasPrefix("IP:") }
        guard
            let host = host ?? founder.flatMap({ ListenAddress($0.endpoint)?.host })
                ?? known.flatMap({ $0.split(separator: ":", maxSplits: 1).last.map(String.init) })
        else { throw Failure.usage("the host at which the node is met is not known: say --host") }
        return Target(
            chainID: genesis.chainID, bank: number,
            name: name ?? founder?.name ?? old?.subject.replacing("CN=", with: "")
                ?? "Bank \(number)", host: host, chain: peers.files.chain, key: peers.files.key)
    }
}
