import Glibc
import Ledger
import Testing
import Threads

@testable import Consensus

@Suite struct HandOverTests {
    /// How often a test begins again where the group elected a leader besides, or was late, as a machine that is busy
    /// for seconds may have it do: then what a leader took may be lost, and nobody promised anything else.
    private static let attempts = 20

    /// Hands leadership over six times under load; whether that alone happened, which then lost nothing.
    private func handOver() throws -> Bool {
        let mesh = try Mesh(3)
        defer { mesh.stop() }
        var leader = mesh.leader()
        let first = mesh.term
        var number: UInt64 = 0
        /// Submits the next entry to whoever leads, and says how long nobody took it.
        func submit() -> UInt64 {
            let start = monotonicMillis()
            number += 1
            let payload = ByteWriter.number(number) + [UInt8](repeating: 7, count: 2_000)
            while true {
                for id in [leader] + mesh.drivers.keys.sorted() {
                    if case .accepted = mesh.drivers[id]!.submit(payload) {
                        leader = id
                        return monotonicMillis() - start
                    }
                }
                usleep(200)
            }
        }
        var gaps: [UInt64] = []
        for _ in 0..<6 {
            // Some are always under way.
            for _ in 0..<50 { _ = submit() }
            let before = leader
            var longest: UInt64 = 0
            while leader == before {
                // On a busy machine the others may not have been heard lately, or one may be too late.
                _ = mesh.drivers[before]!.transferLeadership()
                longest = max(longest, submit())
            }
            gaps.append(longest)
        }
        // One that takes an election timeout is given up by who hands over, who then takes entries again, and may be
        // replaced all the same.
        let isDisturbed = mesh.term != first + 6 || gaps.contains { $0 >= 2_000 }
        let expected = (1...number).map { ByteWriter.number($0) }
        for collector in mesh.collectors.values {
            if isDisturbed, !collector.hasEntries(expected.count, within: 10_000) { return false }
            let entries = collector.waitForEntries(expected.count)
                .map { Array($0.payload.prefix(8)) }
            if isDisturbed, entries != expected { return false }
            #expect(entries == expected)
        }
        // Printed, not required: other tests run beside this one.
        print("hand-over: nobody took entries for \(gaps.sorted()) ms")
        return true
    }

    @Test func `a hand-over under load loses nothing and is short`() throws {
        for _ in 0..<Self.attempts where try handOver() { return }
        Issue.record("leaders change by themselves")
    }

    @Test func `leadership goes to whom it is asked for, and to no one unknown`() throws {
        let mesh = try Mesh(3)
        defer { mesh.stop() }
        /// What the leader answers who is asked to hand over, whoever leads.
        func ask(_ target: NodeID?) -> Driver.Transfer {
            while true {
                let answer = mesh.drivers[mesh.leader()]!.transferLeadership(to: target)
                if case .notLeader = answer { continue }
                return answer
            }
        }
        let leader = mesh.leader()
        let others = mesh.drivers.keys.sorted().filter { $0 != leader }
        #expect(mesh.drivers[others[0]]!.transferLeadership() != .begun(to: leader))
        #expect(ask(NodeID(9)) == .unsuitableMember)
        while mesh.leader() != others[1] {
            // The leader may not have heard it yet, or not lead any more.
            _ = ask(others[1])
            usleep(1_000)
        }
        #expect(mesh.drivers[others[1]]!.status.peers.count == 2)
    }

    /// Has a leader add what the others refuse; whether it still led then. Another one has to take its place.
    private func refuseLeader() throws -> Bool {
        // As if the first one's clock were ahead: what it adds is refused by the others.
        let mesh = try Mesh(3) { options in
            options.admission = Admission { payload, _ in payload.first != 0xbd }
            options.timing.electionMilliseconds = 1_000
        }
        defer { mesh.stop() }
        let leader = mesh.leader()
        guard case .accepted = mesh.drivers[leader]!.submit([1]),
            mesh.collectors[leader]!.hasEntries(1, within: 60_000),
            case .accepted = mesh.drivers[leader]!.submit([0xbd])
        else { return false }
        /// Whether another one leads, which has taken an entry and brought it to its end.
        func isReplaced() -> Bool {
            let next = mesh.leader()
            guard next != leader, case .accepted = mesh.drivers[next]!.submit([2]) else {
                return false
            }
            // It may be replaced in its turn, and its entry be gone.
            return mesh.collectors[next]!.hasEntries(2, within: 5_000)
        }
        while !isReplaced() { usleep(1_000) }
        for collector in mesh.collectors.values {
            #expect(collector.waitForEntries(2).map(\.payload).prefix(2) == [[1], [2]])
            #expect(!collector.now.entries.contains { $0.payload == [0xbd] })
        }
        #expect(mesh.drivers.values.contains { $0.status.refusals.unaccepted > 0 })
        return true
    }

    @Test func `a leader whom a majority does not accept is replaced, and nothing of its stays`()
        throws
    {
        for _ in 0..<Self.attempts where try refuseLeader() { return }
        Issue.record("leaders change by themselves")
    }
}
