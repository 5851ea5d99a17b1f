import JSON
import Ledger

/// What a transaction asks of a contract or account.
struct ContractCall: Sendable {
    let to: Address
    let data: [UInt8]
    let value: UInt128

    /// A call that is encoded already; DIP alone where there is no data.
    init(to: Address, data: [UInt8] = [], value: UInt128 = 0) {
        self.to = to
        self.data = data
        self.value = value
    }

    /// A call of a function.
    ///
    /// - Parameters:
    ///   - to: the contract.
    ///   - function: one of the enumerations of selectors.
    ///   - words: how many words the head of its arguments has.
    ///   - value: the DIP that goes along.
    ///   - write: writes the arguments.
    init(
        _ to: Address, _ function: some RawRepresentable<UInt32>, words: Int = 0,
        value: UInt128 = 0, _ write: (inout ABIWriter) -> Void = { _ in }
    ) {
        var writer = ABIWriter(selector: function.rawValue, words: words)
        write(&writer)
        self.init(to: to, data: writer.finish(), value: value)
    }

    /// As `eth_call` and `dip_simulate` take it.
    func json(from: Address? = nil) -> JSON {
        .members([
            ("from", from.map { .string($0.hex) }), ("to", .string(to.hex)),
            ("value", value == 0 ? nil : .quantity(value)),
            ("data", data.isEmpty ? nil : .data(data)),
        ])
    }
}
