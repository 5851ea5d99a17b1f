import Gateway
import JSON
import Ledger
import Synchronization

/// A key in a signer elsewhere, by Web3Signer's HTTP interface for secp256k1 (its mode `eth1`).
///
/// The signer gets what is to be signed, not its hash, and hashes by itself: it can show, log and judge it.
/// What it gives back counts only once the account's address was recovered from it.
public final class RemoteSigner: Sendable {
    /// The account whose key it has.
    public let address: Address
    private let endpoint: RPCEndpoint
    private let shared = Mutex(Shared())

    private struct Shared {
        /// How the signer calls the key.
        var identifier: String?
        /// Finds that out, for all who want to know.
        var asking: Task<Result<String, SignerFault>, Never>?
        /// Connections that nobody uses now.
        var idle: [RPCClient] = []
    }

    /// Connections that are kept while nobody uses them.
    private static let idleLimit = 4
    /// Bytes of an answer: a list of some thirty thousand keys.
    private static let answerLimit = 4 << 20
    /// Bytes of a signer's own words that are shown.
    private static let wordLimit = 200

    /// Names a signer; nothing is connected yet.
    ///
    /// - Parameters:
    ///   - endpoint: where it is.
    ///   - address: the account.
    public init(_ endpoint: RPCEndpoint, address: Address) {
        var endpoint = endpoint
        endpoint.service = "signer"
        endpoint.answerLimit = Self.answerLimit
        self.endpoint = endpoint
        self.address = address
    }

    /// Checks that the certificate files can be used, as far as that shows here; the signer is not asked.
    ///
    /// - Throws: ``SignerFault/unreachable(_:)``.
    public func check() throws(SignerFault) {
        do { try endpoint.check() } catch { throw .unreachable(error) }
    }

    // MARK: Signing

    /// Has the Keccak-256 of bytes signed.
    ///
    /// Asking again for the same bytes is harmless, whatever became of the first request.
    ///
    /// - Parameter preimage: the bytes.
    /// - Returns: a signature of ``address``, s low.
    /// - Throws: ``SignerFault``.
    public func sign(_ preimage: [UInt8]) async throws(SignerFault) -> Signature {
        let identifier = try await identifier()
        let body = #"{"data":"0x\#(Hex.encode(preimage))"}"#
        let answer = try await ask("/api/v1/eth1/sign/\(identifier)", posting: Array(body.utf8))
        switch answer.status {
        case 200: break
        case 404:
            // It may have been taken out, or the signer may call it otherwise now.
            shared.withLock { $0.identifier = nil }
            throw .unknownKey(signer: endpoint.description, address)
        default: throw refused(answer)
        }
        guard let signature = Self.signature(in: answer.body) else {
            throw .badAnswer(
                signer: endpoint.description, "no 65 bytes r, s, v: \(Self.words(answer.body))")
        }
        guard signature.recover(Keccak256.hash(preimage)) == address else {
            throw .wrongSignature(signer: endpoint.description, address)
        }
        return signature
    }

    /// Reads `0x` and 130 digits, in quotes or not: r, s, v, where v is the parity or 27 more.
    package static func signature(in body: [UInt8]) -> Signature? {
        guard body.count <= 256 else { return nil }
        func isAround(_ byte: UInt8) -> Bool { byte <= 0x20 || byte == UInt8(ascii: "\"") }
        let text = body.trimmingPrefix(while: isAround).reversed().drop(while: isAround).reversed()
        guard let bytes = Hex.decode(String(decoding: text, as: UTF8.self)), bytes.count == 65,
            let v = bytes.last, [0, 1, 27, 28].contains(v),
            let signature = Signature(bytes.dropLast() + [v < 27 ? v + 27 : v])
        else { return nil }
        return signature.normalized
    }

    // MARK: Keys

    /// How the signer calls the key: by its public half, which only the signer knows until it is asked.
    private func identifier() async throws(SignerFault) -> String {
        if let known = shared.withLock({ $0.identifier }) { return known }
        let asking = shared.withLock { shared in
            if let asking = shared.asking { return asking }
            let asking = Task { await self.findIdentifier() }
            shared.asking = asking
            return asking
        }
        return try await asking.value.get()
    }

    private func findIdentifier() async -> Result<String, SignerFault> {
        let result: Result<String, SignerFault>
        do throws(SignerFault) {
            result = .success(try await askForIdentifier())
        } catch {
            result = .failure(error)
        }
        shared.withLock { shared in
            shared.identifier = try? result.get()
            shared.asking = nil
        }
        return result
    }

    private func askForIdentifier() async throws(SignerFault) -> String {
        let answer = try await ask("/api/v1/eth1/publicKeys")
        guard answer.status != 404 else {
            throw .badAnswer(signer: endpoint.description, "there is no /api/v1/eth1/publicKeys")
        }
        guard answer.status == 200 else { throw refused(answer) }
        guard let keys = Self.keys(in: answer.body) else {
            throw .badAnswer(
                signer: endpoint.description, "no list of keys: \(Self.words(answer.body))")
        }
        guard let found = Self.name(of: address, among: keys) else {
            throw .unknownKey(signer: endpoint.description, address)
        }
        return found
    }

    /// Reads a list of texts.
    package static func keys(in body: [UInt8]) -> [String]? {
        (try? JSON(parsing: body))?.array?.compactMap(\.string)
    }

    /// The text, as the signer wrote it, of the public key of an account; what decodes is fit for a path.
    package static func name(of account: Address, among keys: [String]) -> String? {
        keys.first { Hex.decode($0).flatMap { PublicKey($0) }?.address == account }
    }

    // MARK: Asking

    private typealias Answer = (status: Int, body: [UInt8])

    /// Asks on a connection of its own, so that no request waits for another one's answer.
    private func ask(
        _ path: String, posting body: [UInt8]? = nil
    ) async throws(SignerFault) -> Answer {
        do throws(ClientFault) {
            if let kept = shared.withLock({ $0.idle.popLast() }) {
                do throws(ClientFault) {
                    return try await ask(on: kept, path, body)
                } catch .unreachable, .timedOut {
                    // It had ended unseen, or leads nowhere any more: a new one is tried at once.
                }
            }
            return try await ask(on: RPCClient(endpoint), path, body)
        } catch {
            guard case .badAnswer(let text) = error else { throw .unreachable(error) }
            throw .badAnswer(signer: endpoint.description, text)
        }
    }

    /// Asks, and keeps the connection if it gave an answer.
    private func ask(
        on client: RPCClient, _ path: String, _ body: [UInt8]?
    ) async throws(ClientFault) -> Answer {
        let answer: Answer
        do throws(ClientFault) {
            answer = try await client.page(path, posting: body)
        } catch {
            await client.close()
            throw error
        }
        let isKept = shared.withLock { shared in
            guard shared.idle.count < Self.idleLimit else { return false }
            shared.idle.append(client)
            return true
        }
        if !isKept { await client.close() }
        return answer
    }

    private func refused(_ answer: Answer) -> SignerFault {
        .refused(
            signer: endpoint.description, status: answer.status, Self.words(answer.body))
    }

    /// A stranger's words, fit for a terminal and a log.
    private static func words(_ body: [UInt8]) -> String {
        let text = body.prefix(wordLimit).map { (0x20...0x7e).contains($0) ? $0 : 0x20 }
        return String(decoding: text, as: UTF8.self)
    }
}
