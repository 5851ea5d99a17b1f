import Gateway
import Ledger
import Testing

@testable import Signing

/// How a signer elsewhere is asked: once for what it calls the key, and again where a connection has ended.
struct RemoteSignerTests {
    private let key = PrivateKey([UInt8](repeating: 0, count: 31) + [7])!

    private func remote(_ signer: TestSigner) throws -> RemoteSigner {
        RemoteSigner(try RPCEndpoint("http://127.0.0.1:\(signer.port)"), address: key.address)
    }

    @Test func `who wants signatures at once asks together what the key is called`() async throws {
        let signer = TestSigner(key)
        let remote = try remote(signer)
        let expected = key.sign(Keccak256.hash([1]))
        try await withThrowingTaskGroup(of: Signature.self) { group in
            for _ in 0..<8 { group.addTask { try await remote.sign([1]) } }
            for try await signature in group { #expect(signature == expected) }
        }
        #expect(signer.count.lists == 1 && signer.count.signatures == 8)
    }

    @Test func `a kept connection that has ended is replaced, and the request made again`()
        async throws
    {
        let signer = TestSigner(key)
        let remote = try remote(signer)
        _ = try await remote.sign([1])
        #expect(signer.count == .init(connections: 1, lists: 1, signatures: 1))
        signer.answer(2)
        // It answered two requests, and ends at the third.
        #expect(try await remote.sign([2]) == key.sign(Keccak256.hash([2])))
        #expect(signer.count == .init(connections: 2, lists: 1, signatures: 2))
    }

    @Test func `it is made again once, and then told of`() async throws {
        let signer = TestSigner(key)
        let remote = try remote(signer)
        _ = try await remote.sign([1])
        signer.answer(0)
        do throws(SignerFault) {
            _ = try await remote.sign([2])
            Issue.record("signed by nobody")
        } catch {
            guard case .unreachable = error else { throw error }
        }
        #expect(signer.count == .init(connections: 2, lists: 1, signatures: 1))
        // None of the connections that ended is kept.
        signer.answer(.max)
        #expect(try await remote.sign([3]) == key.sign(Keccak256.hash([3])))
        #expect(signer.count.connections == 3)
    }
}
