import NIOCore
import Synchronization

/// The clients that have connections, each with what counts for all of its connections together.
final class ClientTable: Sendable {
    /// One client.
    final class Client: Sendable {
        let address: ClientAddress
        /// Bytes kept for it.
        let bytes = Atomic<Int>(0)
        /// What it may still ask for by way of a proxy, whose connections are everybody's.
        let calls: TokenBucket?

        init(_ address: ClientAddress, rate: RateLimit?) {
            self.address = address
            calls = rate.map { TokenBucket($0, now: .now()) }
        }
    }

    private let rate: RateLimit?
    /// Who has connections, and how many.
    private let clients = Mutex<[ClientAddress: (client: Client, connections: Int)]>([:])

    /// - Parameter rate: calls of one client by way of a proxy.
    init(rate: RateLimit?) { self.rate = rate }

    /// How many clients have connections.
    var count: Int { clients.withLock { $0.count } }

    /// The client has one connection more.
    func enter(_ address: ClientAddress) -> Client {
        clients.withLock { clients in
            let (client, connections) = clients[address] ?? (Client(address, rate: rate), 0)
            clients[address] = (client, connections + 1)
            return client
        }
    }

    /// The client has one connection fewer; without any it is forgotten.
    func leave(_ client: Client) {
        clients.withLock { clients in
            guard let connections = clients[client.address]?.connections else { return }
            clients[client.address] = connections > 1 ? (client, connections - 1) : nil
        }
    }
}
