import ArgumentParser
import Files
import Foundation
import Gateway
import JSON
import Ledger
import Node

/// `dip proof`.
struct ProofCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "proof",
        abstract: "Write a file with which anybody can check that a payment was made.",
        discussion: """
            The file holds what happened, the way from there to the block's header, the signatures \
            of a majority of the banks, and how these banks came about since genesis. Whoever has the \
            ledger's genesis file checks it with 'dip verify', without any node.
            """,
        subcommands: [ForReceipt.self, ForBalance.self], defaultSubcommand: ForReceipt.self)

    /// `dip proof receipt`.
    struct ForReceipt: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "receipt",
            abstract: "Prove what a transaction did.",
            discussion: """
                  dip proof receipt 0x… --out payment.json
                  dip verify payment.json --genesis genesis.json
                """)

        @Argument(help: "The transaction's hash.")
        var hash: String

        @OptionGroup var file: ProofFileOptions
        @OptionGroup var reading: ReadingOptions

        func validate() throws {
            guard Hash32(hex: hash) != nil, hash.hasPrefix("0x") else {
                throw ValidationError("A hash is 0x and 64 hexadecimal digits.")
            }
        }

        func run() async throws {
            let session = try reading.session()
            // A block is certified a moment after it was executed.
            _ = try await session.call("dip_waitForReceipt", .string(hash), "certified", 10_000)
            let proof = try await session.call("dip_proof", .string(hash))
            guard !proof.isNull else {
                throw Failure.failed("no block has transaction \(hash), as far as this node knows")
            }
            try file.write(proof, session)
        }
    }

    /// `dip proof balance`.
    struct ForBalance: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "balance",
            abstract: "Prove what an account had in the newest certified state.",
            discussion: """
                A state is certified every so many blocks (the genesis says how many); the file says \
                after which block the account had that much.

                  dip proof balance dev:1 --out dip.json
                  dip proof balance 0x… --token DCNY --out deposit.json
                """)

        @Argument(help: "The account.")
        var account: String

        @Option(help: ArgumentHelp("A token's symbol or address; DIP unless said."))
        var token: String?

        @OptionGroup var file: ProofFileOptions
        @OptionGroup var reading: ReadingOptions

        func run() async throws {
            let session = try reading.session()
            var parameters: [JSON] = [.string(try session.names.address(account).hex)]
            if let token {
                parameters.append(.string(try await session.currency(token).address.hex))
            }
            let proof = try await session.client.call("dip_balanceProof", .array(parameters))
            try file.write(proof, session)
        }
    }
}

/// Where a proof goes.
struct ProofFileOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("The file to write; not overwritten.", valueName: "file"),
        completion: .file())
    var out: String

    /// Writes a proof as a node gave it, if it can be read.
    func write(_ json: JSON, _ session: Session) throws {
        let document: ProofDocument
        do {
            document = try ProofDocument(json)
        } catch {
            throw Failure.failed("the node's proof cannot be read: \(error)")
        }
        guard !FileManager.default.fileExists(atPath: out) else {
            throw Failure.failed("\(out) is there already; it was not touched")
        }
        try WholeFile.write(Array(document.text.utf8), to: out, mode: 0o644)
        session.show(["ok": true, "file": .string(out)]) {
            Output.line("\(out): check it with: dip verify \(ShellWord.quoted(out)) --genesis FILE")
        }
    }
}
