import Gateway
import JSON
import Ledger

/// A refusal as it came back from a call: its catalogue entry with the arguments of this case.
struct Refusal {
    /// What the call returned.
    let data: [UInt8]
    /// What the catalogue says; nil for an error that is not the ledger's.
    let entry: RejectionEntry?
    /// The arguments in order; empty where the data is not the entry's.
    let arguments: [ABIValue]

    /// Reads revert data; whatever it is, something can be said of it.
    init(_ data: [UInt8]) {
        self.data = data
        let selector = data.prefix(4).reduce(0 as UInt32) { $0 << 8 | UInt32($1) }
        guard data.count >= 4, let entry = RejectionCatalogue.entry(selector: selector),
            let arguments = try? ABIValue.decode(
                data.dropFirst(4), as: entry.item.inputs.map(\.abiType))
        else {
            entry = nil
            arguments = []
            return
        }
        self.entry = entry
        self.arguments = arguments
    }

    init(_ rejection: Rejection) { self.init(rejection.revertData) }

    /// Name and arguments, such as `ZeroAmount()`.
    var text: String {
        guard let entry else { return data.isEmpty ? "no reason" : JSON.data(data).string ?? "" }
        let values = zip(arguments, entry.item.inputs).map { value, parameter -> String in
            if let inner = Self.inner(value, parameter) { return inner.text }
            return switch value.json(as: parameter) {
            case .string(let text): text
            case .number(let text): text
            case .bool(let flag): "\(flag)"
            default: "…"
            }
        }
        return "\(entry.item.name)(\(values.joined(separator: ", ")))"
    }

    /// The refusal inside a batch's ``Rejection/callFailed(index:reason:)``.
    private static func inner(_ value: ABIValue, _ parameter: InterfaceParameter) -> Refusal? {
        guard case .bytes(let bytes) = value, parameter.type == "bytes", bytes.count >= 4 else {
            return nil
        }
        // Batches do not nest, so neither does this.
        let refusal = Refusal(bytes)
        return refusal.entry?.group == .batch ? nil : refusal
    }

    /// Code 3 with the revert data, as geth says it and wallets read it.
    var error: RPCError {
        RPCError(code: 3, message: "execution reverted: \(text)", data: .data(data))
    }

    /// Everything there is to say: name, arguments, cause, cure.
    var json: JSON {
        var members: [JSON.Member] = [
            .init("message", .string(text)), .init("data", .data(data)),
        ]
        guard let entry else { return .object(members) }
        members += [
            .init("name", .string(entry.item.name)), .init("code", .integer(entry.code)),
            .init("signature", .string(entry.item.signature)),
            .init(
                "arguments",
                .object(
                    zip(arguments, entry.item.inputs).map {
                        JSON.Member($1.name, $0.json(as: $1))
                    })),
            .init("cause", .string(entry.cause)), .init("cure", .string(entry.cure)),
        ]
        for (value, parameter) in zip(arguments, entry.item.inputs) {
            if let inner = Self.inner(value, parameter) {
                members.append(.init("inner", inner.json))
            }
        }
        return .object(members)
    }
}
