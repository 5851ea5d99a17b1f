import ArgumentParser
import JSON
import Ledger
import Node

/// `dip abi`.
struct ABI: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "abi",
        abstract: "Print the ABI of a contract, for other tools.",
        discussion: """
            Without a name: the contracts and where they answer. Issued tokens all have the ABI of \
            Token, each at its own address. No node is needed.

              dip abi Orders > Orders.json
            """)

    @Argument(
        help: "The contract's name.",
        completion: .list(ContractInterface.all.map(\.name)))
    var contract: String?

    @OptionGroup var output: OutputOptions

    func run() throws {
        if let contract {
            guard let interface = ContractInterface.named(contract) else {
                let names = ContractInterface.all.map(\.name).joined(separator: ", ")
                throw Failure.usage("there is no contract \"\(contract)\"; there are \(names)")
            }
            return Output.json(interface.json)
        }
        if output.json {
            return Output.json(
                .array(
                    ContractInterface.all.map { contract in
                        .members([
                            ("name", .string(contract.name)),
                            ("address", contract.address.map { .string($0.checksummed) }),
                        ])
                    }))
        }
        Output.table(
            ["contract", "address", "functions"],
            ContractInterface.all.map { contract in
                let functions = contract.items.filter { $0.kind == .function }.map(\.name)
                let all = functions.joined(separator: " ")
                return [
                    contract.name, contract.address?.checksummed ?? "each token's own",
                    all.count > 60 ? all.prefix(60) + "…" : all,
                ]
            })
    }
}
