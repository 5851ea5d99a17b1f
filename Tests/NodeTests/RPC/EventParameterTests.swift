import Gateway
import JSON
import Testing

@testable import Node

struct EventParameterTests {
    @Test func `a name stands for the events of all contracts that have it`() throws {
        let events = ContractInterface.all.flatMap(\.items).filter { $0.kind == .event }
        #expect(events.count > 50)
        for name in Set(events.map(\.name)) {
            let found = try EventParameter(["events": .string(name)], "filter")
            let topics = events.filter { $0.name == name }.map(\.topic)
            #expect(found.filter.topics == [topics], "\(name)")
        }
        let error = #expect(throws: RPCError.self) {
            try EventParameter(["events": "Nothing"], "filter")
        }
        #expect(error?.message.contains("there is no event Nothing") == true)
    }

    @Test(arguments: [(0, -32602), (1, 0), (1_000, 0), (1_001, -32005)])
    func `a member has as many values as the limit allows`(count: Int, code: Int) {
        let filter: JSON = ["orders": .array((0..<count).map { .integer(UInt64($0)) })]
        var error: RPCError?
        do throws(RPCError) {
            _ = try EventParameter(filter, "filter")
        } catch let fault {
            error = fault
        }
        #expect(error?.code ?? 0 == code)
    }
}
