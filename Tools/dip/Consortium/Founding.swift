import Execution
import Files
import Foundation
import JSON
import Ledger
import Node
import Peers
import Wallet

/// A consortium with all that was made for it, in memory until it is written.
struct Founding {
    private struct Seat {
        let bank: ConsortiumPlan.Bank
        let nodeKey: PrivateKey?
        let operatorKey: PrivateKey?
        let node: Address
        let account: Address
    }

    let genesis: Genesis
    private let genesisText: String
    private let seats: [Seat]
    /// Issues certificates for the banks that have no authority of their own; nil if all have one.
    private let authority: Authority?
    private let authorities: [UInt8]
    private let days: Int

    /// Makes the keys, the genesis and the authority.
    ///
    /// - Parameters:
    ///   - plan: what is known of the banks.
    ///   - days: how long the nodes' certificates count.
    /// - Throws: ``Failure`` for a genesis that cannot be, or a file that cannot be read.
    init(_ plan: ConsortiumPlan, days: Int) throws {
        seats = try plan.banks.map { bank in
            let nodeKey = try bank.nodeAccount == nil ? PrivateKey.random() : nil
            let operatorKey = try bank.operatorAccount == nil ? PrivateKey.random() : nil
            return Seat(
                bank: bank, nodeKey: nodeKey, operatorKey: operatorKey,
                node: bank.nodeAccount ?? nodeKey?.address ?? .zero,
                account: bank.operatorAccount ?? operatorKey?.address ?? .zero)
        }
        (genesis, genesisText) = try plan.genesis(
            seats.map { ($0.node, $0.account) },
            timeMillis: UInt64(Date().timeIntervalSince1970) * 1000)
        var bundle: [UInt8] = []
        do {
            authority =
                try plan.banks.contains { $0.needsCertificate }
                ? Authority.make(name: "Dipnet \(plan.chainID)") : nil
            if let authority { bundle += try authority.certificatePEM() }
            for file in Set(plan.banks.compactMap(\.authority)).sorted() {
                _ = try CertificateFacts.read(file: file)
                bundle += try WholeFile.read(file, limit: 1 << 20) + [0x0a]
            }
        } catch {
            throw Failure.usage("\(error)")
        }
        authorities = bundle
        self.days = days
    }

    // MARK: Writing

    /// Writes all folders.
    ///
    /// - Parameters:
    ///   - path: a folder that is not there yet.
    ///   - password: under which operators' keys are encrypted; nil: they are not.
    /// - Throws: ``Failure``, above all where something is there already.
    func write(to path: String, password: SecretBytes?) throws {
        let folder = try NewFolder(path)
        do {
            try folder.write(genesisText.utf8, to: "genesis.json")
            for index in seats.indices {
                try bankFolder(index).write(
                    in: folder, at: "bank\(index + 1)", password: password)
            }
            if let authority {
                try folder.write(authority, note: Self.authorityNote)
            }
            try folder.write(note.utf8, to: "README")
            try folder.finish()
        } catch let fault as AuthorityFault {
            folder.discard()
            throw Failure(fault)
        } catch {
            folder.discard()
            throw error
        }
    }

    private func bankFolder(_ index: Int) -> BankFolder {
        let seat = seats[index]
        let bank = seat.bank
        let certificate: BankFolder.Certificate
        if let chain = bank.certificate {
            certificate = .brought(chain: chain, key: bank.certificateKey)
        } else if let authority, bank.needsCertificate {
            certificate = .issued(
                by: authority, chainID: genesis.chainID, host: bank.host, days: days)
        } else {
            certificate = .none
        }
        return BankFolder(
            number: UInt64(index) + 1, name: bank.name,
            settings: BankFolder.settings(
                bank: UInt64(index) + 1, rpcPort: bank.rpcPort, listen: bank.listen),
            genesis: genesisText, nodeKey: seat.nodeKey, operatorKey: seat.operatorKey,
            certificate: certificate, authorities: authorities)
    }

    private static let authorityNote = """
        authority.key issues certificates for the nodes of this consortium (dip consortium certificate).
        Keep it off the nodes and off the network: whoever has it can introduce machines to the nodes,
        though none without a bank's node key can speak for that bank.

        """

    private var note: String {
        var text = """
            Chain \(genesis.chainID), genesis \(genesis.hash)

            Copy each bank's folder to that bank's machine, and nothing else:

            """
        for (index, seat) in seats.enumerated() {
            text += "  bank\(index + 1)  \(seat.bank.name), met at \(seat.bank.endpoint)\n"
            let missing = bankFolder(index).missing
            if !missing.isEmpty {
                text += "         the bank itself adds \(missing.joined(separator: ", "))\n"
            }
        }
        text += """

            In a folder: node.key signs blocks and stays on the node. operator.key, or the keystore
            operator, votes and pays fees for the bank; it belongs where the bank keeps such keys, and
            not on the node. tls/ holds the node's certificate, its key, and the authorities it trusts.

            Start a node with: dip node --config node.json

            """
        return text
    }

    // MARK: Telling

    /// What a program reads.
    func json(folder: String) -> JSON {
        .members([
            ("ok", true), ("folder", .string(folder)), ("chainId", .integer(genesis.chainID)),
            ("genesis", .string(genesis.hash.hex)),
            ("certificateQuorum", .integer(genesis.certificateQuorum)),
            ("authority", authority.map { _ in .string("\(folder)/authority") }),
            (
                "banks",
                .array(
                    seats.enumerated().map { index, seat in
                        let home = "\(folder)/bank\(index + 1)"
                        return .members([
                            ("bank", .integer(index + 1)), ("name", .string(seat.bank.name)),
                            ("folder", .string(home)), ("config", .string(home + "/node.json")),
                            ("nodeKey", .string(seat.node.checksummed)),
                            ("operator", .string(seat.account.checksummed)),
                            ("endpoint", .string(seat.bank.endpoint)),
                            ("rpc", .string("http://127.0.0.1:\(seat.bank.rpcPort)")),
                            (
                                "missing",
                                .array(bankFolder(index).missing.map { .string($0) })
                            ),
                        ])
                    })
            ),
        ])
    }

    /// What a person reads.
    func tell(folder: String) {
        Output.line("Chain \(genesis.chainID), genesis \(genesis.hash)")
        Output.table(
            ["bank", "name", "met at", "JSON-RPC", "node key", "operator"],
            seats.enumerated().map { index, seat in
                [
                    "\(index + 1)", seat.bank.name, seat.bank.endpoint,
                    "127.0.0.1:\(seat.bank.rpcPort)", seat.node.short, seat.account.short,
                ]
            })
        for index in seats.indices {
            let missing = bankFolder(index).missing
            guard !missing.isEmpty else { continue }
            Output.line(
                "Bank \(index + 1) itself puts into \(folder)/bank\(index + 1): "
                    + missing.joined(separator: ", "))
        }
        if authority != nil {
            Output.line("\(folder)/authority issues certificates: keep it off the nodes.")
        }
        Output.line("Start each bank's node, here or where you copy its folder, then look:")
        for index in seats.indices {
            Output.line(
                "  dip node --config " + ShellWord.quoted("\(folder)/bank\(index + 1)/node.json"))
        }
        Output.line("  dip consortium status --node http://127.0.0.1:\(seats[0].bank.rpcPort)")
    }
}
