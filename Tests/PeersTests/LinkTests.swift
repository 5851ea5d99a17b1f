import Consensus
import Ledger
import Logging
import NIOCore
import TestSupport
import Testing

@testable import Peers

struct LinkTests {
    private func machine() -> LinkMachine {
        LinkMachine(redialMillis: 50...2_000, drainMillis: 700)
    }

    /// A machine on whose first connection frames flow.
    private func opened() -> LinkMachine {
        var machine = machine()
        #expect(machine.start() == [.dial(1)])
        #expect(machine.ready(1) == [.sayHello(1)])
        #expect(machine.opened(1) == [.flow(1, isNew: true)])
        return machine
    }

    @Test func `what does not succeed is tried again after a wait that grows`() {
        var machine = machine()
        _ = machine.start()
        var waits: [Int64] = []
        for number in 1...8 {
            let actions = machine.ended(number, lastedMillis: 0, random: .max)
            guard case .wait(let millis)? = actions.first, actions.count == 1 else {
                return #expect(Bool(false), "\(actions)")
            }
            waits.append(millis)
            #expect(machine.timeOut() == [.dial(number + 1)])
        }
        #expect(
            zip(waits, [50, 100, 200, 400, 800, 1_600, 2_000, 2_000]).allSatisfy { wait, top in
                (top / 2...top).contains(wait)
            }, "\(waits)")
    }

    @Test func `a connection that worked is dialed again at once, a short one is not`() {
        var machine = opened()
        #expect(machine.ended(1, lastedMillis: 1_000, random: 0) == [.lose, .dial(2)])
        #expect(machine.opened(2) == [.flow(2, isNew: true)])
        #expect(machine.ended(2, lastedMillis: 999, random: 0) == [.lose, .wait(25)])
    }

    @Test func `a renewal waits for the old connection's end before the new Hello`() {
        var machine = opened()
        #expect(machine.renew() == [.dial(2)])
        #expect(machine.expects(2))
        #expect(machine.ready(2) == [.drain(1), .wait(700)])
        #expect(
            machine.ended(1, lastedMillis: 5_000, isDrained: true, random: 0) == [.sayHello(2)])
        #expect(machine.opened(2) == [.flow(2, isNew: false), .finishRenewal])
        #expect(machine.phase == .open(2))
    }

    @Test func `what an old connection lost as it was brought to its end is told`() {
        var machine = opened()
        _ = machine.renew()
        _ = machine.ready(2)
        #expect(
            machine.ended(1, lastedMillis: 5_000, random: 0)
                == [.lose, .finishRenewal, .sayHello(2)])
        #expect(machine.opened(2) == [.flow(2, isNew: true)])
    }

    @Test func `a renewal that is refused leaves the old connection as it is`() {
        var machine = opened()
        _ = machine.renew()
        #expect(machine.ended(2, lastedMillis: 0, random: 0) == [.finishRenewal])
        #expect(machine.phase == .open(1))
    }

    @Test func `an old connection that does not end is not waited for`() {
        var machine = opened()
        _ = machine.renew()
        _ = machine.ready(2)
        #expect(machine.timeOut() == [.end(1), .lose, .finishRenewal, .sayHello(2)])
        #expect(machine.ended(1, lastedMillis: 0, random: 0) == [])
        #expect(machine.opened(2) == [.flow(2, isNew: true)])
    }

    @Test func `whichever connection breaks during a renewal, the other one goes on`() {
        var first = opened()
        _ = first.renew()
        #expect(first.ended(1, lastedMillis: 0, random: 0) == [.lose, .finishRenewal])
        #expect(first.ready(2) == [.sayHello(2)])
        #expect(first.opened(2) == [.flow(2, isNew: true)])
        var second = opened()
        _ = second.renew()
        _ = second.ready(2)
        #expect(second.ended(2, lastedMillis: 0, random: 0) == [.finishRenewal])
        #expect(second.ended(1, lastedMillis: 2_000, random: 0) == [.lose, .dial(3)])
        var third = opened()
        _ = third.renew()
        _ = third.ready(2)
        _ = third.ended(1, lastedMillis: 0, isDrained: true, random: 0)
        #expect(
            third.ended(2, lastedMillis: 0, random: 0) == [.lose, .finishRenewal, .wait(25)])
    }

    @Test func `a link that is not open has nothing to renew`() {
        var machine = machine()
        #expect(machine.renew() == [.finishRenewal])
        _ = machine.start()
        #expect(machine.renew() == [.finishRenewal])
    }

    @Test func `after the end nothing happens any more`() {
        var machine = opened()
        _ = machine.renew()
        #expect(machine.stop() == [.end(1), .end(2), .lose, .finishRenewal])
        #expect(machine.ended(1, lastedMillis: 9_999, random: 0) == [])
        #expect(machine.ready(2) == [])
        #expect(machine.opened(2) == [])
        #expect(machine.timeOut() == [])
        #expect(machine.start() == [])
        #expect(machine.stop() == [])
    }

    /// Whatever is said in whatever order, the machine never has more than two connections, never
    /// sends on two, and every renewal comes to its end.
    @Test(arguments: 1...200)
    func `any order of events keeps the rules`(_ seed: UInt64) {
        var random = SeededNumbers(seed: seed)
        var machine = machine()
        var (alive, said, flowing): (Set<Int>, Set<Int>, Int?) = ([], [], nil)
        var verified: Set<Int> = []
        var renewals = 0
        func perform(_ actions: [LinkMachine.Action]) {
            for action in actions {
                switch action {
                case .dial(let number):
                    #expect(alive.insert(number).inserted)
                    #expect(alive.count <= 2)
                case .end(let number): alive.remove(number)
                case .sayHello(let number):
                    #expect(alive.contains(number))
                    #expect(said.insert(number).inserted)
                case .flow(let number, _):
                    #expect(said.contains(number) && alive.contains(number))
                    flowing = number
                case .lose: flowing = nil
                case .finishRenewal: renewals -= 1
                case .wait, .drain: break
                }
            }
        }
        perform(machine.start())
        for _ in 0..<400 {
            let number = alive.randomElement(using: &random) ?? 0
            switch random.next() % 6 {
            case 0: perform(machine.timeOut())
            case 1 where verified.insert(number).inserted: perform(machine.ready(number))
            case 2: if said.contains(number), flowing != number { perform(machine.opened(number)) }
            case 3:
                alive.remove(number)
                if flowing == number { flowing = nil }
                let lasted = Int64(random.next() % 2_000)
                perform(
                    machine.ended(
                        number, lastedMillis: lasted, isDrained: random.next() % 2 == 0,
                        random: random.next()))
            case 4 where renewals == 0:
                renewals += 1
                perform(machine.renew())
            default: break
            }
            #expect((0...1).contains(renewals))
        }
        perform(machine.stop())
        #expect(alive.isEmpty && renewals == 0)
    }

    @Test func `the queue counts bytes until they have left`() throws {
        let queue = SendQueue(limit: 100)
        let frame = RawFrame([UInt8](repeating: 0, count: 40))
        #expect(queue.push(frame) == .dropped)
        queue.open()
        #expect(queue.push(frame) == .tellConnection)
        #expect(queue.push(frame) == .queued)
        let batch = try #require(queue.take(1_000))
        #expect(batch.frames.count == 2 && queue.byteCount == 80)
        #expect(queue.take(1_000) == nil)
        queue.left(batch)
        #expect(queue.byteCount == 0)
        #expect(queue.push(frame) == .tellConnection)
        #expect(queue.push(frame) == .queued)
        #expect(queue.push(frame) == .overflow)
        #expect(queue.byteCount == 0 && queue.push(frame) == .dropped)
        #expect(queue.dropped == 5)
        queue.open()
        #expect(queue.push(frame) == .tellConnection)
        // A late word about frames of the connection before changes nothing.
        queue.left(batch)
        #expect(queue.byteCount == 40)
    }

    @Test func `a batch has at least one frame and no more than was asked for`() throws {
        let queue = SendQueue(limit: 1_000)
        queue.open()
        for count in [200, 50, 50, 1] {
            _ = queue.push(RawFrame([UInt8](repeating: 0, count: count)))
        }
        #expect(try #require(queue.take(100)).frames.count == 1)
        #expect(try #require(queue.take(100)).byteCount == 100)
        #expect(try #require(queue.take(100)).byteCount == 1)
    }

    @Test func `the log gets the same reason once a minute and strangers no more than a page`() {
        let book = RefusalBook(logger: Logger(label: "test")) { _ in }
        func refusal(_ peer: UInt64?, _ reason: RefusalReason, _ remote: String) -> PeerRefusal {
            PeerRefusal(
                peer: peer.map { NodeID($0) }, remote: remote, dialer: .there, side: .here,
                reason: reason, text: "", timeMillis: 0)
        }
        let start = NIODeadline.uptimeNanoseconds(0)
        let first = refusal(2, .certificateExpired, "10.0.0.1:5")
        #expect(book.admit(first, now: start) == 0)
        #expect(book.admit(refusal(2, .certificateExpired, "10.0.0.9:6"), now: start) == nil)
        #expect(book.admit(refusal(2, .notInBankSet, "10.0.0.1:5"), now: start) == 0)
        #expect(book.admit(first, now: start + .seconds(59)) == nil)
        #expect(book.admit(first, now: start + .seconds(60)) == 2)
        let stranger = refusal(nil, .helloTimeout, "10.0.0.1:5")
        #expect(book.admit(stranger, now: start) == 0)
        #expect(book.admit(refusal(nil, .helloTimeout, "10.0.0.1:7"), now: start) == nil)
        for host in 0..<5_000 {
            _ = book.admit(refusal(nil, .helloTimeout, "host\(host):1"), now: start)
        }
        #expect(book.admit(refusal(nil, .helloTimeout, "more:1"), now: start) == nil)
        #expect(
            book.admit(refusal(nil, .helloTimeout, "more:1"), now: start + .seconds(61)) == 0)
    }

    @Test func `reasons have the names that metrics show`() {
        #expect(RefusalReason.certificateNotYetValid.name == "certificate_not_yet_valid")
        #expect(RefusalReason.stuck.name == "stuck")
        #expect(RefusalReason.allCases.map(\.rawValue) == Array(0...29))
    }
}
