import Consensus
import Replica
import Threads

/// Questions to peers that wait for their answers.
final class Requests: Sendable {
    typealias Completion = @Sendable (PeerReply?) -> Void

    private struct Contents {
        var waiting: [UInt64: (peer: NodeID, completion: Completion)] = [:]
        var next: UInt64 = 0
    }

    private let contents = Locked(Contents())
    private let timer: WaitTimer
    private let send: @Sendable (PeerMessage, NodeID) -> Void

    /// Sends questions through `send`; `timer` ends those that nobody answers.
    init(timer: WaitTimer, send: @escaping @Sendable (PeerMessage, NodeID) -> Void) {
        self.timer = timer
        self.send = send
    }

    /// Asks a peer; `completion` is called once, on any thread, with nil if there is no answer in time.
    func ask(
        _ request: PeerRequest, of peer: NodeID, timeoutMillis: UInt64,
        _ completion: @escaping Completion
    ) {
        let number = contents.with { contents in
            contents.next += 1
            contents.waiting[contents.next] = (peer, completion)
            return contents.next
        }
        timer.after(timeoutMillis) { [self] in finish(number, nil) }
        send(.request(number: number, request), peer)
    }

    /// Takes an answer; one that nobody waits for, or from somebody else than was asked, is dropped.
    func answered(_ number: UInt64, _ reply: PeerReply, by peer: NodeID) {
        guard contents.with({ $0.waiting[number]?.peer == peer }) else { return }
        finish(number, reply)
    }

    /// Ends what a peer was asked over a connection that is gone.
    func lost(_ peer: NodeID) {
        let numbers = contents.with { contents in
            contents.waiting.keys.filter { contents.waiting[$0]?.peer == peer }.sorted()
        }
        for number in numbers { finish(number, nil) }
    }

    private func finish(_ number: UInt64, _ reply: PeerReply?) {
        contents.with { $0.waiting.removeValue(forKey: number) }?.completion(reply)
    }
}
