import Ledger

extension Machine {
    /// The most calls that a batch may have.
    static let batchCallsMax = 4096

    /// Carries out a batch: every call as the sender, all or nothing.
    ///
    /// - Returns: what each call returned, ABI-encoded.
    /// - Throws: ``Rejection/callFailed(index:reason:)`` with the first refusal of a call; the caller
    ///   rolls back what the calls before it did.
    func batch(_ call: Call) throws(Rejection) -> [UInt8] {
        guard let selector = call.selector else { throw .unknownSelector(0) }
        guard IBatch.Function(rawValue: selector) == .execute else {
            throw .unknownSelector(selector)
        }
        var reader = ABIReader(call.arguments)
        let calls = try reader.array(of: IBatch.Call.self, atMost: Self.batchCallsMax)
        try reader.finish()
        try checkValue(of: calls, given: call.value)
        var results: [[UInt8]] = []
        results.reserveCapacity(calls.count)
        state.isBatch = true
        defer { state.isBatch = false }
        for (index, inner) in calls.enumerated() {
            try state.gas.charge(Gas.call)
            do throws(Rejection) {
                results.append(
                    try single(
                        Call(
                            sender: call.sender, to: inner.to, value: inner.value,
                            data: inner.data[...])))
            } catch {
                if case .outOfGas = error { throw error }
                throw .callFailed(index: UInt64(index), reason: error.revertData)
            }
        }
        var writer = ABIWriter(words: 1)
        writer.write(array: results)
        return writer.finish()
    }

    private func checkValue(of calls: [IBatch.Call], given: UInt128) throws(Rejection) {
        var sum: UInt128 = 0
        for call in calls {
            let (next, overflow) = sum.addingReportingOverflow(call.value)
            guard !overflow else { throw .valueMismatch(given: given, needed: .max) }
            sum = next
        }
        guard sum == given else { throw .valueMismatch(given: given, needed: sum) }
    }
}
