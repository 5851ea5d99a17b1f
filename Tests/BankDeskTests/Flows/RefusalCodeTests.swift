import ISO20022
import Testing

@testable import BankDesk

/// Which of a bank's reasons counts.
@Suite struct RefusalCodeTests {
    private static func reason(
        _ code: String? = nil, proprietary: String? = nil, _ lines: String...
    ) -> StatusReason {
        var reason = StatusReason()
        reason.code = code.flatMap { ReasonCode($0) }
        reason.proprietary = proprietary
        reason.lines = lines
        return reason
    }

    private static let cases: [(own: [StatusReason], above: [StatusReason], code: String)] = [
        ([], [], "NARR"),
        ([reason("AC04")], [], "AC04"),
        ([reason("X1")], [], "NARR"),
        ([reason(proprietary: "closed")], [], "NARR"),
        ([reason("NARR", "see below"), reason("AC04")], [], "AC04"),
        // That the bank has it already counts wherever it stands.
        ([reason("NARR"), reason("DU03")], [], "DU03"),
        ([reason("MS03"), reason("AM05")], [], "AM05"),
        ([], [reason("DU01")], "DU01"),
        ([reason("NARR")], [reason("DUPL")], "DUPL"),
        ([], [reason(nil, "Duplicate file")], "DUPL"),
        ([reason(proprietary: "DUPLICATE")], [], "DUPL"),
        // Codes that a bank gives as words of its own are codes all the same.
        ([reason(proprietary: "AM05")], [], "AM05"),
        ([reason(proprietary: "du01: seen before")], [], "DU01"),
        ([reason("MS03"), reason(proprietary: "DU04")], [], "DU04"),
        ([reason("AC04", "see AM05")], [], "AC04"),
        ([reason("NARR", "AM05")], [], "AM05"),
        ([reason("NARR", "Doppeleinreichung")], [], "DUPL"),
        ([reason(nil, "重复支付")], [], "DUPL"),
        ([reason(proprietary: "XAM05X")], [], "NARR"),
        ([], [reason("AC04"), reason(proprietary: "AM05")], "AM05"),
        // A payment's own code counts before what is said of the file.
        ([reason("AC04")], [reason("DU04")], "AC04"),
        ([reason("AC04", "no duplicate")], [], "AC04"),
        ([], [reason("AM04")], "AM04"),
    ]

    @Test(arguments: cases.indices)
    func `the reason that keeps money safe counts`(index: Int) {
        let one = Self.cases[index]
        #expect(RefusalCode.of(one.own, becauseOf: one.above) == one.code)
    }

    @Test func `payments of a file that the bank has already do not go back`() async throws {
        let (bench, mill) = try Bench.withMill()
        bench.ledger.set { $0.balances[mill.address] = 3000 }
        bench.ledger.redeem(1000, by: mill.address, payout: mill.payout)
        try await bench.work()
        try await bench.tell(
            Message.status(
                "P1", of: try bench.paymentFile(), [("1", "RJCT", nil)], file: ("RJCT", "DU03")))
        #expect(try bench.standing() == ["sent"])
        #expect(Set(try bench.reasons()) == ["told-twice"])
    }
}
