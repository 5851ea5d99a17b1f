import JSON
import Ledger
import Node

/// Says in words what happened, or would happen, on the ledger.
struct Narrator {
    /// How many sentences are printed before the rest is only counted.
    private static let most = 40

    let session: Session

    init(_ session: Session) { self.session = session }

    // MARK: What arrives

    /// The logs of a receipt as events: contract, name and arguments; those of unknown contracts with
    /// their topics.
    static func events(_ logs: [JSON]) -> [JSON] {
        logs.map { log in
            let topics = (log["topics"]?.elements ?? []).compactMap {
                $0.string.flatMap { Hash32(hex: $0) }
            }
            guard let address = log["address"]?.address, let first = topics.first,
                let (contract, item) = Self.event(first, at: address),
                let arguments = Decoded.arguments(topics, log["data"]?.data ?? [], of: item)
            else { return log }
            return [
                "address": .string(address.hex), "contract": .string(contract),
                "event": .string(item.name), "args": .object(arguments),
            ]
        }
    }

    private static func event(
        _ topic: Hash32, at address: Address
    ) -> (contract: String, item: InterfaceItem)? {
        let contract =
            ContractInterface.all.first { $0.address == address }
            ?? ContractInterface.all.first { $0.address == nil }
        guard let contract,
            let item = contract.items.first(where: { $0.kind == .event && $0.topic == topic })
        else { return nil }
        return (contract.name, item)
    }

    // MARK: Telling

    /// Prints the sentences for a receipt's logs.
    func tell(logs: [JSON]) async throws { try await tell(events: Self.events(logs)) }

    /// Prints a sentence for each event that a person wants to hear of.
    func tell(events: [JSON]) async throws {
        var told = 0
        var untold = 0
        for event in events where !Self.isRepetition(event) {
            if told == Self.most {
                untold += 1
                continue
            }
            Output.line("  " + (try await sentence(event)))
            told += 1
        }
        if untold > 0 { Output.line("  … and \(untold) more (--json has all of them)") }
    }

    /// Prints a table of payments, as `dip_simulate` lists them.
    func tell(payments: [JSON]) async throws {
        guard !payments.isEmpty else { return }
        var rows: [[String]] = []
        for payment in payments.prefix(Self.most) {
            let currency = try await session.currencyIfKnown(payment["token"]?.address)
            var note = payment["order"]?.whole64.map { "order \($0)" } ?? ""
            if let line = payment["line"]?.whole { note += " line \(line)" }
            if let order = payment["toOrder"]?.whole64 { note += " to order \(order)" }
            if payment["held"]?.bool == true { note += " (held: the token refuses the payee)" }
            rows.append([
                payment["kind"]?.plain ?? "?", party(payment["from"]), party(payment["to"]),
                currency.text(payment["amount"]), note,
            ])
        }
        Output.table(["what", "from", "to", "amount", ""], rows, right: [3])
        if payments.count > Self.most {
            Output.line("… and \(payments.count - Self.most) more (--json has all of them)")
        }
    }

    private func party(_ json: JSON?) -> String {
        json?.address.map { session.names.short($0) } ?? json?.plain ?? "?"
    }

    /// Whether an event is one of the payments that `dip_simulate` lists.
    static func isPayment(_ event: JSON) -> Bool {
        let payments = [
            "Transfer", "Funded", "Paid", "Refunded", "Guaranteed", "GuaranteeReturned",
            "GuaranteeDrawn", "ClawedBack", "HeldReleased",
        ]
        return event["event"]?.string.map { payments.contains($0) } ?? false
    }

    /// Whether an event repeats, for ERC-20 and ERC-1155 tools, what another one says better.
    private static func isRepetition(_ event: JSON) -> Bool {
        switch event["event"]?.string {
        case "Transfer":
            let from = event["args"]?["from"]?.address
            if from == .treasury { return false }
            return [from, event["args"]?["to"]?.address].contains {
                $0?.isNativeContract == true
            }
        case "TransferSingle":
            let ends = [event["args"]?["from"]?.address, event["args"]?["to"]?.address]
            return ends.contains { $0 == .zero || $0?.orderID != nil }
        default: return false
        }
    }
}
