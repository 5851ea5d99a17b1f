import ArgumentParser
import Execution
import JSON
import Ledger
import Node

/// `dip evidence`.
struct EvidenceCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "evidence",
        abstract: "List and verify the proofs that banks signed two headers of one height.",
        discussion: """
            A node keeps such a proof in its data folder as soon as it has both signatures. Each file \
            convicts the key that made them, whoever shows it; no node is needed to verify it. The \
            bank is told by the genesis; one that joined later or changed its key, by the ledger.

              dip evidence /var/lib/dipnet
              dip evidence /var/lib/dipnet --json
            """)

    @Argument(help: ArgumentHelp("The node's data folder.", valueName: "folder"))
    var data: String

    @OptionGroup var output: OutputOptions

    func run() throws {
        let genesis = try GenesisFile.read(data + "/genesis.json")
        let cases = Evidence(data: data).all().map { file, proof in
            Case(file: file, proof: proof, chainID: genesis.chainID, set: genesis.bankSet)
        }
        if output.json {
            Output.json(.array(cases.map(\.json)))
        } else if cases.isEmpty {
            Output.line("No bank has signed two headers of one height, as far as this node knows.")
        } else {
            for one in cases { Output.line(one.text) }
        }
        guard cases.allSatisfy({ $0.account != nil }) else { throw ExitCodeOnly(status: 1) }
    }

    /// A file, and whom it convicts.
    private struct Case {
        let file: String
        let votes: DoubleVote?
        /// The account of the key that is convicted; nil if the file proves nothing.
        let account: Address?
        let bank: Bank?
        let fault: String?

        init(
            file: String, proof: Result<DoubleVote, DecodingFault>, chainID: UInt64, set: BankSet
        ) {
            self.file = file
            votes = try? proof.get()
            do {
                let account = try proof.get().signer(chainID: chainID)
                self.account = account
                bank = set.bank(signing: account)
                fault = nil
            } catch {
                account = nil
                bank = nil
                fault = "\(error)"
            }
        }

        var text: String {
            guard let votes, let account else {
                return "\(file) proves nothing: \(fault ?? "it cannot be read")"
            }
            let whose =
                bank.map { ", of bank \($0.id) (\(Output.clean($0.name, atMost: 64)))" }
                ?? ", no founder's: look in the ledger at that height"
            return """
                Height \(votes.first.height): the node key \(account.checksummed)\(whose), signed both
                  \(votes.first.header)
                  \(votes.second.header)
                  \(file)
                """
        }

        var json: JSON {
            .members([
                ("file", .string(file)), ("convicts", .bool(account != nil)),
                ("height", votes.map { .integer($0.first.height) }),
                ("account", account.map { .string($0.checksummed) }),
                ("bank", bank.map { .integer($0.id) }),
                (
                    "headers",
                    votes.map {
                        .array([.string($0.first.header.hex), .string($0.second.header.hex)])
                    }
                ),
                ("fault", fault.map { .string($0) }),
            ])
        }
    }
}
