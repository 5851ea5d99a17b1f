import Foundation
import TestSupport
import Testing
import Threads

@testable import Consensus
@testable import Node

@Suite struct PulseTests {
    @Test(arguments: ["machine", "pool", "consensus"])
    func `nobody hears of a node in which something is held for ever`(held: String) async throws {
        let folder = TemporaryFolder()
        let test = try TestNode(in: folder)
        let node = test.node
        #expect(node.pulse())

        let isHeld = DispatchSemaphore(value: 0)
        let mayGo = DispatchSemaphore(value: 0)
        let hold = { @Sendable in
            isHeld.signal()
            mayGo.wait()
        }
        Thread.detachNewThread {
            switch held {
            case "machine": node.withMachine { _ in hold() }
            case "pool": node.pool.with { _ in hold() }
            default:
                node.driver.monitor.lock()
                hold()
                node.driver.monitor.unlock()
            }
        }
        isHeld.wait()
        let isHeard = Locked(false)
        let asks = DispatchSemaphore(value: 0)
        let done = DispatchSemaphore(value: 0)
        Thread.detachNewThread {
            asks.signal()
            let moves = node.pulse()
            isHeard.with { $0 = moves }
            done.signal()
        }
        asks.wait()
        #expect(done.wait(timeout: .now() + 0.3) == .timedOut)
        mayGo.signal()
        done.wait()
        #expect(isHeard.with { $0 })
        node.stop()
    }

    @Test func `a node that orders nothing any more is heard of: it is there to say why`() throws {
        let folder = TemporaryFolder()
        let test = try TestNode(in: folder)
        test.node.driver.stop()
        #expect(test.node.pulse())
        test.node.stop()
    }
}
