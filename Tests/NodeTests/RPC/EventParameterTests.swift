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
}
