import ArgumentParser
import BankDesk
import Consensus
import Execution
import Files
import Foundation
import Gateway
import JSON
import Ledger
import Node
import Peers
import Wallet

/// `dip consortium join`.
struct ConsortiumJoin: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "join",
        abstract: "Make the folder of a bank that is to be admitted.",
        discussion: """
            Makes its node key, its operator key, a certificate and the node's settings, which \
            introduce the banks that there are; and says what is to be done then. The genesis and the \
            authorities are those in any bank's folder; --node is any node of the ledger. Without \
            --authority the bank gets an authority of its own, which the others have to trust before \
            its node can meet theirs. A node that is behind, or knows no leader, could tell a number \
            that another bank has meanwhile: it is waited for a while, then refused.

              dip consortium join --name Delta --endpoint d.example:7545 \\
                --genesis bank1/genesis.json --authorities bank1/tls/authorities.pem \\
                --node http://127.0.0.1:8545 --output delta
            """)

    @Option(help: "The bank's name.")
    var name: String

    @Option(help: "host:port at which its node will be met by the others.")
    var endpoint: String

    @Option(help: ArgumentHelp("The ledger's genesis.", valueName: "file"), completion: .file())
    var genesis: String

    @Option(
        help: ArgumentHelp(
            "PEM file with the authorities of the banks that there are.", valueName: "file"),
        completion: .file())
    var authorities: String

    @Option(
        help: ArgumentHelp(
            "The folder of an authority that they trust and that issues the certificate.",
            valueName: "folder"), completion: .directory)
    var authority: String?

    @Option(
        help: ArgumentHelp("The folder to be made.", valueName: "folder"), completion: .directory)
    var output: String

    @Option(help: "The node's port for JSON-RPC; 1000 above that for peers unless said.")
    var rpcPort: Int?

    @Option(help: "For how many days the node's certificate counts.")
    var days = 397

    @OptionGroup var passwords: OperatorPasswordOptions
    @OptionGroup var node: NodeOptions
    @OptionGroup var printing: OutputOptions

    func run() async throws {
        guard let place = ListenAddress(endpoint), place.port > 0 else {
            throw Failure.usage("--endpoint: host:port is wanted, such as d.example:7545")
        }
        guard let rpc = ConsortiumPlan.rpcPort(rpcPort, peerPort: place.port) else {
            throw Failure.usage(
                "--rpc-port: JSON-RPC needs a port of its own from 1 to 65535; without the option it is "
                    + "\(ConsortiumPlan.rpcDistance) above that for peers")
        }
        let genesis = try GenesisFile.read(genesis)
        try checkAuthorities()
        let client = RPCClient(try node.endpoint())
        let ledger = try await Standing.newest(client)
        guard ledger.genesis == genesis.hash else {
            throw Failure.usage(
                "the node's ledger has genesis \(ledger.genesis), the file \(genesis.hash): they "
                    + "are different ledgers")
        }
        guard !ledger.names.contains(where: { $0.utf8.elementsEqual(name.utf8) }) else {
            throw Failure.usage("--name: the ledger has a bank that is called \(name) already")
        }
        let seat = Seat(
            number: ledger.next, name: name, nodeKey: try .random(), operatorKey: try .random())
        try write(seat, place, rpc, genesis, ledger)
        if printing.json {
            Output.json(seat.json(self))
        } else {
            tell(seat, rpcPort: rpc)
        }
    }

    /// Refuses now what the node would refuse later.
    private func checkAuthorities() throws {
        do {
            _ = try CertificateFacts.read(file: authorities)
        } catch .file(let fault) {
            throw Failure(fault)
        } catch {
            throw Failure.usage("\(authorities): \(error)")
        }
    }

    // MARK: Making

    /// The ledger as a node tells it.
    private struct Standing {
        let genesis: Hash32
        let next: UInt64
        let height: UInt64
        let names: [String]
        let banks: [PeerAddress]

        /// What a node says that knows the newest of the ledger; waits for one that catches up.
        static func newest(_ client: RPCClient) async throws -> Standing {
            var isTold = false
            for _ in 0..<patience {
                let answer = try await client.call("dip_consortium", .array([]))
                if NodeLedger.isCurrent(answer) { return try Standing(answer, client) }
                if !isTold { Output.note("the node catches up, or knows no leader; waiting") }
                isTold = true
                try await Task.sleep(for: .milliseconds(500))
            }
            throw Failure.failed(
                "\(client.endpoint) does not know the newest of the ledger, so that the number which it "
                    + "would give may be another bank's: it catches up, has no leader, or takes no "
                    + "transactions (dip consortium status); ask another node (--node)")
        }

        /// Half seconds.
        private static let patience = 20

        private init(_ answer: JSON, _ client: RPCClient) throws {
            guard let genesis = answer["genesis"]?.string.flatMap({ Hash32(hex: $0) }),
                let next = answer["nextBank"]?.whole64, let height = answer["height"]?.whole64
            else {
                throw ClientFault.badAnswer(
                    "\(client.endpoint): the answer to dip_consortium is not understood")
            }
            self.genesis = genesis
            self.next = next
            self.height = height
            names = (answer["validators"]?.elements ?? []).compactMap { $0["name"]?.string }
            banks = (answer["validators"]?.elements ?? []).compactMap { bank in
                guard let id = bank["id"]?.whole64, let key = bank["address"]?.address,
                    let endpoint = bank["endpoint"]?.string
                else { return nil }
                return PeerAddress(id: NodeID(id), nodeKey: key, endpoint: endpoint)
            }
        }
    }

    private struct Seat {
        let number: UInt64
        let name: String
        let nodeKey: PrivateKey
        let operatorKey: PrivateKey

        func json(_ command: ConsortiumJoin) -> JSON {
            .members([
                ("ok", true), ("bank", .integer(number)), ("name", .string(name)),
                ("config", .string(command.config(self))),
                ("nodeKey", .string(nodeKey.address.checksummed)),
                ("operator", .string(operatorKey.address.checksummed)),
                ("endpoint", .string(command.endpoint)),
                (
                    "authority",
                    command.authority == nil
                        ? .string(command.output + "/authority/authority.pem") : nil
                ),
            ])
        }
    }

    private func write(
        _ seat: Seat, _ place: ListenAddress, _ rpcPort: Int, _ genesis: Genesis,
        _ ledger: Standing
    ) throws {
        let folder = try NewFolder(output)
        do {
            let issuer = try issuer(ledger.next)
            var bundle = try WholeFile.read(authorities, limit: 1 << 20)
            if authority == nil {
                bundle += try [0x0a] + issuer.certificatePEM()
                try folder.write(issuer, note: Self.authorityNote)
            }
            let bank = ConsortiumPlan.Bank(
                name: name, host: place.host, peerPort: place.port, rpcPort: rpcPort)
            try BankFolder(
                number: seat.number, name: name,
                settings: BankFolder.settings(
                    bank: seat.number, rpcPort: bank.rpcPort, listen: bank.listen,
                    introductions: Introductions(ledger.banks, at: ledger.height)),
                genesis: GenesisDocument.text(genesis), nodeKey: seat.nodeKey,
                operatorKey: seat.operatorKey,
                certificate: .issued(
                    by: issuer, chainID: genesis.chainID, host: place.host, days: days),
                authorities: bundle
            ).write(in: folder, at: "bank\(seat.number)", password: try passwords.password())
            try folder.finish()
        } catch let fault as AuthorityFault {
            folder.discard()
            throw Failure(fault)
        } catch let fault as FileFault {
            folder.discard()
            throw Failure(fault)
        } catch {
            folder.discard()
            throw error
        }
    }

    private func issuer(_ number: UInt64) throws -> Authority {
        guard let authority else {
            return try Authority.make(name: BankFolder.commonName(name, number))
        }
        return try Authority.read(folder: authority)
    }

    private static let authorityNote = """
        authority.pem goes to the other banks, which add it to their nodes' tls/authorities.pem.
        authority.key issues certificates for this bank's node (dip consortium certificate). Keep it off
        the node and off the network.

        """

    // MARK: Telling

    private func config(_ seat: Seat) -> String { "\(output)/bank\(seat.number)/node.json" }

    private func tell(_ seat: Seat, rpcPort: Int) {
        Output.line("\(output)/bank\(seat.number) is made for the node of bank \(seat.number).")
        Output.line("What is to be done, in this order:")
        if authority == nil {
            Output.line(
                "- Every other bank adds \(output)/authority/authority.pem to its node's "
                    + "tls/authorities.pem; no restart is needed.")
        }
        Output.line("- One of them proposes it, more than half of them vote for it:")
        Output.line(
            """
                dip consortium admit --name \(ShellWord.quoted(name)) \\
                  --node-key \(seat.nodeKey.address.checksummed) \\
                  --operator \(seat.operatorKey.address.checksummed) \\
                  --endpoint \(endpoint)
            """)
        Output.line("- This bank starts its node, now or then, and looks:")
        Output.line("    dip node --config \(ShellWord.quoted(config(seat)))")
        Output.line("    dip consortium status --node http://127.0.0.1:\(rpcPort)")
        Output.line(
            "Its operator needs some DIP for fees before it can vote. The number \(seat.number) is "
                + "the next one as things stand: if another bank is admitted before, correct it in node.json."
        )
    }
}
