import NIOCore
import NIOEmbedded
import Testing

@testable import Gateway

/// How many connections there may be, and whose.
@Suite struct OpenConnectionsTests {
    /// Connections of a limit, each client numbered.
    private struct Door {
        let connections: OpenConnections
        private let kept = KeptBytes(limit: .max) {}

        init(limit: Int) { connections = OpenConnections(limit: limit) }

        /// A connection that knocks; it counts as its client's until it is let go of.
        func come(_ client: UInt32, isProxied: Bool = false) -> (
            outlet: ConnectionOutlet, entrance: OpenConnections.Entrance
        ) {
            let outlet = ConnectionOutlet(
                eventLoop: EmbeddedEventLoop(), kept: kept.part(of: .v4(client)))
            return (outlet, connections.enter(outlet, isProxied: isProxied))
        }
    }

    @Test func `a client leaves a third to the others, the next a third of that`() {
        let door = Door(limit: 30)
        let greedy = (0..<100).map { _ in door.come(1) }
        #expect(greedy.count { $0.entrance.isAdmitted } == 20)
        #expect(greedy[20].entrance.reason == "you have too many connections")
        let second = (0..<100).map { _ in door.come(2) }
        #expect(second.count { $0.entrance.isAdmitted } == 7)
        #expect(door.come(3).entrance.isAdmitted)
        // What ends makes room.
        for (outlet, entrance) in greedy where entrance.isAdmitted {
            #expect(door.connections.leave(outlet))
        }
        #expect(!door.connections.leave(greedy[0].outlet))
        #expect((0..<6).map { _ in door.come(3) }.allSatisfy { $0.entrance.isAdmitted })
    }

    @Test func `a proxy may have them all`() {
        let door = Door(limit: 30)
        let all = (0..<30).map { _ in door.come(1, isProxied: true) }
        #expect(all.allSatisfy { $0.entrance.isAdmitted })
        #expect(door.come(2).entrance.reason == "the node has too many connections")
    }

    @Test func `256 are told that they are refused, others are closed without a word`() {
        let door = Door(limit: 1)
        let first = door.come(1)
        #expect(first.entrance.isAdmitted)
        let others = (0..<300).map { _ in door.come(2) }
        #expect(others[255].entrance.reason != nil && others[256].entrance.isDropped)
        #expect(others[299].entrance.isDropped)
        door.connections.leaveRefused()
        let next = door.come(3)
        #expect(next.entrance.reason != nil)
        #expect(door.come(3).entrance.isDropped)
        withExtendedLifetime((first, others, next)) {}
    }
}

extension OpenConnections.Entrance {
    fileprivate var isAdmitted: Bool { if case .admitted = self { true } else { false } }
    fileprivate var isDropped: Bool { if case .dropped = self { true } else { false } }
    fileprivate var reason: String? { if case .refused(let reason) = self { reason } else { nil } }
}
