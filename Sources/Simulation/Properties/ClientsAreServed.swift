/// Once faults have ended, every client gets its receipts.
enum ClientsAreServed {
    static func check(_ world: World) throws {
        for client in world.clients {
            guard let open = client.open.first(where: { !$0.isAnswered }) else { continue }
            throw Finding(
                .clientsAreServed,
                "client \(client.number) still waits for nonce \(open.nonce), asked "
                    + "\(open.attempts) times, last answer: \(open.lastWords); "
                    + world.nodes.map(\.summary).joined(separator: "; "))
        }
    }
}
