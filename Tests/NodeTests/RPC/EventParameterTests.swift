import JSON
import Testing

@testable import Node

struct EventParameterTests {
    @Test func `names of events are looked up, not searched for`() throws {
        let filter: JSON = ["events": .array(Array(repeating: "Paid", count: 1_000))]
        var found: EventParameter?
        let time = try ContinuousClock().measure {
            for _ in 0..<100 { found = try EventParameter(filter, "filter") }
        }
        #expect(found?.filter.topics.first?.count == 1_000)
        // Searching took a minute, on the thread that serves connections.
        #expect(time < .seconds(4))
    }
}
