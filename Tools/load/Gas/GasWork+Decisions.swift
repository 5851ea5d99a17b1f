import Execution
import Ledger
import Settlement

/// What the banks decide, and templates.
extension GasWork {
    private func proposal(_ change: IGovernance.Change) -> Call {
        let proposal = IGovernance.Proposal(change, from: 1)
        return Call(
            to: .governance,
            data: encoded(IGovernance.Function.propose.rawValue, 3) {
                $0.write(change.kind)
                $0.write(bytes: proposal.data)
                $0.write(1 << 40 as UInt64)
            })
    }

    private func template(
        _ function: ITemplates.Function, _ words: Int, by: Int = GasWork.buyer,
        value: UInt128 = 0, _ body: (inout ABIWriter) -> Void
    ) -> Call {
        Call(
            by: by, to: .templates, value: value,
            data: encoded(function.rawValue, words, body))
    }

    private func publish(_ text: String) -> Call {
        template(.publish, 2, value: 1 << 90) {
            $0.write(string: text)
            $0.write(word: .zero)
        }
    }

    mutating func decisionRows() throws {
        try run([proposal(.admitReviewer(address(10)))])
        try run([proposal(.admitReviewer(address(11)))])
        try add(
            "propose, in a batch",
            [
                batch(
                    (0..<200).map { _ in
                        proposal(.payTreasury(token: .dip, to: address(2), amount: 1))
                    })
            ])
        try add(
            "proposal, read anew, in a batch",
            many(500, by: 0, to: .governance) { index in
                encoded(IGovernance.Function.proposal.rawValue, 1) {
                    $0.write(UInt64(index % 200 + 1))
                }
            })
        var checks = TemplateChecks()
        for text in try checks.hardestTexts() {
            try add("publish, \(text.name)", [publish(text.text)], mayFail: true)
        }
        // As many small values as fit, and a fault behind the last.
        let values = "{\"x\":[" + String(repeating: "1,", count: 30_000) + "]}"
        try add("publish refused, 60,000 bytes", [publish(values)], mayFail: true)
        try useRows()
    }

    /// An order of the largest template, opened and looked at.
    private mutating func useRows() throws {
        let text = TemplateChecks.manyMembers
        let id = try Template(parsing: Array(text.utf8)).id
        try run([publish(text)])
        try run(
            [10, 11].map { reviewer in
                template(.review, 3, by: reviewer) {
                    $0.write(word: id)
                    $0.write(true)
                    $0.write(word: .zero)
                }
            })
        let members = (0..<500).map { "\"\(address($0).checksummed)\"" }.joined(separator: ",")
        let ones = Array(repeating: "\"1\"", count: 500).joined(separator: ",")
        let bindings = """
            {"buyer":"\(address(Self.buyer).checksummed)","a":"\(address(5).checksummed)",\
            "m":[\(members)],"x":[\(ones)],"price":"100000","token":"\(Address.dip.checksummed)"}
            """
        func open(_ bindings: String) -> Call {
            template(.open, 3) {
                $0.write(word: id)
                $0.write(string: bindings)
                $0.write(array: [IOrders.Pledge]())
            }
        }
        try add("open of a template, 500 members", [open(bindings)])
        forget()
        try add("open of a template, 500 members, read anew", [open(bindings)])
        try add(
            "open of a template refused, 200,000 bytes",
            [open("{\"m\":[" + String(repeating: "1,", count: 100_000) + "]}")], mayFail: true)
        try add(
            "preview, 500 members",
            [
                template(.preview, 2) {
                    $0.write(word: id)
                    $0.write(string: bindings)
                }
            ])
        forget()
        try add(
            "template, read anew, in a batch",
            many(20, to: .templates) { _ in
                template(.template, 1) { $0.write(word: id) }.data
            })
    }
}
