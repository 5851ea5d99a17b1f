import Ledger
import Settlement

/// A step as it stands in a file: which fields it has depends on its operation.
struct StepFile: Decodable {
    var op: String
    var by: String?
    var to: Target?
    var terms: TermsFile?
    var order: UInt64?
    var line: UInt16?
    var gate: UInt8?
    var child: UInt64?
    var units: String?
    var amount: String?
    var bps: UInt16?
    var on: Bool?
    var entries: [Entry]?
    var expect: Expectation

    /// Where time goes to, or who gets a claim.
    enum Target: Decodable {
        case time(UInt64)
        case account(String)

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let time = try? container.decode(UInt64.self) {
                self = .time(time)
            } else {
                self = .account(try container.decode(String.self))
            }
        }
    }

    struct Entry: Decodable {
        var order: UInt64
        var amount: String
    }

    struct Expectation: Decodable {
        var ok: Bool?
        var order: UInt64?
        var paid: [Payment]?
        var error: String?
    }

    struct Payment: Decodable {
        var order: UInt64
        var line: UInt16
        var to: String
        var amount: String
    }

    var value: VectorStep {
        get throws { VectorStep(try operation, expected: try outcome) }
    }

    private var outcome: VectorOutcome {
        get throws {
            if let error = expect.error { return .refused(error) }
            guard expect.ok == true else { throw missing("expect.ok") }
            return .done(
                order: expect.order,
                paid: try (expect.paid ?? []).map {
                    VectorPayment(
                        order: $0.order, line: $0.line, to: $0.to, amount: try $0.amount.amount)
                })
        }
    }

    private var operation: VectorOperation {
        get throws {
            switch op {
            case "advance":
                guard case .time(let time) = to, time < 1 << 62 else { throw missing("to") }
                return .advance(to: time)
            case "open": return .open(try need(terms, "terms").value, by: try account)
            case "accept": return .accept(order: try id, by: try account)
            case "decline": return .decline(order: try id, by: try account)
            case "fund":
                return .fund(
                    order: try id, amount: try need(amount, "amount").amount, by: try account)
            case "attest":
                return .attest(
                    order: try id, gate: try need(gate, "gate"), bps: try need(bps, "bps"),
                    by: try account)
            case "dispute":
                return .dispute(order: try id, gate: try need(gate, "gate"), by: try account)
            case "resolve":
                return .resolve(
                    order: try id, gate: try need(gate, "gate"), bps: try need(bps, "bps"),
                    by: try account)
            case "waive":
                return .waive(
                    order: try id, line: try need(line, "line"),
                    units: try need(units, "units").amount, by: try account)
            case "transferClaim":
                guard case .account(let receiver) = to else { throw missing("to") }
                return .transferClaim(
                    order: try id, line: try need(line, "line"), to: receiver,
                    units: try need(units, "units").amount, by: try account)
            case "pledge":
                return .pledge(
                    order: try id, line: try need(line, "line"), child: try need(child, "child"),
                    units: try need(units, "units").amount, by: try account)
            case "guarantee":
                return .guarantee(
                    order: try id, amount: try need(amount, "amount").amount, by: try account)
            case "consent": return .consent(isOn: try need(on, "on"), by: try account)
            case "setOff":
                return .setOff(
                    try need(entries, "entries").map {
                        SetOffEntry(order: $0.order, amount: try $0.amount.amount)
                    })
            default: throw VectorFileFault(description: "there is no operation \"\(op)\"")
            }
        }
    }

    private var account: String { get throws { try need(by, "by") } }
    private var id: UInt64 { get throws { try need(order, "order") } }

    private func need<T>(_ value: T?, _ field: String) throws -> T {
        guard let value else { throw missing(field) }
        return value
    }

    private func missing(_ field: String) -> VectorFileFault {
        VectorFileFault(description: "\(op) lacks \"\(field)\"")
    }
}
