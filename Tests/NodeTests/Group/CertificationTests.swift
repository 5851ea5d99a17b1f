import Execution
import Ledger
import Logging
import Replica
import Synchronization
import Testing

@testable import Node

@Suite struct CertificationTests {
    /// The certification of a node with this key, which may lie elsewhere.
    private func certification(_ key: PrivateKey, isHere: Bool = true) -> Certification {
        Certification(
            Certifier(
                chainID: Genesis.developmentChainID, account: key.address,
                key: isHere ? key : nil, id: 1, head: 0, certified: 0),
            signing: nil,
            edges: Certification.Edges(
                send: { _ in }, store: { _ in }, keep: { _, _ in }, halt: { _ in }),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    private func banks(_ keys: Int...) throws -> BankSet {
        try BankSet(
            ledger: .zero,
            banks: keys.enumerated().map { number, key in
                Bank(
                    id: UInt64(number) + 1, name: "Bank \(key)",
                    nodeKey: DevelopmentKeys.addresses[key],
                    operator: DevelopmentKeys.addresses[key], endpoint: "")
            })
    }

    @Test func `only what a node certifies by itself is relied on before it is signed`() throws {
        let key = try #require(DevelopmentKeys.key(0))
        let alone = certification(key)
        alone.willSign(1, in: try banks(0))
        #expect(alone.certifiedHeight == 1)
        // What others sign too, what another signs, and what a signer elsewhere may refuse to sign.
        let oneOfTwo = certification(key)
        oneOfTwo.willSign(1, in: try banks(0, 1))
        let another = certification(key)
        another.willSign(1, in: try banks(1))
        let elsewhere = certification(key, isHere: false)
        elsewhere.willSign(1, in: try banks(0))
        #expect([oneOfTwo, another, elsewhere].map(\.certifiedHeight) == [0, 0, 0])
    }

    @Test func `a wait can tell whether it has ended`() throws {
        let certification = certification(try #require(DevelopmentKeys.key(0)))
        let answers = Mutex<[Bool]>([])
        let ticket = try #require(
            certification.whenCertified(5) { isCertified in
                answers.withLock { $0.append(isCertified) }
            })
        #expect(certification.isWaiting(ticket))
        certification.giveUp(ticket)
        #expect(!certification.isWaiting(ticket) && answers.withLock { $0 } == [false])
    }

    @Test func `who begins to wait when waits have ended does not wait`() throws {
        let certification = certification(try #require(DevelopmentKeys.key(0)))
        certification.willSign(4, in: try banks(0))
        certification.endWaits()
        let answers = Mutex<[Bool]>([])
        for height in [4, 5] as [UInt64] {
            let ticket = certification.whenCertified(height) { isCertified in
                answers.withLock { $0.append(isCertified) }
            }
            #expect(ticket == nil)
        }
        #expect(answers.withLock { $0 } == [true, false])
    }
}
