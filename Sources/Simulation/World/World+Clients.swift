import Consensus
import Ledger
import Replica

// Between clients and nodes.
extension World {
    /// Every account that may have money, contracts left out.
    var accounts: [Address] { Self.accounts }
    private static let accounts = (Keys.clients + Keys.nodes + Keys.operators).map(\.address)
    /// What genesis made.
    var supply: UInt128 { UInt128(scenario.clients + Keys.operators.count) * Client.wealth }

    /// The node of a bank.
    func node(_ id: NodeID) -> SimulatedNode? {
        nodes.first { $0.id == id }
    }

    /// Whether a request, or an answer to one, is lost on the way.
    func losesWord() -> Bool { !isMended && chance.happens(scenario.lossPerMille) }

    /// A request arrives where it was sent.
    func ask(_ request: Client.Request) throws {
        let node = nodes[request.node]
        guard let process = node.process else { return reply(to: request, .noConnection) }
        guard node.pausedUntil <= now else { return push(.ask(request), at: node.pausedUntil) }
        trace.note(
            "is asked", node.position, UInt64(request.client), request.number,
            words: "nonce \(request.nonce), \(Keccak256.hash(request.raw))")
        try guarding(node) {
            switch try process.submit(request.raw) {
            case .success(let hash), .failure(.alreadyKnown(let hash)):
                try process.wait(
                    for: hash,
                    Process.Waiter(
                        client: request.client, nonce: request.nonce, mode: request.mode))
            case .failure(let refusal):
                trace.note("refuses", node.position, words: refusal.description)
                reply(to: request, .refused(refusal))
            }
        }
    }

    private func reply(to request: Client.Request, _ content: Client.Answer.Content) {
        reply(
            Client.Answer(
                client: request.client, nonce: request.nonce, content: content))
    }

    private func reply(_ answer: Client.Answer) {
        guard !losesWord() else { return }
        push(.answer(answer), at: now + 100 + chance.below(3_000))
    }

    /// Tells a client what became of what it waits for.
    func answer(
        _ waiter: Process.Waiter, _ hash: Hash32, _ outcome: Process.Answer, by process: Process
    ) throws {
        // A client that takes one bank's word for what happened chose that bank; it asks another here.
        if process.node.lie != nil, waiter.mode == .executed { return }
        var content = Client.Answer.Content.dropped
        if case .found(let block, let index) = outcome {
            let receipt = Receipt(
                transaction: hash, height: block.header.height, index: index, header: block.hash,
                mode: waiter.mode)
            try properties.told(receipt, by: process.node)
            let record = try block.record(index)
            content = .receipt(
                receipt, output: record.outcome == .done ? Array(record.output) : nil)
        }
        reply(
            Client.Answer(
                client: waiter.client, nonce: waiter.nonce, content: content))
    }
}
