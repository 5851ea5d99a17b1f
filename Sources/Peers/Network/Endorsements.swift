import Ledger
import Logging
import NIOCore
import Signing
import Synchronization

/// Signatures of the node key under this node's own certificates; a signer elsewhere makes each once.
///
/// What is signed changes with the certificate alone, so that a connection which is made again needs no
/// signer: only the first one to a peer does, and the first with a new certificate.
final class Endorsements: Sendable {
    private let key: SigningKey
    private let domain: EIP712.Domain
    /// Blinded with random bytes, for a key that is here.
    private let context: SigningContext
    private let logger: Logger
    private let state = Mutex(State())

    private struct State {
        var made: [EIP712.PeerHello: Signature] = [:]
        /// Each fault is told once.
        var told: SignerFault?
        /// Who waits for the signer, which is asked once for each message; nobody may once the loops end.
        var waiting: [EIP712.PeerHello: [EventLoopPromise<Signature?>]] = [:]
        var isStopped = false
    }

    /// More than any consortium needs with two certificates; then it begins anew.
    private static let limit = 4_096

    init(_ key: SigningKey, chainID: UInt64, logger: Logger) {
        self.key = key
        self.logger = logger
        domain = .headers(chainID: chainID)
        let seed = (0..<32).map { _ in UInt8.random(in: 0...255) }
        context = SigningContext(blindedBy: seed) ?? .plain
    }

    /// Hands over a signature.
    ///
    /// - Parameters:
    ///   - message: what is signed.
    ///   - loop: the caller's, on which `body` is called.
    ///   - body: called at once with a key that is here, or a signature that was made before; else as soon as
    ///     the signer has answered, with nil if it gave none.
    func endorse(
        _ message: EIP712.PeerHello, on loop: any EventLoop,
        _ body: @escaping (Signature?) -> Void
    ) {
        loop.assertInEventLoop()
        if case .local(let key) = key {
            return body(message.sign(with: key, in: domain, context: context))
        }
        if let signature = state.withLock({ $0.made[message] }) { return body(signature) }
        let promise = loop.makePromise(of: Signature?.self)
        promise.futureResult.assumeIsolated().whenSuccess(body)
        let isFirst = state.withLock { state -> Bool? in
            guard !state.isStopped else { return nil }
            state.waiting[message, default: []].append(promise)
            return state.waiting[message]?.count == 1
        }
        guard let isFirst else { return promise.succeed(nil) }
        guard isFirst else { return }
        Task {
            let signature = await ask(for: message)
            state.withLock { state in
                // Within the lock, so that the loops are still there.
                for promise in state.waiting.removeValue(forKey: message) ?? [] {
                    promise.succeed(signature)
                }
            }
        }
    }

    /// Lets nobody wait any more, before the loops end.
    func stop() {
        let waiting = state.withLock { state in
            state.isStopped = true
            defer { state.waiting = [:] }
            return state.waiting.values.flatMap(\.self)
        }
        for promise in waiting { promise.succeed(nil) }
    }

    private func ask(for message: EIP712.PeerHello) async -> Signature? {
        do throws(SignerFault) {
            let signature = try await message.sign(with: key, in: domain)
            state.withLock { state in
                if state.made.count >= Self.limit { state.made = [:] }
                state.made[message] = signature
                state.told = nil
            }
            return signature
        } catch {
            let isNew = state.withLock { state in
                defer { state.told = error }
                return state.told != error
            }
            if isNew {
                logger.error(
                    "no new connection to the peers: the node's certificate is not endorsed",
                    metadata: ["why": "\(error)"])
            }
            return nil
        }
    }
}
