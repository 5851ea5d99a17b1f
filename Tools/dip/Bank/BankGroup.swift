import ArgumentParser

/// `dip bank …`.
struct BankGroup: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bank",
        abstract: "Run a bank's desk: money in and out between its core system and the ledger.",
        discussion: """
            The desk turns the ISO 20022 messages of the bank's core system into transactions and back. \
            Its folder is --desk FOLDER, else the environment's DIP_DESK, else the folder you are in.

              dip bank init desk --currency EUR --account-number DE02120300000000202051 \\
                  --name 'East Bank' --key-file operator.key
              dip bank customer add --desk desk --name 'Mill Ltd' --account DE02500105170137075030 --fresh
              dip bank desk --desk desk
              dip bank reconcile --desk desk --date 2026-11-25
              dip bank quarantine --desk desk
              dip bank statement 1 --desk desk --date 2026-11-25
            """,
        subcommands: [
            BankInit.self, BankCustomer.self, DeskCommand.self, BankReconcile.self,
            BankReserve.self, BankQuarantine.self, BankRedemptions.self, BankIssue.self,
            BankApprove.self, BankLimit.self, BankOperator.self, BankNet.self, BankAccept.self,
            BankPayoutToken.self, BankRecover.self, BankRedeem.self,
            BankPayout.self, BankCheck.self,
            BankStatement.self, BankSubmit.self, BankReference.self,
        ])
}
