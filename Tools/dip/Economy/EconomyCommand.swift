import ArgumentParser
import JSON
import Ledger

/// `dip economy`.
struct EconomyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "economy",
        abstract: "Show how much DIP there is, what was paid in fees and royalties, and to whom.",
        discussion: """
            All of it is in the state, so every node shows the same after the same block. Banks get a \
            part of an epoch's fees by how many of its sampled blocks their nodes signed; \
            docs/economy.md says how.

              dip economy
              dip economy --json | jq .treasury.balance
            """)

    @OptionGroup var node: NodeOptions
    @OptionGroup var keystore: KeystoreOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let session = try Session(node, keystore, output)
        let answer = try await session.call("dip_economy")
        if output.json { return Output.json(answer) }
        EconomyText(answer).tell()
    }
}

/// A node's answer about the economy, for a person.
struct EconomyText {
    private let answer: JSON

    /// Takes an answer of `dip_economy`.
    init(_ answer: JSON) { self.answer = answer }

    func tell() {
        for line in headlines { Output.line(line) }
        Output.table(["what was paid", "DIP"], totals, right: [1])
        if !templates.isEmpty {
            Output.line("")
            Output.table(
                ["template", "orders", "earned, DIP"], templates, right: [1, 2])
        }
        Output.line("")
        for line in epochs { Output.line(line) }
        if !banks.isEmpty {
            Output.table(
                ["bank", "operator", "signed", "signed before", "last paid, DIP"], banks,
                right: [0, 2, 3, 4])
        }
    }

    private func amount(_ group: String, _ member: String) -> UInt128 {
        answer[group]?[member]?.whole ?? 0
    }

    private func dip(_ amount: UInt128) -> String { Currency.dip.number(amount) }

    /// What is said above the table: how much there is, and what the treasury's balance is made of.
    var headlines: [String] {
        let supply = answer["supply"]?.whole ?? 0
        let accounts = answer["allocation"]?["accounts"]?.plain ?? "?"
        let came =
            amount("fees", "transactions") &+ amount("fees", "publications")
            &+ amount("royalties", "treasury")
        var parts = [
            (" from genesis", amount("allocation", "treasury")), (" in fees", came),
            (" given", amount("treasury", "given")),
        ].map { "\(dip($0.1))\($0.0)" }.joined(separator: " + ")
        for (word, part) in [
            ("for epochs", amount("treasury", "paidForEpochs")),
            ("by decision", amount("treasury", "paidByDecision")),
        ] {
            parts += " − \(dip(part)) \(word)"
        }
        return [
            "Block \(answer["height"]?.plain ?? "?"): there are \(Currency.dip.text(supply)), as "
                + "genesis gave to \(accounts) account\(accounts == "1" ? "" : "s").",
            "The treasury has \(Currency.dip.text(amount("treasury", "balance"))): \(parts).",
            "Deposits for reviews: \(Currency.dip.text(answer["deposits"]?.whole ?? 0)).",
        ]
    }

    /// The rows of the totals.
    var totals: [[String]] {
        [
            ("fees of transactions", amount("fees", "transactions")),
            ("fees for publishing templates", amount("fees", "publications")),
            ("fees for reviewing templates", amount("fees", "reviews")),
            ("royalties to developers", amount("royalties", "developers")),
            ("royalties to reviewers", amount("royalties", "reviewers")),
            ("royalties to the treasury", amount("royalties", "treasury")),
            ("to banks whose nodes signed", amount("treasury", "paidForEpochs")),
            ("by decision of the banks", amount("treasury", "paidByDecision")),
        ].map { [$0.0, dip($0.1)] }
    }

    /// The rows of the templates whose developers earned most.
    var templates: [[String]] {
        (answer["royalties"]?["templates"]?.elements ?? []).map {
            [
                Output.clean($0["id"]?.string ?? "?", atMost: 66), $0["uses"]?.plain ?? "?",
                dip($0["earned"]?.whole ?? 0),
            ]
        }
    }

    /// What is said of the running epoch, the one before and the last one paid.
    var epochs: [String] {
        var lines: [String] = []
        if let epoch = answer["epoch"] { lines.append("Epoch \(text(epoch)) so far.") }
        if let previous = answer["previous"] {
            lines.append("Before, epoch \(text(previous)), shared when this one ends.")
        }
        if let paid = answer["lastPaid"] {
            lines.append(
                "Of epoch \(paid["epoch"]?.plain ?? "?"), with \(Currency.dip.text(paid["fees"])) "
                    + "in fees, banks got \(Currency.dip.text(paid["paid"])).")
        }
        return lines
    }

    private func text(_ epoch: JSON) -> String {
        "\(epoch["number"]?.plain ?? "?"), blocks \(epoch["first"]?.plain ?? "?") to "
            + "\(epoch["last"]?.plain ?? "?"): \(Currency.dip.text(epoch["fees"])) in fees, "
            + "\(epoch["sampled"]?.plain ?? "?") blocks sampled"
    }

    /// A row for each bank that signed or was paid.
    var banks: [[String]] {
        let running = answer["epoch"]?["signed"]?.elements ?? []
        let before = answer["previous"]?["signed"]?.elements ?? []
        let paid = answer["lastPaid"]?["parts"]?.elements ?? []
        let ids = Set((running + before + paid).compactMap { $0["bank"]?.whole64 }).sorted()
        return ids.map { id in
            func entry(_ list: [JSON]) -> JSON? { list.first { $0["bank"]?.whole64 == id } }
            let account =
                entry(running)?["operator"]?.address ?? entry(before)?["operator"]?.address
                ?? entry(paid)?["account"]?.address
            return [
                String(id), account?.checksummed ?? "has left",
                entry(running)?["count"]?.plain ?? "0", entry(before)?["count"]?.plain ?? "0",
                dip(entry(paid)?["amount"]?.whole ?? 0),
            ]
        }
    }
}
