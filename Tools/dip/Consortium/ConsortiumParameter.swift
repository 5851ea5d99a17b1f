import ArgumentParser
import Execution
import JSON
import Ledger

/// `dip consortium parameter`.
struct ConsortiumParameter: ProposingCommand {
    static let configuration = CommandConfiguration(
        commandName: "parameter",
        abstract: "Show what the banks have set, or propose another value.",
        discussion: """
            Without a name all are shown. Prices and fees are in units of 10^-18 DIP; docs/formats/genesis.md \
            says what each is and may be. The price of gas is raised only as far as more than half of the \
            banks can still pay for votes: their operators need DIP for a million gas at the new price.

              dip consortium parameter
              dip consortium parameter gasPrice
              dip consortium parameter gasPrice 2000000000 --key-file banks/bank1/operator.key
            """)

    private static let settable = Rules.names + ["certificateQuorum"]
    private static let fixed = ["checkpointInterval", "protocolVersion"]

    @Argument(help: "The parameter.")
    var name: String?

    @Argument(help: "The value to propose.")
    var value: String?

    @OptionGroup var proposal: ProposalOptions
    @OptionGroup var sending: SendingOptions

    func run() async throws {
        if value != nil { return try await send() }
        let session = try Session(sending.node, sending.keystore, sending.output)
        let names = name.map { [$0] } ?? Self.settable + Self.fixed
        var rows: [(name: String, value: UInt128)] = []
        for name in names { rows.append((name, try await Self.value(of: name, session))) }
        session.show(.object(rows.map { JSON.Member($0.name, .string(String($0.value))) })) {
            if let only = rows.first, rows.count == 1 {
                Output.line(String(only.value))
            } else {
                Output.table(
                    ["parameter", "value"], rows.map { [$0.name, String($0.value)] }, right: [1])
            }
        }
    }

    private static func value(of name: String, _ session: Session) async throws -> UInt128 {
        guard (settable + fixed).contains(name) else {
            throw Failure.usage(
                "there is no parameter \(name); there are \((settable + fixed).joined(separator: ", "))"
            )
        }
        let call = ContractCall(.treasury, IGovernance.Function.parameter, words: 1) {
            $0.write(string: name)
        }
        return try await session.read(call) { (reader) throws(Rejection) in try reader.amount() }
    }

    func change(_ session: Session) async throws -> IGovernance.Change {
        guard let value = value.flatMap({ Amount(decimal: $0) }) else {
            throw Failure.usage("\"\(value ?? "")\" is no whole number")
        }
        return .setParameter(name: name ?? "", value: value.units)
    }
}
