import ArgumentParser
import Ledger

/// `dip token …`.
struct Token: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "token",
        abstract: "Issue tokens, move them and use their controls.",
        discussion: """
            A token is named by its address, or by its symbol where only one token has it; anybody \
            may issue another with the same symbol, so programs should use addresses. Every token \
            is an ERC-20 to other tools. What its issuer can do is fixed when it is issued.
            """,
        subcommands: [],
        groupedSubcommands: [
            CommandGroup(
                name: "Look", subcommands: [TokenList.self, TokenShow.self, TokenHeld.self]),
            CommandGroup(
                name: "Move",
                subcommands: [
                    TokenTransfer.self, TokenBatch.self, TokenApprove.self, TokenPermit.self,
                    TokenPermitSubmit.self, TokenRelease.self,
                ]),
            CommandGroup(
                name: "Issue and control",
                subcommands: [
                    TokenIssue.self, TokenMint.self, TokenBurn.self, TokenPause.self,
                    TokenUnpause.self, TokenFreeze.self, TokenUnfreeze.self, TokenAllow.self,
                    TokenDisallow.self, TokenClawback.self, TokenGrantRole.self,
                    TokenRevokeRole.self,
                ]),
        ])
}

/// Which token, and how amounts are written.
struct TokenAmountOptions: ParsableArguments {
    @Argument(help: "The token: its symbol or address.")
    var token: String

    @Flag(help: "Amounts are in smallest units.")
    var units = false
}
