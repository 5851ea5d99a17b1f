import ArgumentParser
import Ledger
import Tokens

/// What the four switches of accounts share.
private func setting(
    _ session: Session, _ token: String, _ account: String, _ function: IToken.Function,
    _ isOn: Bool, _ verb: String
) async throws -> Plan {
    let account = try session.names.address(account)
    let currency = try await session.currency(token)
    let call = ContractCall(currency.address, function, words: 2) {
        $0.write(account)
        $0.write(isOn)
    }
    return Plan(call, "\(verb) \(session.names.text(account)) in \(currency.symbol)")
}

/// `dip token freeze`.
struct TokenFreeze: SendingCommand {
    static let configuration = CommandConfiguration(
        commandName: "freeze",
        abstract: "Keep an account from sending and receiving a token (FREEZER_ROLE).")

    @Argument(help: "The token: its symbol or address.")
    var token: String

    @Argument(help: "The account.")
    var account: String

    @OptionGroup var sending: SendingOptions

    func plan(_ session: Session, sender: Address) async throws -> Plan {
        try await setting(session, token, account, .freeze, true, "freeze")
    }
}

/// `dip token unfreeze`.
struct TokenUnfreeze: SendingCommand {
    static let configuration = CommandConfiguration(
        commandName: "unfreeze", abstract: "End a freeze (FREEZER_ROLE).")

    @Argument(help: "The token: its symbol or address.")
    var token: String

    @Argument(help: "The account.")
    var account: String

    @OptionGroup var sending: SendingOptions

    func plan(_ session: Session, sender: Address) async throws -> Plan {
        try await setting(session, token, account, .freeze, false, "unfreeze")
    }
}

/// `dip token allow`.
struct TokenAllow: SendingCommand {
    static let configuration = CommandConfiguration(
        commandName: "allow", abstract: "Put an account on a token's allow-list (ALLOWER_ROLE).")

    @Argument(help: "The token: its symbol or address.")
    var token: String

    @Argument(help: "The account.")
    var account: String

    @OptionGroup var sending: SendingOptions

    func plan(_ session: Session, sender: Address) async throws -> Plan {
        try await setting(session, token, account, .allow, true, "allow")
    }
}

/// `dip token disallow`.
struct TokenDisallow: SendingCommand {
    static let configuration = CommandConfiguration(
        commandName: "disallow",
        abstract: "Take an account off a token's allow-list (ALLOWER_ROLE).")

    @Argument(help: "The token: its symbol or address.")
    var token: String

    @Argument(help: "The account.")
    var account: String

    @OptionGroup var sending: SendingOptions

    func plan(_ session: Session, sender: Address) async throws -> Plan {
        try await setting(session, token, account, .allow, false, "disallow")
    }
}

/// One of a token's roles: `minter`, `MINTER_ROLE` or its 32 bytes.
struct RoleName: ExpressibleByArgument {
    let role: TokenRole

    init?(argument: String) {
        let name = argument.uppercased()
        let found = TokenRole.allCases.first { role in
            role.rawValue == name || role.rawValue == name + "_ROLE"
                || role.id.hex == argument.lowercased() || role == .admin && name == "ADMIN"
        }
        guard let found else { return nil }
        role = found
    }

    static let help = "admin, minter, pauser, freezer, clawback or allower"
}

private func granting(
    _ session: Session, _ token: String, _ role: RoleName, _ account: String,
    _ function: IToken.Function, _ verb: String
) async throws -> Plan {
    let account = try session.names.address(account)
    let currency = try await session.currency(token)
    let call = ContractCall(currency.address, function, words: 2) {
        $0.write(word: role.role.id)
        $0.write(account)
    }
    return Plan(
        call,
        "\(verb) \(session.names.text(account)) the role \(role.role.rawValue) of \(currency.symbol)"
    )
}

/// `dip token grant-role`.
struct TokenGrantRole: SendingCommand {
    static let configuration = CommandConfiguration(
        commandName: "grant-role", abstract: "Give an account a role (DEFAULT_ADMIN_ROLE).",
        discussion: "  dip token grant-role EBD minter treasury")

    @Argument(help: "The token: its symbol or address.")
    var token: String

    @Argument(help: "The role: \(RoleName.help).")
    var role: RoleName

    @Argument(help: "The account.")
    var account: String

    @OptionGroup var sending: SendingOptions

    func plan(_ session: Session, sender: Address) async throws -> Plan {
        try await granting(session, token, role, account, .grantRole, "give")
    }
}

/// `dip token revoke-role`.
struct TokenRevokeRole: SendingCommand {
    static let configuration = CommandConfiguration(
        commandName: "revoke-role",
        abstract: "Take a role from an account (DEFAULT_ADMIN_ROLE), or give up your own.")

    @Argument(help: "The token: its symbol or address.")
    var token: String

    @Argument(help: "The role: \(RoleName.help).")
    var role: RoleName

    @Argument(help: "The account.")
    var account: String

    @OptionGroup var sending: SendingOptions

    func plan(_ session: Session, sender: Address) async throws -> Plan {
        let isOwn = try session.names.address(account) == sender
        return try await granting(
            session, token, role, account, isOwn ? .renounceRole : .revokeRole, "take from")
    }
}
