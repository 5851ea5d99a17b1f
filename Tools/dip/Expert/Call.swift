import ArgumentParser
import JSON
import Ledger
import Node

/// `dip call`.
struct Call: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Call any function of a contract.",
        discussion: """
            The function is a name of the contract's ABI, or a signature with types. Arguments are \
            numbers, addresses or labels, true or false, hexadecimal bytes, texts, and JSON arrays \
            for lists and structs. What only reads is asked of the node; with --send a transaction \
            is made.

              dip call Orders count
              dip call EBD balanceOf mill
              dip call Claims holders 12 0
              dip call Orders 'fund(uint64,uint256)' 12 500 --send --account mill
            """)

    @Argument(help: "The contract: Orders, Claims, Tokens, Dip, …, or a token's symbol or address.")
    var contract: String

    @Argument(help: "The function's name or signature.")
    var function: String

    @Argument(help: "Its arguments.")
    var arguments: [String] = []

    @Flag(help: "Sign and send a transaction instead of asking.")
    var send = false

    @Option(help: ArgumentHelp("DIP to send along, in 10^-18.", valueName: "number"))
    var value: String?

    @OptionGroup var sending: SendingOptions

    func run() async throws {
        let session = try Session(sending.node, sending.keystore, sending.output)
        let target = try await Target(contract, function, session)
        let call = ContractCall(
            to: target.address, data: try target.encode(arguments, session.names),
            value: try value.map { try Currency.dip.amount($0, inUnits: true) } ?? 0)
        if send || sending.dryRun {
            let signer = try Signer(sending.signer, session.keystore)
            let sender = Sender(session: session, options: sending, signer: signer)
            let plan = Plan(
                call, "call \(target.signature) of \(session.names.text(target.address))")
            return try await sending.dryRun ? sender.tell(plan) : sender.send(plan)
        }
        let isSaid =
            sending.signer.account != nil || sending.signer.devKey != nil
            || sending.signer.keyFile != nil
        let from = isSaid ? try Signer(sending.signer, session.keystore).address : nil
        let answer = try await session.call("eth_call", call.json(from: from), "latest")
        guard let data = answer.data else { throw session.strange("eth_call", answer) }
        guard let outputs = target.outputs, let values = Decoded.values(data, as: outputs) else {
            return session.show(answer) { Output.line(answer.plain) }
        }
        if !session.isJSON, values.count == 1, let only = values.first, !only.value.isContainer {
            return Output.line(Output.clean(only.value.plain, atMost: 4096))
        }
        Output.json(values.count == 1 ? values[0].value : .object(values))
    }
}

/// A function at an address.
private struct Target {
    let address: Address
    let signature: String
    /// What it returns, where its interface is known.
    let outputs: [InterfaceParameter]?
    private let types: [ABIType]

    init(_ contract: String, _ function: String, _ session: Session) async throws {
        let interface: ContractInterface
        if let named = ContractInterface.named(contract), let at = named.address {
            interface = named
            address = at
        } else {
            let at = try await session.currency(contract).address
            address = at
            interface = ContractInterface.all.first { $0.address == at } ?? .token
        }
        let found = interface.items.filter {
            $0.kind == .function && ($0.name == function || $0.signature == function)
        }
        if let item = found.first {
            signature = item.signature
            outputs = item.outputs
        } else {
            guard function.contains("(") else {
                let names = interface.items.filter { $0.kind == .function }.map(\.name)
                throw Failure.usage(
                    "\(interface.name) has no function \"\(function)\"; it has "
                        + names.joined(separator: ", "))
            }
            signature = function
            outputs = nil
        }
        do {
            types = try ABIType.arguments(of: signature)
        } catch {
            throw Failure.usage("\"\(function)\": \(error)")
        }
    }

    func encode(_ arguments: [String], _ names: Names) throws -> [UInt8] {
        guard arguments.count == types.count else {
            throw Failure.usage(
                "\(signature) takes \(types.count) arguments, not \(arguments.count)")
        }
        let values = try zip(arguments, types).map { text, type in
            try TypedValue.read(text, as: type, names)
        }
        guard let data = ABIValue.encode(values, as: types, selector: Selector.of(signature)) else {
            throw Failure.usage("an argument does not fit \(signature)")
        }
        return data
    }
}
