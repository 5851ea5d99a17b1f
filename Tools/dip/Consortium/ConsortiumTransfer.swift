import ArgumentParser
import Gateway
import JSON

/// `dip consortium transfer`.
struct ConsortiumTransfer: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "transfer",
        abstract: "Hand leadership to another bank's node.",
        discussion: """
            For planned work on the leader's machine: payments go on within a tenth of a second. Only \
            the leader's own operator may ask for it, on the socket file in its node's data folder. A \
            node that is stopped with SIGTERM hands over by itself.

              dip consortium transfer --node banks/bank1/data/admin.sock
              dip consortium transfer --to 3 --node banks/bank1/data/admin.sock
            """)

    @Option(
        help: ArgumentHelp(
            "The number or name of the bank that is to lead; that which is furthest along unless said.",
            valueName: "bank"))
    var to: String?

    @OptionGroup var node: NodeOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let client = RPCClient(try node.endpoint())
        let bank = to.map { text in UInt64(text).map { JSON.integer($0) } ?? .string(text) }
        let target = try await Self.ask(client, bank)
        for _ in 0..<50 {
            let answer = try await client.call("dip_consortium", .array([]))
            let leader = answer["ordering"]?["leader"]?.whole64
            if leader == target {
                if output.json {
                    Output.json(["ok": true, "leader": .integer(target)])
                } else {
                    Output.line("Bank \(target) leads.")
                }
                return
            }
            try await Task.sleep(for: .milliseconds(20))
        }
        throw Failure.failed(
            "leadership was offered to bank \(target), which has not taken it within a second; "
                + "'dip consortium status' shows who leads")
    }

    /// Asks for the hand-over; tells who is to lead.
    private static func ask(_ client: RPCClient, _ bank: JSON?) async throws -> UInt64 {
        do {
            let answer = try await client.call(
                "admin_transferLeadership", .array(bank.map { [$0] } ?? []))
            return answer["to"]?.whole64 ?? 0
        } catch {
            guard case .method(let refusal) = error, refusal.code == -32601 else { throw error }
            throw Failure.usage(
                "administration is on the node's socket file only: say --node DATA/admin.sock")
        }
    }
}
