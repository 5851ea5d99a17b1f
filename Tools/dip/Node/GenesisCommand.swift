import ArgumentParser
import Execution
import Files
import Foundation
import JSON
import Ledger
import Node
import Storage

/// `dip genesis`.
struct GenesisCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "genesis",
        abstract: "Make, check and show genesis files.",
        subcommands: [Initialize.self, Check.self])

    /// `dip genesis init`.
    struct Initialize: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "init",
            abstract: "Write a genesis file to start from.",
            discussion: """
                The file is for one bank; edit amounts, prices and limits before the first start. \
                Afterwards nothing of it can be changed. The chain id is all that binds transactions, \
                permits and attestations to the ledger: take a number that no other one has, a trial of \
                your own included.

                Example:
                  dip genesis init --chain-id 88001 --bank "First Bank" \\
                    --address 0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed --output genesis.json
                """)

        @Option(help: "The chain id; 3355 is the development ledger's.")
        var chainID: UInt64

        @Option(help: "The bank's name.")
        var bank: String

        @Option(help: "The account of the bank's node key; it also gets the DIP.")
        var address: String

        @Option(help: "DIP at the start, whole ones.")
        var supply: UInt64 = 1_000_000_000

        @Option(help: "The file to write; not overwritten.")
        var output: String

        func run() throws {
            // It gets all the DIP there is, so one mistyped letter must not pass.
            guard let account = Address(checked: address) else {
                throw Failure.usage(
                    "--address: \"\(address)\" is no address (0x and 40 hexadecimal digits), or has a wrong "
                        + "checksum")
            }
            if let fault = PublicChain.fault(chainID) {
                throw Failure.usage("--chain-id: \(fault)")
            }
            let genesis = Genesis(
                chainID: chainID,
                timeMillis: UInt64(Date().timeIntervalSince1970) * 1000,
                allocations: [
                    .init(
                        account: account,
                        amount: Amount(UInt128(supply) * 1_000_000_000_000_000_000))
                ], rules: Rules(), validators: [.init(name: bank, address: account)],
                certificateQuorum: 1)
            let text = GenesisDocument.text(genesis)
            // The same checks as at a start, so that no file is written that a node would refuse.
            do {
                _ = try GenesisDocument.parse(Array(text.utf8))
            } catch {
                throw Failure.usage("\(error)")
            }
            guard !FileManager.default.fileExists(atPath: output) else {
                throw Failure.failed("\(output) is there already; it was not touched")
            }
            try WholeFile.write(Array(text.utf8), to: output, mode: 0o644)
            Output.line("\(output): genesis \(genesis.hash)")
        }
    }

    /// `dip genesis check`.
    struct Check: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "check",
            abstract: "Validate a genesis file and print what it stands for.")

        @Argument(help: "The genesis file.")
        var file: String

        @Flag(help: "Print one JSON object.")
        var json = false

        func run() throws {
            let genesis = try GenesisFile.read(file)
            let supply = genesis.allocations.reduce(UInt128(0)) { $0 + $1.amount.units }
            if json {
                return Output.json([
                    "hash": .string(genesis.hash.hex), "chainId": .integer(genesis.chainID),
                    "timeMillis": .integer(genesis.timeMillis), "supply": .string("\(supply)"),
                    "accounts": .integer(genesis.allocations.count),
                    "banks": .integer(genesis.validators.count),
                ])
            }
            Output.line("genesis   \(genesis.hash)")
            Output.line("chain id  \(genesis.chainID)")
            if let fault = PublicChain.fault(genesis.chainID) {
                Output.line("warning   \(fault)")
            }
            Output.line(
                "DIP       \(supply) units of 10^-18 in \(genesis.allocations.count) accounts")
            for bank in genesis.validators {
                Output.line("bank      \(Output.clean(bank.name)) \(bank.address)")
            }
        }
    }
}

/// `dip dev`.
struct DevCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dev",
        abstract: "Help with development ledgers.",
        subcommands: [Reset.self, Keys.self, DevTemplates.self])

    /// `dip dev reset`.
    struct Reset: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "reset",
            abstract: "Delete a development ledger, so that the next start begins anew.",
            discussion: "Ledgers with another chain id than 3355 are never deleted.")

        @Option(help: "The folder of the node's data.")
        var data = DevelopmentFolder.path

        func run() throws {
            guard FileManager.default.fileExists(atPath: data) else {
                Output.line("\(data): nothing there")
                return
            }
            let genesis = try GenesisFile.read(data + "/genesis.json")
            guard genesis.chainID == Genesis.developmentChainID else {
                throw Failure.failed(
                    "\(data) is no development ledger (chain id \(genesis.chainID)); it was not touched"
                )
            }
            try delete()
            Output.line("\(data): deleted")
        }

        /// Deletes what a node makes, and nothing else that somebody may have put there.
        private func delete() throws {
            let folder: DataFolder
            do {
                // Fails while a node runs there.
                folder = try DataFolder(path: data)
            } catch {
                throw Failure.failed(error.description)
            }
            let made = [
                folder.statePath, folder.historyPath, folder.checkpointsPath, folder.logPath,
                data + "/evidence", data + "/admin.sock",
                // Last, since without it the next reset would not know what this folder is.
                folder.genesisPath, data + "/node.lock",
            ]
            do {
                for path in made where FileManager.default.fileExists(atPath: path) {
                    try FileManager.default.removeItem(atPath: path)
                }
            } catch {
                throw Failure.failed("cannot delete \(data): \(error.systemWords)")
            }
        }
    }

    /// `dip dev keys`.
    struct Keys: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "keys",
            abstract: "List the published accounts of development ledgers.",
            discussion: "Use one with --dev-key N. Their private keys are known to everybody.")

        func run() {
            for (index, address) in DevelopmentKeys.addresses.enumerated() {
                Output.line("\(index)  \(address.checksummed)")
            }
        }
    }
}
