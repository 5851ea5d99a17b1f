import Ledger
import Logging
import Signing
import Synchronization

/// Has this node's votes signed by a signer elsewhere, one after another.
///
/// No thread of the node waits for the signer: blocks are ordered, executed and published whatever it does, and
/// a slow or dead one costs the consortium this bank's votes and nothing else. What is asked for was executed
/// from the durable log, which gives the same header whenever it is executed again, so that no two headers of one
/// height are ever signed.
final class VoteSigning: Sendable {
    /// What signing needs of certification.
    struct Edges: Sendable {
        /// Takes what is to be signed next.
        var take: @Sendable () -> EIP712.Header?
        /// Takes back what was not signed.
        var takeBack: @Sendable (EIP712.Header) -> Void
        /// Takes a vote.
        var signed: @Sendable (HeaderVote) -> Void
    }

    private let signer: RemoteSigner
    private let domain: EIP712.Domain
    private let logger: Logger
    private let wakes: AsyncStream<Void>
    private let waker: AsyncStream<Void>.Continuation
    private let task = Mutex<Task<Void, Never>?>(nil)
    private let isStopped = Mutex(false)

    /// Signs nothing before ``start(_:)``.
    init(_ signer: RemoteSigner, chainID: UInt64, logger: Logger) {
        self.signer = signer
        self.logger = logger
        domain = .headers(chainID: chainID)
        (wakes, waker) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Says that there is something to be signed.
    func wake() { waker.yield() }

    func start(_ edges: Edges) {
        task.withLock { task in
            guard task == nil else { return }
            task = Task { [self] in
                var told: SignerFault?
                for await _ in wakes { await work(edges, &told) }
            }
        }
    }

    /// Ends it; what is not signed is, once the node runs again.
    ///
    /// A vote that comes back from the signer afterwards is dropped, since the node's stores are closed then.
    func stop() {
        isStopped.withLock { $0 = true }
        waker.finish()
        task.withLock { $0?.cancel() }
    }

    private func work(_ edges: Edges, _ told: inout SignerFault?) async {
        while !Task.isCancelled, let message = edges.take() {
            do throws(SignerFault) {
                let signature = try await signer.sign(message.preimage(in: domain))
                let vote = HeaderVote(
                    height: message.height, header: message.hash, signature: signature)
                isStopped.withLock { isStopped in
                    if !isStopped { edges.signed(vote) }
                }
                if told != nil { logger.notice("the signer signs this node's votes again") }
                told = nil
            } catch {
                edges.takeBack(message)
                if told != error {
                    logger.error(
                        "this node's votes wait for its signer", metadata: ["why": "\(error)"])
                }
                told = error
                try? await Task.sleep(for: .seconds(1))
            }
        }
    }
}
