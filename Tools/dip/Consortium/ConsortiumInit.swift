import ArgumentParser
import Execution
import Foundation
import JSON
import Ledger
import Node
import Peers
import Wallet

/// `dip consortium init`.
struct ConsortiumInit: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Make genesis, keys and certificates of a consortium, a folder for each bank.",
        discussion: """
            Each bank's folder is ready to be copied to its machine: node.json, with which \
            'dip node --config' starts, the genesis, the node's key, the operator's key, which votes \
            and pays fees for the bank, and TLS certificates. The folder authority holds what signs \
            those certificates and belongs on no node. Nothing is overwritten, and the folder comes \
            into being whole or not at all.

            Banks that make their own keys or certificates are described in a file; what they bring \
            along is not made (docs/consortium.md). On chain id 3355 the published development \
            accounts get test DIP.

              dip consortium init --banks 3 --output banks
              dip consortium init --banks 3 --output banks --chain-id 88001 \\
                --names 'First Bank,Second Bank,Third Bank' --host a.example --host b.example \\
                --host c.example
              dip consortium init --description consortium.json --output banks
            """)

    @Option(help: "How many banks, 1 to 15.")
    var banks: Int?

    @Option(
        help: ArgumentHelp(
            "A JSON file that describes the consortium instead.", valueName: "file"),
        completion: .file())
    var description: String?

    @Option(
        help: ArgumentHelp("The folder to be made.", valueName: "folder"), completion: .directory)
    var output: String

    @Option(help: "The banks' names, separated by commas; 'Bank 1' and so on unless said.")
    var names: String?

    @Option(
        help: ArgumentHelp(
            "Where the banks' nodes reach one another: given once for all of them (127.0.0.1 unless said), or once for each.",
            valueName: "host"))
    var host: [String] = []

    @Option(
        help:
            "The first bank's port for peers on its host, 7545 unless said; the next ones follow, and JSON-RPC is 1000 above."
    )
    var basePort: Int?

    @Option(
        help:
            "The chain id, a number that no other ledger has, a trial included; 3355, that of development ledgers, unless said."
    )
    var chainID: UInt64?

    @Option(help: "For how many days the certificates of the nodes count.")
    var days = 397

    @OptionGroup var passwords: OperatorPasswordOptions
    @OptionGroup var printing: OutputOptions

    func validate() throws {
        guard (banks == nil) != (description == nil) else {
            throw ValidationError("Give --banks or --description.")
        }
        if description != nil {
            guard names == nil, host.isEmpty, basePort == nil, chainID == nil else {
                throw ValidationError(
                    "--names, --host, --base-port and --chain-id stand in the description.")
            }
        }
        if let banks, !(1...BankSet.banksMax).contains(banks) {
            throw ValidationError("--banks: from 1 to \(BankSet.banksMax).")
        }
        if let basePort, !(1...64_000).contains(basePort) {
            throw ValidationError("--base-port: from 1 to 64000.")
        }
    }

    func run() throws {
        let founding = try Founding(try plan(), days: days)
        try founding.write(to: output, password: try passwords.password())
        if printing.json {
            Output.json(founding.json(folder: output))
        } else {
            founding.tell(folder: output)
        }
    }

    private func plan() throws -> ConsortiumPlan {
        if let description { return try ConsortiumPlan(file: description) }
        let count = banks ?? 1
        var names = (1...count).map { "Bank \($0)" }
        if let given = self.names {
            names = given.split(separator: ",", omittingEmptySubsequences: false).map {
                $0.trimmingCharacters(in: .whitespaces)
            }
            guard names.count == count else {
                throw Failure.usage("--names: \(names.count) names for \(count) banks")
            }
        }
        return try ConsortiumPlan(
            names: names, hosts: host.isEmpty ? ["127.0.0.1"] : host,
            basePort: basePort ?? ConsortiumPlan.basePort,
            chainID: chainID ?? Genesis.developmentChainID)
    }
}

/// Under which password a new operator's key is kept.
struct OperatorPasswordOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Encrypt the operator's key under the password in this file's first line, as a keystore 'operator'; without it the key is a file of mode 0600.",
            valueName: "file"), completion: .file())
    var operatorPasswordFile: String?

    func password() throws -> SecretBytes? {
        try operatorPasswordFile.map { try PasswordSource.file($0).readNew("") }
    }
}
