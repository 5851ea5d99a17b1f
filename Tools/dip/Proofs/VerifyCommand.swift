import ArgumentParser
import Execution
import Foundation
import JSON
import Ledger
import Node

/// `dip verify`.
struct VerifyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Check a proof with nothing but the ledger's genesis file.",
        discussion: """
            Asks no node. Exit status 0 if the file proves what is printed, 1 with the step that \
            fails otherwise.

              dip verify payment.json --genesis genesis.json
            """)

    @Argument(help: ArgumentHelp("The proof, as 'dip proof' writes it."), completion: .file())
    var file: String

    @Option(
        help: ArgumentHelp("The genesis file, from somebody you trust.", valueName: "file"),
        completion: .file())
    var genesis: String

    @OptionGroup var output: OutputOptions

    func run() throws {
        let genesis = try GenesisFile.read(self.genesis)
        let bytes = try Input.bytes(file, atMost: ProofDocument.byteLimit)
        let proven: ProofDocument.Proven
        do {
            proven = try ProofDocument(parsing: bytes).verify(with: genesis)
        } catch {
            throw Failure.failed("\(file) proves nothing: \(error)")
        }
        switch proven {
        case .receipt(let receipt): tell(receipt)
        case .balance(let balance): tell(balance)
        }
    }

    // MARK: Telling

    private func tell(_ receipt: ProvenReceipt) {
        let payments = receipt.logs.compactMap(Payment.init)
        let transaction = receipt.transaction
        let outcome =
            switch receipt.record.outcome {
            case .done: "done"
            case .refused: "refused"
            case .skipped: "skipped"
            }
        if output.json {
            return Output.json(
                .members([
                    ("proves", "receipt"), ("block", .integer(receipt.header.height)),
                    ("hash", .string("\(receipt.hash)")),
                    ("timeMillis", .integer(receipt.header.timeMillis)),
                    ("transaction", transaction.map { .string("\($0.hash)") }),
                    ("sender", transaction.map { .string($0.sender.hex) }),
                    ("outcome", .string(outcome)),
                    ("payments", .array(payments.map(\.json))), ("signers", names(receipt.signers)),
                ]))
        }
        let what =
            transaction.map { "transaction \($0.hash) of \($0.sender.checksummed)" }
            ?? "what fell due"
        Output.line(
            "Block \(receipt.header.height), \(day(receipt.header)): \(what) was \(outcome)")
        for payment in payments { Output.line("  " + payment.text) }
        Output.line(signed(receipt.signers, receipt.banks))
    }

    private func tell(_ balance: ProvenBalance) {
        let account = balance.key.address
        let amount = "\(balance.cell.amount)"
        let token = balance.key.space
        if output.json {
            return Output.json(
                .members([
                    ("proves", "balance"), ("block", .integer(balance.height)),
                    ("account", .string(account.hex)), ("space", .integer(UInt64(token))),
                    ("amount", .string(amount)), ("signers", names(balance.signers)),
                ]))
        }
        let of = token == 0 ? "units of 10^-18 DIP" : "smallest units of issued token \(token - 1)"
        Output.line("After block \(balance.height) \(account.checksummed) had \(amount) \(of)")
        Output.line(signed(balance.signers, balance.banks))
    }

    private func day(_ header: Header) -> String {
        Moment.text(header.timeMillis / 1000)
    }

    private func names(_ banks: [Bank]) -> JSON { .array(banks.map { .string($0.name) }) }

    private func signed(_ signers: [Bank], _ set: BankSet) -> String {
        let names = signers.map { Output.clean($0.name, atMost: 64) }.joined(separator: ", ")
        return "Signed by \(signers.count) of \(set.banks.count) banks: \(names)"
    }

    /// A payment among the logs of a record.
    private struct Payment {
        let token: Address
        let from: Address
        let to: Address
        let amount: UInt128

        init?(_ log: Log) {
            guard log.topics.count == 3, log.topics[0] == Self.transfer, log.data.count == 32,
                let from = Address(log.topics[1].bytes.suffix(20)),
                let to = Address(log.topics[2].bytes.suffix(20))
            else { return nil }
            (token, self.from, self.to) = (log.address, from, to)
            amount = log.data.suffix(16).reduce(0) { $0 << 8 | UInt128($1) }
        }

        private static let transfer = Keccak256.hash("Transfer(address,address,uint256)")

        var text: String {
            let what =
                token == .dip
                ? Currency.dip.text(amount) : "\(amount) units of \(token.checksummed)"
            return "\(from.checksummed) paid \(what) to \(to.checksummed)"
        }

        var json: JSON {
            [
                "token": .string(token.hex), "from": .string(from.hex), "to": .string(to.hex),
                "amount": .string("\(amount)"),
            ]
        }
    }
}
