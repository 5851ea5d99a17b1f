import ArgumentParser

/// `dip consortium …`.
struct Consortium: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "consortium",
        abstract: "Found a consortium of banks, watch it and change it.",
        discussion: """
            Three commands on one machine, to see how it works:
              dip consortium init --banks 3 --output banks
              for n in 1 2 3; do dip node --config banks/bank$n/node.json & done
              dip consortium status

            docs/consortium.md says how banks found one on machines of their own, and how it is run.
            """,
        groupedSubcommands: [
            CommandGroup(
                name: "Founding and joining",
                subcommands: [
                    ConsortiumInit.self, ConsortiumJoin.self, ConsortiumAuthority.self,
                    ConsortiumCertificate.self,
                ]),
            CommandGroup(
                name: "Watching and running",
                subcommands: [ConsortiumStatus.self, ConsortiumTransfer.self]),
            CommandGroup(
                name: "Deciding together",
                subcommands: [
                    ConsortiumAdmit.self, ConsortiumRemove.self, ConsortiumRotate.self,
                    ConsortiumParameter.self, ConsortiumPay.self, ConsortiumActivate.self,
                    ConsortiumReviewer.self, ConsortiumVote.self, ConsortiumProposals.self,
                    ConsortiumShow.self,
                ]),
        ])
}
