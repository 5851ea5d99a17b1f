import Execution
import Gateway
import JSON
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
                guard !node.isClockDrivenByHand else {
                    throw .invalidParams("seconds: the clock goes to 2^50 milliseconds at most")
                }
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
