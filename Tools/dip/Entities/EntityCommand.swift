import ArgumentParser
import Execution
import JSON
import Ledger

/// `dip entity …`.
struct EntityCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "entity",
        abstract: "Say which legal entity is behind an account, as a bank, or ask.",
        discussion: """
            A bank attests it with its operator's key, under an LEI (ISO 17442) or a unified social \
            credit code (GB 32100) whose check digits must be right. Templates may require it of \
            their parties. docs/entities.md says what it means.

              dip entity attest 0x… --name 'East Machine Works' --lei 529900D6BF99LW9R2E68 \\
                --industry C34 --key-file banks/bank1/operator.key
              dip entity show mill
            """,
        subcommands: [EntityAttest.self, EntityRevoke.self, EntityShow.self])
}

/// `dip entity attest`.
struct EntityAttest: SendingCommand {
    static let configuration = CommandConfiguration(
        commandName: "attest",
        abstract: "Attest, as a bank, who is behind an account.",
        discussion: """
            Signed with the bank's operator key. What the same bank attested before is replaced; while \
            another bank attests the account, the ledger refuses it.
            """)

    @Argument(help: "The account.")
    var account: String

    @Option(help: "The registered name.")
    var name: String

    @Option(help: "The Legal Entity Identifier, 20 characters.")
    var lei: String?

    @Option(help: "The unified social credit code (统一社会信用代码), 18 characters.")
    var creditCode: String?

    @Option(help: "The line of business: a section of ISIC or GB/T 4754 and digits, as C34.")
    var industry = ""

    @OptionGroup var sending: SendingOptions

    func plan(_ session: Session, sender: Address) async throws -> Plan {
        let account = try session.names.address(account)
        let given = IEntities.Entity(
            lei: try lei.map { try Self.word($0) } ?? .zero, creditCode: creditCode ?? "",
            name: name, industry: industry, bank: sender, since: 0, active: true)
        do throws(IdentifierFault) {
            _ = try LegalEntity(given)
        } catch {
            throw Failure.usage(error.why)
        }
        let call = ContractCall(.entities, IEntities.Function.attest, words: 2) {
            $0.write(account)
            $0.write(given)
        }
        return Plan(call, "attest that \(session.names.text(account)) is \(Output.clean(name))")
    }

    private static func word(_ text: String) throws -> Hash32 {
        do throws(IdentifierFault) {
            return try LegalEntityIdentifier(text).word
        } catch {
            throw Failure.usage("--lei: \(error.why)")
        }
    }
}

/// `dip entity revoke`.
struct EntityRevoke: SendingCommand {
    static let configuration = CommandConfiguration(
        commandName: "revoke",
        abstract: "Attest no longer, as a bank, who is behind an account.",
        discussion: "What was attested can still be read; it does not count any more.")

    @Argument(help: "The account.")
    var account: String

    @OptionGroup var sending: SendingOptions

    func plan(_ session: Session, sender: Address) async throws -> Plan {
        let account = try session.names.address(account)
        let call = ContractCall(.entities, IEntities.Function.revoke, words: 1) {
            $0.write(account)
        }
        return Plan(call, "attest no longer who \(session.names.text(account)) is")
    }
}

/// `dip entity show`.
struct EntityShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show which legal entity is behind an account.")

    @Argument(help: "The account.")
    var account: String

    @OptionGroup var reading: ReadingOptions

    func run() async throws {
        let session = try reading.session()
        let account = try session.names.address(account)
        let call = ContractCall(.entities, IEntities.Function.entity, words: 1) {
            $0.write(account)
        }
        let entity = try await session.read(call) { reader throws(Rejection) in
            try reader.read(IEntities.Entity.self)
        }
        session.show(EntityText(account, entity).json) {
            for line in EntityText(account, entity).lines(session.names) { Output.line(line) }
        }
    }
}

/// What a ledger says of an account's legal entity.
struct EntityText {
    private let account: Address
    private let entity: IEntities.Entity
    private let lei: String?

    /// Takes what the contract answers.
    init(_ account: Address, _ entity: IEntities.Entity) {
        self.account = account
        self.entity = entity
        lei = (try? LegalEntityIdentifier(word: entity.lei))?.text
    }

    /// Whether a bank ever said anything.
    private var isKnown: Bool { entity.bank != .zero }

    /// For other programs.
    var json: JSON {
        .members([
            ("account", .string(account.checksummed)), ("active", .bool(entity.active)),
            ("name", isKnown ? .string(entity.name) : nil), ("lei", lei.map { .string($0) }),
            ("creditCode", entity.creditCode.isEmpty ? nil : .string(entity.creditCode)),
            ("industry", entity.industry.isEmpty ? nil : .string(entity.industry)),
            ("bank", isKnown ? .string(entity.bank.checksummed) : nil),
            ("since", isKnown ? .integer(entity.since) : nil),
        ])
    }

    /// For a person.
    func lines(_ names: Names) -> [String] {
        guard isKnown else { return ["No bank ever said who is behind \(names.text(account))."] }
        var lines = ["\(names.text(account)): \(Output.clean(entity.name))"]
        if let lei { lines.append("LEI: \(lei)") }
        if !entity.creditCode.isEmpty {
            lines.append("Social credit code: \(Output.clean(entity.creditCode))")
        }
        if !entity.industry.isEmpty { lines.append("Industry: \(Output.clean(entity.industry))") }
        let bank = names.text(entity.bank)
        lines.append(
            entity.active
                ? "Attested by \(bank) since \(Moment.text(entity.since))."
                : "Attested by \(bank) on \(Moment.text(entity.since)), and revoked: it does not count."
        )
        return lines
    }
}
