import Consensus
import NIOCore
import Synchronization
import Testing

@testable import Peers

@Suite struct StrangersTests {
    /// Strangers of whom it is seen which have been ended, in that order.
    private final class Seen: Sendable {
        let strangers: Strangers
        private let all = Mutex<[String]>([])
        var ended: [String] { all.withLock { $0 } }

        init(limit: Int) { strangers = Strangers(limit: limit) }

        @discardableResult
        func enter(_ host: UInt32, _ name: String) -> UInt64 {
            strangers.enter(from: .v4(host)) { _ in self.all.withLock { $0.append(name) } }
        }
    }

    @Test func `of too many strangers the host with most loses its oldest`() {
        let seen = Seen(limit: 3)
        seen.enter(1, "a")
        seen.enter(2, "b")
        let third = seen.enter(2, "c")
        #expect(seen.ended == [])
        seen.enter(2, "d")
        #expect(seen.ended == ["b"])
        seen.strangers.leave(third)
        seen.enter(3, "e")
        #expect(seen.ended == ["b"])
        // One each: the one that has waited longest.
        seen.enter(4, "f")
        #expect(seen.ended == ["b", "a"])
    }

    @Test func `all end where the network does, and so does whoever still comes`() {
        let seen = Seen(limit: 3)
        seen.enter(1, "a")
        seen.strangers.verified(seen.enter(1, "b"))
        seen.strangers.leave(seen.enter(2, "a bank"), as: NodeID(7))
        seen.strangers.end(Refusal(.stopping, "this node stops"))
        #expect(seen.ended == ["a", "b"])
        seen.enter(3, "late")
        #expect(seen.ended == ["a", "b", "late"])
    }

    @Test func `however many come from many hosts, one whose certificate has passed stays`() {
        let seen = Seen(limit: 3)
        seen.strangers.verified(seen.enter(1, "bank"))
        for host in 2..<102 as Range<UInt32> { seen.enter(host, "\(host)") }
        #expect(seen.ended == (2..<99).map { "\($0)" })
        // Those with a certificate are bounded too.
        for host in 202..<205 as Range<UInt32> {
            seen.strangers.verified(seen.enter(host, "certified \(host)"))
        }
        #expect(seen.ended.last == "bank")
    }

    @Test func `however many come from many hosts, one from where a bank came stays`() {
        let seen = Seen(limit: 3)
        seen.strangers.leave(seen.enter(1, "bank"), as: NodeID(7))
        seen.enter(1, "bank again")
        for host in 2..<102 as Range<UInt32> { seen.enter(host, "\(host)") }
        #expect(!seen.ended.contains("bank again"))
        // From elsewhere since: the host is as any other.
        seen.strangers.leave(seen.enter(200, "bank elsewhere"), as: NodeID(7))
        for host in 2..<6 as Range<UInt32> { seen.enter(host, "\(host)") }
        #expect(seen.ended.contains("bank again"))
    }

    @Test func `from where a bank came there may be a few, not very many`() {
        let seen = Seen(limit: 2 * Strangers.ofHostMax)
        seen.strangers.leave(seen.enter(1, "liar"), as: NodeID(7))
        for number in 0..<100 { seen.enter(1, "flood \(number)") }
        for host in 2..<(2 + UInt32(Strangers.ofHostMax)) { seen.enter(host, "\(host)") }
        #expect(seen.ended.allSatisfy { $0.hasPrefix("flood") })
    }

    @Test func `an IPv6 customer is one host, and IPv4 is told apart on a socket for both`() throws
    {
        func host(_ text: String) throws -> RemoteHost {
            RemoteHost(try SocketAddress(ipAddress: text, port: 1))
        }
        #expect(try host("2001:db8:1:2::1") == host("2001:db8:1:2:ffff::2"))
        #expect(try host("2001:db8:1:2::1") == .v6(0x2001_0db8_0001_0002))
        #expect(try host("2001:db8:1:2::1") != host("2001:db8:1:3::1"))
        #expect(try host("::ffff:192.0.2.1") == host("192.0.2.1"))
        #expect(try host("192.0.2.1") == .v4(0xc000_0201))
    }
}
