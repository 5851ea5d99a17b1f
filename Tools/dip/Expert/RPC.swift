import ArgumentParser
import Gateway
import JSON
import Wallet

/// `dip rpc METHOD PARAMS…`.
struct RPC: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rpc",
        abstract: "Call a JSON-RPC method and print its result.",
        discussion: """
            A parameter that is JSON is sent as it is; anything else is sent as a string, so that \
            addresses and tags need no quotes. 'dip rpc rpc.discover' lists all methods.

              dip rpc eth_blockNumber
              dip rpc eth_getBalance 0x0000000000000000000000000000000000000001 latest
              dip rpc eth_getBlockByNumber 0x1 false
              dip rpc dip_statement --params '{"account": "0x…"}'
            """)

    @Argument(help: "The method's name.")
    var method: String

    @Argument(help: "Its parameters, in order.")
    var parameters: [String] = []

    @Option(help: ArgumentHelp("All parameters as one JSON array or object.", valueName: "json"))
    var params: String?

    @OptionGroup var nodeOptions: NodeOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard params == nil || parameters.isEmpty else {
            throw ValidationError("Give the parameters one by one or as --params, not both.")
        }
    }

    func run() async throws {
        let client = RPCClient(try nodeOptions.endpoint())
        let result = try await client.call(method, try given())
        if case .string(let text) = result, !output.json {
            Output.line(text)
        } else {
            Output.json(result)
        }
    }

    private func given() throws -> JSON {
        guard let params else { return .array(parameters.map(Self.parameter)) }
        let value: JSON
        do {
            value = try JSON(parsing: params)
        } catch {
            throw Failure.usage("--params: \(error)")
        }
        guard value.isContainer else {
            throw Failure.usage("--params must be a JSON array or object")
        }
        return value
    }

    private static func parameter(_ text: String) -> JSON {
        (try? JSON(parsing: text)) ?? .string(text)
    }
}
