import Gateway
import JSON
import Ledger
import Testing

@testable import Node

/// What subscriptions of all clients may name together.
@Suite struct SubscriptionLimitTests {
    private func filter(_ addresses: Int) -> JSON {
        [
            "address": .array(
                (0..<UInt32(addresses)).map { .data(Address(high: 1, middle: 2, low: $0).bytes) })
        ]
    }

    @Test func `clients that name as much as they may leave others what names little`()
        async throws
    {
        var limits = RPCLimits()
        limits.filterWords = 20
        try await RPCTestNode.with(limits: limits) { node in
            let greedy = try await RPCWebSocket.connect(node.endpoint)
            _ = try await greedy.call("eth_subscribe", ["logs", filter(20)])
            let other = try await RPCWebSocket.connect(node.endpoint)
            let fault = await #expect(throws: ClientFault.self) {
                try await other.call("eth_subscribe", ["logs", filter(9)])
            }
            guard case .method(let error)? = fault else { return }
            #expect(error.code == -32005 && error.message.contains("at most 20 contracts"))
            _ = try await other.call("eth_subscribe", ["logs", filter(8)])
            _ = try await other.call("dip_subscribe", ["events", .object([])])
            await other.close()
            await greedy.close()
        }
    }
}
