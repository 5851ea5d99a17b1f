import ArgumentParser
import Foundation
import Gateway
import JSON
import Ledger

/// `dip consortium status`.
struct ConsortiumStatus: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show how the banks' nodes stand, as one of them sees it.",
        discussion: """
            The role is leader, voter, standby (catches up and does not vote yet) or none. Heights are \
            those that each node told this one; lag is the distance to the highest of them. A node to \
            which this one has no connection is shown with the last reason. docs/consortium.md says \
            what each state means and what to do.

              dip consortium status
              dip consortium status --node banks/bank2/data/admin.sock
              dip consortium status --json | jq '.validators[] | {id, role, height}'
            """)

    @OptionGroup var node: NodeOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let client = RPCClient(try node.endpoint())
        let answer = try await client.call("dip_consortium", .array([]))
        if output.json { return Output.json(answer) }
        ConsortiumReport(answer, now: UInt64(Date().timeIntervalSince1970)).tell()
    }
}

/// A node's answer about the consortium, for a person.
struct ConsortiumReport {
    private let answer: JSON
    private let own: UInt64?
    private let leader: UInt64?
    /// Seconds since 1970, by which certificates are told to expire.
    private let now: UInt64

    /// Takes an answer of `dip_consortium`.
    init(_ answer: JSON, now: UInt64) {
        self.answer = answer
        self.now = now
        own = answer["bank"]?.whole64
        leader = answer["ordering"]?["leader"]?.whole64
    }

    private var banks: [JSON] { answer["validators"]?.elements ?? [] }

    func tell() {
        for text in headlines { Output.line(text) }
        Output.table(
            [
                "bank", "name", "role", "height", "certified", "lag", "connection", "certificate",
                "clock",
            ],
            banks.map(row), right: [0, 3, 4, 5])
        for text in remarks { Output.line(text) }
    }

    /// What is said above the table.
    var headlines: [String] {
        let ordering = answer["ordering"]
        let leading = leader.map { "bank \($0) (\(name($0))) leads" } ?? "no bank leads"
        var lines = [
            "Chain \(answer["chainId"]?.plain ?? "?"), \(leading) in term "
                + "\(ordering?["term"]?.plain ?? "?"); block \(answer["height"]?.plain ?? "?"), "
                + "certified up to \(answer["certified"]?.plain ?? "?"); "
                + "\(answer["certificateQuorum"]?.plain ?? "?") of \(banks.count) banks certify."
        ]
        if let own, !banks.contains(where: { $0["id"]?.whole64 == own }) {
            lines.append(
                "Bank \(own), whose node this is, is not among the banks in this block: not yet, or no longer."
            )
        }
        if answer["serving"]?.bool == false {
            let why = Output.clean(answer["why"]?.string ?? "it does not say why", atMost: 1000)
            lines.append(
                "The node of bank \(own.map(String.init) ?? "?") takes no transactions: \(why)")
        }
        if ordering?["changing"]?.bool == true { lines.append("The members are being changed.") }
        if let successor = ordering?["successor"]?.whole64 {
            lines.append("Leadership is being handed to bank \(successor).")
        }
        if ordering?["mayVote"]?.bool == false {
            lines.append("This node was restored and does not vote before it knows enough.")
        }
        return lines
    }

    private func name(_ bank: UInt64) -> String {
        let found = banks.first { $0["id"]?.whole64 == bank }
        return Output.clean(found?["name"]?.string ?? "?", atMost: 64)
    }

    /// A bank's line in the table.
    func row(_ bank: JSON) -> [String] {
        let id = bank["id"]?.whole64
        return [
            bank["id"]?.plain ?? "?", Output.clean(bank["name"]?.string ?? "?", atMost: 24),
            id == leader ? "leader" : bank["role"]?.string ?? "none",
            bank["height"]?.plain ?? "?", bank["certified"]?.plain ?? "?",
            bank["lag"]?.plain ?? "?",
            connection(bank), certificate(bank), clock(bank),
        ]
    }

    private func connection(_ bank: JSON) -> String {
        if bank["id"]?.whole64 == own { return "this node" }
        guard let connection = bank["connection"] else { return "none" }
        if connection["connected"]?.bool == true {
            let micros = connection["consensus"]?["roundTripMicros"]?.whole64
            return micros.map { "up, \(Self.milliseconds($0)) ms" } ?? "up"
        }
        guard let reason = connection["lastRefusal"]?["reason"]?.string else { return "down" }
        return "down: " + Output.clean(reason, atMost: 32).replacing("_", with: " ")
    }

    private static func milliseconds(_ micros: UInt64) -> String {
        "\(micros / 1000).\(micros % 1000 / 100)"
    }

    private func certificate(_ bank: JSON) -> String {
        guard let end = bank["certificate"]?["notAfter"]?.whole64 else { return "—" }
        guard end >= now else { return "expired" }
        let days = (end - now) / 86_400
        return days < 1 ? "\((end - now) / 3600) h left" : "\(days) d left"
    }

    private func clock(_ bank: JSON) -> String {
        if bank["id"]?.whole64 == own { return "" }
        guard case .number(let millis)? = bank["clockOffsetMillis"] else { return "—" }
        return "\(millis.hasPrefix("-") ? "" : "+")\(millis) ms"
    }

    /// What is said below the table: why connections are down, and what is about to go wrong.
    var remarks: [String] {
        standstill
            + banks.flatMap { bank -> [String] in
                guard bank["id"]?.whole64 != own else { return expiry(bank, "This node") }
                let label = "Bank \(bank["id"]?.plain ?? "?")"
                var remarks: [String] = []
                if let connection = bank["connection"], connection["connected"]?.bool != true,
                    let refusal = connection["lastRefusal"]
                {
                    let side =
                        refusal["by"]?.string == "there" ? "its node says" : "this node says"
                    let text = Output.clean(refusal["text"]?.string ?? "", atMost: 500)
                    remarks.append("\(label) is not reached: \(side): \(text)")
                }
                if let told = bank["toldMillis"]?.whole64,
                    let millis = answer["timeMillis"]?.whole64,
                    millis > told, millis - told > 5_000
                {
                    remarks.append(
                        "\(label) told nothing for \(TimeSpan.text((millis - told) / 1000)); its height is as of then."
                    )
                }
                if bank["serving"]?.bool == false {
                    remarks.append("\(label) takes no transactions.")
                }
                if bank["stuck"]?.bool == true {
                    remarks.append("\(label) answers and does not come on: look at its log.")
                }
                return remarks + expiry(bank, label)
            }
    }

    /// That this node is behind and has nobody to follow.
    ///
    /// An election is over in a second or two. A leader that this node's copy of the ledger does not know, or knows
    /// by another key, is turned away for as long as nobody names it.
    private var standstill: [String] {
        let lag = banks.first { $0["id"]?.whole64 == own }?["lag"]?.whole64 ?? 0
        guard leader == nil, lag > 0 else { return [] }
        return [
            "This node is \(lag) blocks behind and follows no leader. If that lasts, who leads may have been "
                + "admitted, or have changed its key, after block \(answer["height"]?.plain ?? "?"): name all "
                + "banks in peers.introductions of this node's settings and start it again."
        ]
    }

    private func expiry(_ bank: JSON, _ label: String) -> [String] {
        guard let end = bank["certificate"]?["notAfter"]?.whole64,
            end < now || end - now < 14 * 86_400
        else { return [] }
        let verb = end < now ? "ended" : "ends"
        return [
            "\(label): the certificate \(verb) \(Moment.text(end)); 'dip consortium certificate' makes another."
        ]
    }
}
