import ArgumentParser
import BankDesk
import Files
import JSON
import Ledger

/// `dip bank approve`.
struct BankApprove: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "approve",
        abstract: "Let the bank's operator make a call that takes two keys; for the checker.",
        discussion: """
            Shows what the call would do, and asks. An approval counts for exactly this call, once, for seven \
            days. The operator's commands say the call, or write it to a file with --for-checker, which only \
            the operator's user can read: hand it over to the checker's. Without a call: lists those that the \
            desk waits with; with --json as a file for the checker.

            Units, token and accounts are the call's own; a token's symbol and decimal places, names of banks \
            and what there is now are the word of the node that is asked.

              dip bank approve --call 0x… --account checker
              dip bank approve --desk desk --json > calls.json
              dip bank approve --file calls.json --account checker
            """)

    @Argument(help: "With --blind: the hash of a call.")
    var hash: String?

    @Option(help: ArgumentHelp("The call: selector and arguments.", valueName: "data"))
    var call: String?

    @Option(
        help: ArgumentHelp(
            "A file with calls, as the operator's commands and the list write it.",
            valueName: "file"),
        completion: .file())
    var file: String?

    @Flag(help: "Approve a hash without seeing what it stands for.")
    var blind = false

    @Flag(help: "Ask nothing.")
    var yes = false

    @OptionGroup var desk: DeskFolderOptions
    @OptionGroup var sending: SendingOptions

    func validate() throws {
        guard [hash, call, file].count(where: { $0 != nil }) <= 1 else {
            throw ValidationError("Give one of --call, --file, and a hash with --blind.")
        }
        guard hash == nil || blind else {
            throw ValidationError(
                "A hash does not say what it approves: give the call with --call or --file; "
                    + "--blind approves the hash all the same.")
        }
        guard !blind || hash != nil else { throw ValidationError("--blind goes with a hash.") }
    }

    func run() async throws {
        if let hash { return try await approve(blindly: hash) }
        let calls: [CheckedCall]
        if let file {
            calls = try CheckedCallFile.read(file)
        } else if let call {
            guard let data = JSON.string(call).data else {
                throw Failure.usage("--call takes 0x and an even number of hexadecimal digits")
            }
            calls = [try CheckedCall(data)]
        } else {
            return try WaitingCalls(desk: desk, sending: sending).list()
        }
        try await approve(calls)
    }

    private func approve(blindly hash: String) async throws {
        guard let word = Hash32(hex: hash) else {
            throw Failure.usage("\"\(hash)\" is no hash: 0x and 64 hexadecimal digits")
        }
        let session = try Session(sending.node, sending.keystore, sending.output)
        let signer = try Signer(sending.signer, session.keystore)
        let sender = Sender(session: session, options: sending, signer: signer)
        let plan = Plan(Self.call(word), "approve the call \(hash)")
        try await sending.dryRun ? sender.tell(plan) : sender.send(plan)
    }

    private func approve(_ calls: [CheckedCall]) async throws {
        let session = try Session(sending.node, sending.keystore, sending.output)
        let signer = try Signer(sending.signer, session.keystore)
        let sender = Sender(session: session, options: sending, signer: signer)
        let bank = try await CheckersBank(of: signer.address, session)
        // For the person; with --json the standard output is for the result alone.
        let say = session.isJSON ? Output.note : Output.line
        var results: [JSON] = []
        var declined = 0
        for call in calls {
            var currencies: [Address: Currency] = [:]
            for token in call.tokens {
                currencies[token] = try await session.currencyIfKnown(token)
            }
            let what = call.summary(session.names) { currencies[$0] }
            say("\(bank.title), would")
            say("  \(what)")
            for line in call.payments(session.names, currencies) { say("    \(line)") }
            for line in bank.context(of: call, currencies) { say("  \(line)") }
            say("  hash \(call.hash.hex)")
            let plan = Plan(Self.call(call.hash), "approve: \(what)")
            if sending.dryRun {
                try await sender.tell(plan)
                continue
            }
            guard try yes || Input.isYes("Approve it? [y/N] ", otherwise: "--yes") else {
                declined += 1
                continue
            }
            let (hash, receipt) = try await sender.demanding(plan)
            results.append(
                .object(
                    (call.json(what).object ?? []) + [.init("transaction", .string(hash))]
                        + (receipt.map { [.init("block", $0["blockNumber"] ?? .null)] } ?? [])))
            if !session.isJSON { Output.line("Approved, transaction \(hash)") }
        }
        if sending.dryRun { return }
        if session.isJSON {
            Output.json(["ok": .bool(declined == 0), "approved": .array(results)])
        }
        guard declined == 0 else {
            throw Failure.failed(
                calls.count == 1 ? "nothing was sent" : "\(declined) of \(calls.count) not approved"
            )
        }
    }

    static func call(_ hash: Hash32) -> ContractCall {
        ContractCall(.banks, IBanks.Function.approve, words: 1) { $0.write(word: hash) }
    }
}

extension CheckedCall {
    /// Each payment of an issue, where there are several or its reference is to be seen.
    fileprivate func payments(_ names: Names, _ currencies: [Address: Currency]) -> [String] {
        guard case .issue(let token, let payments) = content else { return [] }
        let currency = currencies[token] ?? .unknown
        return Output.lines(
            ofTable: ["amount", "units", "to", "payment"],
            payments.map {
                [
                    currency.number($0.amount), "\($0.amount)", names.text($0.to),
                    $0.reference.hex,
                ]
            }, right: [0, 1])
    }
}

extension Journal {
    /// Calls that the ledger takes once the checker has approved them; others wait for a pause to end, or for fees.
    func callsForChecker() throws -> [(id: Int64, reason: String, call: CheckedCall)] {
        // An approval does not help what waits for DIP, or for the end of a pause.
        try waitingCalls().filter { ["LimitExceeded", "NotApproved"].contains($0.reason) }
            .compactMap { call, reason in
                (try? CheckedCall(call.data)).map { (id: call.id, reason: reason, call: $0) }
            }
    }
}

/// What a desk waits with until the checker has approved it.
private struct WaitingCalls {
    let desk: DeskFolderOptions
    let sending: SendingOptions

    func list() throws {
        let open = try desk.options(sending.signer.passwords).open()
        let names = Names(try sending.keystore.open())
        let calls = try open.journal.callsForChecker()
        let rows = calls.map { row in
            (
                row,
                what: row.call.summary(names) {
                    $0 == open.settings.token ? open.currency : nil
                }
            )
        }
        if sending.output.json {
            return Output.json(
                .array(
                    rows.map { row, what in
                        .object(
                            (row.call.json(what).object ?? []) + [
                                .init("reason", .string(row.reason)),
                                .init("call", .integer(row.id)),
                            ])
                    }))
        }
        guard !rows.isEmpty else { return Output.note("the desk waits with nothing") }
        Output.table(
            ["call", "what", "why", "hash"],
            rows.map { row, what in
                ["\(row.id)", what, row.reason, row.call.hash.hex]
            }, right: [0])
        Output.note(
            "for the checker: dip bank approve --desk \(ShellWord.quoted(open.folder.path)) --json > calls.json, then "
                + "dip bank approve --file calls.json")
    }
}

/// Which desk, where the password's options belong to who signs.
struct DeskFolderOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The desk's folder; without it the environment's DIP_DESK, then the folder you are in.",
            valueName: "folder"), completion: .directory)
    var desk: String?

    /// As other commands of a desk take it.
    func options(_ passwords: PasswordOptions) throws -> DeskOptions {
        var options = try DeskOptions.parse([])
        options.desk = desk
        options.passwords = passwords
        return options
    }
}
