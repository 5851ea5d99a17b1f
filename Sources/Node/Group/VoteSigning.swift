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

    /// What the log was told.
    private struct Told {
        /// Why all votes wait.
        var fault: SignerFault?
        /// The votes that the signer refuses while it signs others.
        var heights: Set<UInt64> = []
    }

    /// A signer that refuses so many one after another signs none now.
    private static let refusalLimit = 8

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
                var told = Told()
                for await _ in wakes {
                    while await mustTryAgain(edges, &told), !Task.isCancelled {
                        try? await Task.sleep(for: .seconds(1))
                    }
                }
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

    /// Has everything signed that is to be.
    ///
    /// What is refused is set aside and asked for again when the next block is there, so that one header that
    /// the signer dislikes holds up no other.
    ///
    /// - Returns: whether the signer is to be asked again after a while, since it signs nothing now.
    private func mustTryAgain(_ edges: Edges, _ told: inout Told) async -> Bool {
        var aside: [EIP712.Header] = []
        var signedCount = 0
        var fault: SignerFault?
        asking: while !Task.isCancelled, let message = edges.take() {
            do throws(SignerFault) {
                try await sign(message, edges)
                signedCount += 1
                told.heights.remove(message.height)
                if told.fault != nil { logger.notice("the signer signs this node's votes again") }
                told.fault = nil
            } catch {
                aside.append(message)
                fault = error
                guard case .refused = error, aside.count < Self.refusalLimit else { break asking }
            }
        }
        for message in aside { edges.takeBack(message) }
        guard let fault else { return false }
        if case .refused = fault, aside.count < Self.refusalLimit {
            if signedCount > 0 { tell(of: aside, fault, &told) }
            if aside.allSatisfy({ told.heights.contains($0.height) }) { return false }
        }
        if told.fault != fault {
            logger.error("this node's votes wait for its signer", metadata: ["why": "\(fault)"])
        }
        told.fault = fault
        return true
    }

    private func sign(_ message: EIP712.Header, _ edges: Edges) async throws(SignerFault) {
        let signature = try await signer.sign(message.preimage(in: domain))
        let vote = HeaderVote(
            height: message.height, header: message.hash, signature: signature)
        isStopped.withLock { isStopped in
            if !isStopped { edges.signed(vote) }
        }
    }

    private func tell(
        of refused: [EIP712.Header], _ fault: SignerFault, _ told: inout Told
    ) {
        for message in refused where told.heights.insert(message.height).inserted {
            logger.error(
                "the signer refuses one of this node's votes, and signs others",
                metadata: ["height": "\(message.height)", "why": "\(fault)"])
        }
    }
}
