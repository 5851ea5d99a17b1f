import Execution
import Gateway
import Ledger
import Replica

/// The ledger itself: who runs it, its contracts, its refusals, its clock.
extension RPCMethods {
    mutating func addLedger(_ context: RPCContext) {
        let node = context.node
        offloaded("dip_consortium") { _, writer in context.writeConsortium(to: &writer) }
        offloaded("dip_abi") { (request, writer) throws(RPCError) in
            try context.writeInterface(try request.params(), to: &writer)
        }
        let errors = Self.errors
        value("dip_errors") { _ in errors }
        value("dip_advanceTime", scope: .dev) { (request) throws(RPCError) in
            let seconds = try request.params().quantity64(0, "seconds")
            guard seconds <= 1 << 40 else {
                throw .invalidParams("seconds: expected at most 2^40")
            }
            guard let millis = node.advanceTime(seconds: seconds) else {
                throw .methodNotFound(
                    "the clock can be moved on a development chain started with --clock manual "
                        + "only")
            }
            return ["time": .integer(millis / 1000), "timeMillis": .integer(millis)]
        }
    }

    /// The catalogue of refusals.
    private static var errors: JSON {
        [
            "ledger": .array(
                RejectionCatalogue.entries.map { entry in
                    [
                        "code": .integer(entry.code), "name": .string(entry.item.name),
                        "signature": .string(entry.item.signature),
                        "selector": .data(entry.item.topic.bytes.prefix(4)),
                        "kind": .string(entry.group.rawValue), "cause": .string(entry.cause),
                        "cure": .string(entry.cure),
                    ]
                }),
            "pool": .array(
                PoolRefusalEntry.all.map { entry in
                    [
                        "code": .integer(entry.code), "name": .string(entry.name),
                        "cause": .string(entry.cause), "cure": .string(entry.cure),
                    ]
                }),
        ]
    }
}

extension RPCContext {
    fileprivate func writeConsortium(to writer: inout JSONWriter) {
        let genesis = node.genesis
        let status = node.status
        let (rules, set) = reading { ($0.rules, $0.bankSet) }
        let head = node.head.header
        writer.object { writer in
            writer.member("chainId", number: genesis.chainID)
            writer.member("genesis", hash: genesis.hash)
            writer.member("height", number: head.height)
            writer.member("certified", number: node.certifiedHeight)
            writer.member("oldest", number: node.oldestHeight)
            writer.member("timeMillis", number: node.timeMillis)
            writer.member("leader", address: head.leader == .zero ? nil : head.leader)
            writer.key("validators")
            writer.array(of: set.banks) { writer, bank in
                writer.object { writer in
                    writer.member("id", number: bank.id)
                    writer.member("name", string: bank.name)
                    writer.member("address", address: bank.nodeKey)
                    writer.member("operator", address: bank.operator)
                    writer.member("endpoint", string: bank.endpoint)
                }
            }
            writer.member("certificateQuorum", number: set.quorum)
            writer.key("rules")
            writer.object { writer in
                writer.member("gasPrice", amount: rules.gasPrice)
                writer.member("blockGasLimit", number: rules.blockGasLimit)
                writer.member("blockByteLimit", number: rules.blockByteLimit)
                writer.member("stepLimit", number: rules.stepLimit)
            }
            writer.member("serving", bool: status.closedBecause == nil)
            if let why = status.closedBecause { writer.member("why", string: why) }
        }
    }

    fileprivate func writeInterface(
        _ params: RPCParams, to writer: inout JSONWriter
    ) throws(RPCError) {
        guard let json = params.find(0, "contract") else {
            return writer.array(of: ContractInterface.all) { writer, contract in
                writer.object { writer in
                    writer.member("name", string: contract.name)
                    writer.member("address", address: contract.address)
                }
            }
        }
        if let address = json.address {
            let isContract = reading { $0.isContract(address) }
            let known = ContractInterface.all.first { $0.address == address }
            guard let contract = known ?? (isContract ? .token : nil) else {
                throw .invalidParams("contract: no contract answers at \(address)")
            }
            return writer.value(contract.json)
        }
        guard let contract = json.string.flatMap(ContractInterface.named) else {
            let names = ContractInterface.all.map(\.name).joined(separator: ", ")
            throw .invalidParams("contract: expected an address or one of \(names)")
        }
        writer.value(contract.json)
    }
}
