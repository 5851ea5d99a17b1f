import BankDesk
import JSON
import Testing

@Suite struct NodeLedgerTests {
    /// What a node says that serves, knows the leader and is not behind.
    private static let current = [
        "serving": "true", "bank": "1", "ordering": #"{"leader": 2}"#,
        "validators":
            #"[{"id": 1, "height": 9, "lag": 0}, {"id": 2, "height": 9, "lag": 0}, {"id": 3}]"#,
    ]

    private func isCurrent(_ name: String = "", _ value: String? = nil) throws -> Bool {
        var answer = Self.current
        answer[name] = value
        let members = try answer.map { JSON.Member($0.key, try JSON(parsing: $0.value)) }
        return NodeLedger.isCurrent(.object(members))
    }

    @Test func `a node is current that serves, is not behind and has heard the leader's height`()
        throws
    {
        #expect(try isCurrent())
        // One that leads itself has heard itself.
        #expect(try isCurrent("ordering", #"{"leader": 1}"#))
    }

    private static let lacking: [(String, String?)] = [
        ("serving", "false"), ("serving", nil), ("bank", nil), ("bank", "4"), ("bank", "3"),
        ("ordering", nil), ("ordering", #"{"leader": null}"#), ("ordering", #"{"leader": 3}"#),
        ("ordering", #"{"leader": 9}"#), ("ordering", #"{"leader": "two"}"#),
        ("validators", nil), ("validators", "[]"),
        ("validators", #"[{"id": 2, "height": 9, "lag": 0}]"#),
        ("validators", #"[{"id": 1, "height": 9, "lag": 1}, {"id": 2, "height": 10, "lag": 0}]"#),
        ("validators", #"[{"id": 1, "height": 9}, {"id": 2, "height": 10, "lag": 0}]"#),
        ("validators", #"[{"id": 1, "height": 9, "lag": 0}, {"id": 2}]"#),
    ]

    @Test(arguments: lacking)
    func `a node that lacks any of it is not`(name: String, value: String?) throws {
        #expect(try !isCurrent(name, value))
    }

    @Test func `an answer that is no object is of no node that is current`() {
        for answer in [JSON.null, [], "x", 7, true] { #expect(!NodeLedger.isCurrent(answer)) }
    }
}
