import ArgumentParser
import BankDesk
import Files
import JSON
import Ledger
import Signing
import Wallet

/// `dip bank operator`.
struct BankOperator: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "operator",
        abstract: "Replace the operator's key on the ledger and at the desk.",
        discussion: """
            The old key signs, the checker approves first; then the desk signs with the new one. Stop the desk \
            before. Where the ledger has the new key already, by a decision of the banks, only the desk takes it \
            over.

              dip bank operator --new-key-file next.key --desk desk
            """)

    @Option(
        help: ArgumentHelp(
            "The new key, 64 hexadecimal digits, which nobody else may be able to read, or the file that names its signer.",
            valueName: "file"), completion: .file())
    var newKeyFile: String

    @OptionGroup var checker: CheckerOptions
    @OptionGroup var desk: DeskOptions
    @OptionGroup var sending: DeskSendingOptions

    func run() async throws {
        let lock = try DeskLock(desk.folder)
        var settings = try desk.settings()
        let password = try desk.password(settings)
        let next = try SigningKey.read(newKeyFile)
        let session = try Session(
            sending.node.endpoint(settings), sending.keystore, sending.output)
        if try await !hasToken(next.address, settings, session) {
            let keys = try DeskKeys(
                desk.folder, password: password, withBank: true,
                signerFile: desk.signerFile(settings))
            guard let old = keys.bank else { throw Failure.failed("the desk has no key") }
            guard try await hand(from: old, to: next.address, session), !sending.dryRun else {
                return
            }
            try await untilItCounts(next.address, settings, session)
        }
        let derivation: KeyDerivation = settings.passwordFile == "password" ? .light : .standard
        try DeskKeys.replaceBank(
            desk.folder, with: next, password: password, derivation: derivation,
            time: OpenDesk.now)
        settings.bank = next.address
        settings.signerFile = next.remote == nil ? nil : BankInit.absolute(newKeyFile)
        try PrivateFile.write(
            Array((Output.pretty(settings.json) + "\n").utf8), to: desk.folder.settings,
            replacing: true)
        let left = try keyLeft(of: next)
        session.show(
            .members([
                ("ok", .bool(true)), ("bank", .string(next.address.checksummed)),
                ("keyLeft", left.map { .string($0) }),
            ])
        ) {
            Output.line("The desk signs as \(next.address.checksummed) from now on.")
            guard let left else { return }
            Output.line("The signer has its key; the desk has it too, in \(left).")
            Output.line("Remove that file, and from the backups, once the desk has worked so.")
        }
        withExtendedLifetime(lock) {}
    }

    /// The file in the desk's keystore of a key that is to be in the signer alone.
    private func keyLeft(of key: SigningKey) throws -> String? {
        guard key.remote != nil else { return nil }
        let entries = try Keystore(folder: desk.folder.keys).entries()
        return entries.first { $0.address == key.address }?.path
    }

    /// - Returns: whether it was sent, and not only written for the checker.
    private func hand(
        from old: SigningKey, to next: Address, _ session: Session
    ) async throws -> Bool {
        let call = ContractCall(.banks, IBanks.Function.setOperator, words: 1) { $0.write(next) }
        let plan = Plan(call, "make \(next.checksummed) the bank's operator")
        let sender = try Sender(session, sending, old)
        return try await checker.handing(plan) {
            if sending.dryRun {
                try await sender.tell(plan)
            } else {
                _ = try await sender.demand(plan)
            }
        }
    }

    /// Whether the account acts for the bank of the desk's token.
    private func hasToken(
        _ account: Address, _ settings: DeskSettings, _ session: Session
    ) async throws -> Bool {
        let call = ContractCall(.banks, IBanks.Function.depositTokens, words: 1) {
            $0.write(account)
        }
        return try await session.read(call) { reader throws(Rejection) in
            try reader.array(of: Address.self)
        }.contains(settings.token)
    }

    /// It counts from the next block on, which another transaction may have to make.
    private func untilItCounts(
        _ account: Address, _ settings: DeskSettings, _ session: Session
    ) async throws {
        for _ in 0..<100 {
            if try await hasToken(account, settings, session) { return }
            try await Task.sleep(for: .milliseconds(200))
        }
        throw Failure.failed(
            "the ledger will have the new key from its next block on: run the command again then")
    }
}
