import JSON
import Ledger
import Testing

@testable import dip

struct ConsortiumWordsTests {
    private static let banks = (1...4).map { number in
        Proposal.Voter(
            id: UInt64(number), name: "Bank \(number)", account: account(UInt32(number)))
    }

    private func proposal(
        _ change: IGovernance.Change, yes: [UInt32], stage: IGovernance.Stage = .open,
        height: UInt64 = 0
    ) -> Proposal {
        Proposal(
            id: 7, kind: change.kind, content: .init(change, from: 0), yes: yes.map(account),
            no: [], expiry: 1_800_000_000, stage: stage, height: height, banks: Self.banks)
    }

    @Test func `an open proposal says how many votes are missing`() {
        let one = proposal(.removeBank(account(2)), yes: [1])
        #expect(one.what(names) == "remove bank 2 (Bank 2)")
        #expect(one.missing == 2)
        #expect(
            one.next == [
                "2 more banks have to say yes before 2027-01-15 08:00:00Z, 3 of 4 in all: dip consortium vote 7"
            ])
        #expect(proposal(.removeBank(account(2)), yes: [1, 3]).missing == 1)
    }

    /// A majority that came about because a bank left is noticed with the next vote.
    @Test func `a proposal that enough banks are for waits for any vote`() {
        let enough = proposal(.removeBank(account(2)), yes: [1, 3, 4])
        #expect(enough.missing == 0)
        #expect(enough.next.count == 1)
        #expect(enough.next[0].contains("one more vote, any bank's, decides it"))
    }

    @Test func `a vote of a bank that left does not count`() {
        #expect(proposal(.activateVersion(2), yes: [1, 9]).missing == 2)
    }

    @Test func `a decided admission says what the new bank has to do`() {
        let change = IGovernance.Change.admitBank(
            name: "Delta", node: account(8), operator: account(9), endpoint: "d.example:7545")
        let decided = proposal(change, yes: [1, 2, 3], stage: .decided, height: 40)
        #expect(decided.standing == "decided, for block 40")
        #expect(decided.next.count == 1)
        #expect(decided.next[0].contains("Delta starts its node"))
    }

    private static let answer = """
        {"chainId": 3355, "height": 12, "certified": 11, "certificateQuorum": 2, "bank": 1,
         "timeMillis": 2000000000000, "serving": true,
         "ordering": {"leader": 2, "term": 5, "changing": false, "mayVote": true},
         "validators": [
           {"id": 1, "name": "A", "role": "voter", "height": 12, "certified": 11, "lag": 0,
            "serving": true, "toldMillis": 2000000000000, "clockOffsetMillis": 0,
            "certificate": {"notAfter": 2000400000}},
           {"id": 2, "name": "B", "role": "voter", "height": 12, "certified": 12, "lag": 0,
            "serving": true, "toldMillis": 1999999999000, "clockOffsetMillis": -35,
            "connection": {"connected": true, "consensus": {"roundTripMicros": 1250}},
            "certificate": {"notAfter": 2100000000}},
           {"id": 3, "name": "C\\u001b[2J", "role": "standby", "height": 2, "certified": 2, "lag": 10,
            "serving": false, "toldMillis": 1999999900000, "clockOffsetMillis": 900,
            "connection": {"connected": false, "lastRefusal":
              {"reason": "certificate_expired", "by": "there", "text": "your certificate ended"}}}]}
        """

    @Test func `the status tells roles, connections, certificates and what is wrong`() throws {
        let report = ConsortiumReport(try JSON(parsing: Self.answer), now: 2_000_000_000)
        #expect(report.headlines.count == 1)
        #expect(report.headlines[0].contains("bank 2 (B) leads in term 5"))
        let rows = try JSON(parsing: Self.answer)["validators"]!.array!.map(report.row)
        #expect(
            rows[0] == ["1", "A", "voter", "12", "11", "0", "this node", "4 d left", ""])
        #expect(rows[1][2] == "leader")
        #expect(Array(rows[1][6...]) == ["up, 1.2 ms", "1157 d left", "-35 ms"])
        #expect(rows[2][1] == "C\u{fffd}[2J")
        #expect(Array(rows[2][6...]) == ["down: certificate expired", "—", "+900 ms"])
        #expect(report.remarks.contains { $0.hasPrefix("This node: the certificate ends") })
        #expect(
            report.remarks.contains(
                "Bank 3 is not reached: its node says: your certificate ended"))
        #expect(report.remarks.contains { $0.hasPrefix("Bank 3 told nothing for 100 s") })
        #expect(report.remarks.contains("Bank 3 takes no transactions."))
        #expect(!report.remarks.contains { $0.contains("follows no leader") })
    }

    @Test func `a node that is behind and follows nobody is told what to do`() throws {
        let text = Self.answer.replacing("\"leader\": 2", with: "\"leader\": null")
        let waiting = ConsortiumReport(try JSON(parsing: text), now: 2_000_000_000)
        #expect(!waiting.remarks.contains { $0.contains("follows no leader") })
        let behind = ConsortiumReport(
            try JSON(parsing: text.replacing("\"lag\": 0", with: "\"lag\": 17")), now: 2_000_000_000
        )
        let remark = try #require(behind.remarks.first)
        #expect(remark.hasPrefix("This node is 17 blocks behind and follows no leader."))
        #expect(remark.contains("after block 12: name all banks in peers.introductions"))
    }
}
