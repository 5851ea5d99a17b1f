import Testing

@testable import Threads

/// Whose turn it is.
struct FairQueueTests {
    /// A connection, the letter its client's.
    private struct Caller: TurnTaker, ExpressibleByStringLiteral {
        let name: String
        var client: Character { name.first ?? "-" }

        init(stringLiteral name: String) { self.name = name }
    }

    @Test func `clients take turns, and each one's jobs stay in order`() {
        var line = FairQueue<Caller, Int>()
        for job in 1...4 { line.append(job, of: "greedy") }
        line.append(10, of: "modest")
        line.append(20, of: "other")
        line.append(11, of: "modest")
        #expect((line.count, line.count(of: "greedy")) == (7, 4))
        #expect(all(&line) == [1, 10, 20, 2, 11, 3, 4])
        #expect((line.count, line.count(of: "greedy")) == (0, 0))
    }

    @Test func `however many connections a client has, they take one turn after the other`() {
        var line = FairQueue<Caller, Int>()
        for (job, connection) in ["g1", "g2", "g3", "g1", "g2"].enumerated() {
            line.append(job, of: Caller(stringLiteral: connection))
        }
        line.append(10, of: "m1")
        line.append(11, of: "m1")
        line.append(12, of: "m2")
        #expect(line.next() == 0)
        // Who comes when a turn has begun is behind those who wait.
        line.append(5, of: "g4")
        line.append(20, of: "o1")
        #expect(all(&line) == [10, 1, 20, 12, 2, 11, 3, 5, 4])
        #expect(line.next() == nil && line.count == 0)
    }

    @Test func `whoever is gone has no turn, and comes again as anybody`() {
        var line = FairQueue<Caller, Int>()
        for (job, connection) in ["g1", "g2", "g1", "h1"].enumerated() {
            line.append(job, of: Caller(stringLiteral: connection))
        }
        #expect(line.removeAll(of: "g1").map(all) == [0, 2])
        #expect(line.removeAll(of: "h1").map(all) == [3])
        #expect(line.removeAll(of: "g3").map(all) == nil)
        #expect((line.count, line.count(of: "g1")) == (1, 0))
        line.append(10, of: "h1")
        line.append(11, of: "h1")
        line.append(12, of: "g1")
        #expect(all(&line).sorted() == [1, 10, 11, 12])
        #expect(line.count == 0)
        line.append(20, of: "g1")
        #expect(line.removeAll(of: "g1")?.count == 1 && line.next() == nil && line.count == 0)
        line.append(21, of: "g1")
        #expect(all(&line) == [21])
    }

    private func all(_ line: inout FairQueue<Caller, Int>) -> [Int] {
        var taken: [Int] = []
        while let job = line.next() { taken.append(job) }
        return taken
    }

    private func all(_ removed: Queue<Int>) -> [Int] {
        var (removed, taken) = (removed, [Int]())
        while let job = removed.popFirst() { taken.append(job) }
        return taken
    }
}
