import Execution
import Ledger
import Logging
import Replica
import Synchronization
import Testing

@testable import Node

@Suite struct CertificationTests {
    @Test func `a wait can tell whether it has ended`() throws {
        let key = try #require(DevelopmentKeys.key(0))
        let certification = Certification(
            Certifier(
                chainID: Genesis.developmentChainID, account: key.address, key: key, id: 1, head: 0,
                certified: 0),
            signing: nil,
            edges: Certification.Edges(
                send: { _ in }, store: { _ in }, keep: { _, _ in }, halt: { _ in }),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let answers = Mutex<[Bool]>([])
        let ticket = try #require(
            certification.whenCertified(5) { isCertified in
                answers.withLock { $0.append(isCertified) }
            })
        #expect(certification.isWaiting(ticket))
        certification.giveUp(ticket)
        #expect(!certification.isWaiting(ticket) && answers.withLock { $0 } == [false])
    }
}
