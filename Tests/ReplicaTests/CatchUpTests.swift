import Consensus
import Ledger
import Testing

@testable import Replica

@Suite struct CatchUpTests {
    private let chainID: UInt64 = 77
    private let peers = [NodeID(2), NodeID(3)]

    /// Blocks 1 and on of a ledger of which only the hashes matter, certified where told.
    private func blocks(
        _ count: Int, certified: (UInt64) -> Bool = { _ in true }, salt: UInt8 = 0,
        banks: (UInt64) -> Hash32? = { _ in nil }
    ) throws -> [SealedBlock] {
        var parent = Hash32.zero
        var blocks: [SealedBlock] = []
        for height in 1...UInt64(count) {
            let body: [UInt8] = [salt, UInt8(truncatingIfNeeded: height)]
            let header = Header(
                height: height, parent: parent, body: SHA256.hash(body), timeMillis: 0,
                leader: .zero, transactionCount: 0, transactionsRoot: .zero, recordsRoot: .zero,
                changesRoot: .zero, stateHash: .zero, gasUsed: 0, gasLimit: 0, gasPrice: 0,
                banks: try banks(height) ?? set.hash, checkpointHeight: 0, checkpointRoot: .zero)
            parent = header.hash
            let votes = [2, 3].map { bank in
                (
                    signer: TestAccounts.address(bank),
                    signature: HeaderVote(
                        height: height, header: parent, signedBy: TestAccounts.key(bank),
                        in: .headers(chainID: chainID)
                    ).signature
                )
            }
            let certificate = Certificate(height: height, header: parent, votes: votes)
            blocks.append(
                SealedBlock(
                    header: header, body: body,
                    certificate: certified(height) ? certificate.bytes : []))
        }
        return blocks
    }

    private var set: BankSet {
        get throws {
            try BankSet(
                ledger: .zero,
                banks: (1...3).map { id in
                    Bank(
                        id: UInt64(id), name: "Bank \(id)", nodeKey: TestAccounts.address(id),
                        operator: TestAccounts.address(id), endpoint: "")
                })
        }
    }

    private func catchUp(to height: UInt64, header: Hash32? = nil) throws -> CatchUp {
        var limits = CatchUp.Limits()
        limits.blocks = 10
        return CatchUp(
            chainID: chainID, tip: (0, .zero), set: try set, target: (height, header),
            peers: peers, limits: limits)
    }

    /// Answers every request from `chains` until nothing is asked any more.
    /// - Returns: the heights that were executed, and who was blamed.
    private func run(
        _ catchUp: inout CatchUp, _ chains: [NodeID: [SealedBlock]]
    ) throws -> (executed: [UInt64], blamed: [NodeID]) {
        var now: UInt64 = 0
        var executed: [UInt64] = []
        var blamed: [NodeID] = []
        var actions = catchUp.proceed(at: now)
        for _ in 0..<1_000 where !catchUp.isDone {
            if actions.isEmpty {
                guard let deadline = catchUp.deadline else { break }
                now = deadline
                actions = catchUp.proceed(at: now)
                continue
            }
            switch actions.removeFirst() {
            case .request(let range, let peer):
                // Whoever has no chain is gone.
                guard let chain = chains[peer] else { continue }
                let found = chain.filter { range.contains($0.header.height) }
                actions += catchUp.received(
                    found, oldest: chain.first?.header.height ?? .max, from: peer, at: now)
            case .execute(let blocks):
                executed += blocks.map(\.header.height)
                actions += catchUp.executed(
                    try #require(executed.last), set: try set, at: now)
            case .needsCheckpoint: return (executed, blamed)
            case .blame(let peer, _): blamed.append(peer)
            }
        }
        return (executed, blamed)
    }

    @Test func `blocks are fetched from all peers and executed in order`() throws {
        let chain = try blocks(95)
        var catchUp = try catchUp(to: 95)
        let outcome = try run(&catchUp, [peers[0]: chain, peers[1]: chain])
        #expect(outcome.executed == Array(1...95))
        #expect(outcome.blamed.isEmpty)
    }

    @Test func `what one peer is late with, another is asked for`() throws {
        let chain = try blocks(20)
        var catchUp = try catchUp(to: 20)
        let asked = catchUp.proceed(at: 0)
        guard case .request(let range, let silent)? = asked.first,
            case .request(let rest, let quick)? = asked.last
        else { return #expect(asked.count == 2) }
        #expect((range, rest) == (1...10, 11...20))
        // Its answer is of no use before the other's.
        #expect(
            catchUp.received(Array(chain[10...]), oldest: 1, from: quick, at: 20).isEmpty)
        let late = CatchUp.Limits().lateMillis
        #expect(catchUp.deadline == late)
        #expect(catchUp.proceed(at: late) == [.request(1...10, from: quick)])
        #expect(
            catchUp.received(Array(chain[..<10]), oldest: 1, from: quick, at: late + 20)
                == [.execute(chain)])
        // Should the first one answer all the same, nothing is done twice.
        #expect(
            catchUp.received(Array(chain[..<10]), oldest: 1, from: silent, at: late + 30).isEmpty)
        #expect(catchUp.executed(20, set: try set, at: late + 40).isEmpty && catchUp.isDone)
    }

    @Test func `blocks without certificates wait for one above them`() throws {
        let chain = try blocks(20) { $0 == 17 }
        var catchUp = try catchUp(to: 20)
        let outcome = try run(&catchUp, [peers[0]: chain, peers[1]: chain])
        // Nothing vouches for the last three.
        #expect(outcome.executed == Array(1...17))
    }

    @Test func `the header that the log names vouches for the last block`() throws {
        let chain = try blocks(5) { _ in false }
        var catchUp = try catchUp(to: 5, header: chain[4].header.hash)
        #expect(try run(&catchUp, [peers[0]: chain]).executed == Array(1...5))
    }

    @Test func `the header that the log names vouches also where the banks changed`()
        throws
    {
        // Nobody had certified the block that changed them when it was handed out.
        let chain = try blocks(6, certified: { $0 > 4 }, banks: { $0 > 4 ? .allOnes : nil })
        var catchUp = try catchUp(to: 6, header: chain[5].header.hash)
        #expect(try run(&catchUp, [peers[0]: chain, peers[1]: chain]).executed == Array(1...6))
    }

    @Test func `a peer with another history is passed over`() throws {
        let chain = try blocks(60)
        var forged = try blocks(60, salt: 9)
        // It has nobody's signatures.
        forged = forged.map { SealedBlock(header: $0.header, body: $0.body, certificate: []) }
        var catchUp = try catchUp(to: 60)
        let outcome = try run(&catchUp, [peers[0]: forged, peers[1]: chain])
        #expect(outcome.executed == Array(1...60))
    }

    @Test func `a peer with another history does not spoil what only the last header vouches for`()
        throws
    {
        let chain = try blocks(60) { _ in false }
        let forged = try blocks(60, certified: { _ in false }, salt: 9)
        var limits = CatchUp.Limits()
        limits.blocks = 3
        for liar in 1...3 as ClosedRange<UInt64> {
            var catchUp = CatchUp(
                chainID: chainID, tip: (0, .zero), set: try set,
                target: (20, chain[19].header.hash),
                peers: (1...3).map { NodeID($0) }, limits: limits)
            let chains = (1...3 as ClosedRange<UInt64>).map {
                (NodeID($0), $0 == liar ? forged : chain)
            }
            let outcome = try run(&catchUp, Dictionary(uniqueKeysWithValues: chains))
            #expect(outcome.executed == Array(1...20))
        }
    }

    @Test func `the header that the log names vouches from beyond the usual window`() throws {
        // The banks changed before the last blocks of the old ones were certified.
        let chain = try blocks(200, certified: { $0 > 4 }, banks: { $0 > 4 ? .allOnes : nil })
        var catchUp = try catchUp(to: 200, header: chain[199].header.hash)
        #expect(try run(&catchUp, [peers[0]: chain, peers[1]: chain]).executed == Array(1...200))
    }

    @Test func `a body that is not its header's is not executed`() throws {
        let chain = try blocks(30)
        let forged = chain.map {
            SealedBlock(header: $0.header, body: $0.body + [1], certificate: $0.certificate)
        }
        var catchUp = try catchUp(to: 30)
        let outcome = try run(&catchUp, [peers[0]: forged, peers[1]: chain])
        #expect(outcome.executed == Array(1...30))
        #expect(outcome.blamed.contains(peers[0]))
    }

    @Test func `where every peer has forgotten the next block a checkpoint is needed`() throws {
        let chain = Array(try blocks(60)[40...])
        var catchUp = try catchUp(to: 60)
        #expect(try run(&catchUp, [peers[0]: chain, peers[1]: chain]).executed.isEmpty)
        #expect(!catchUp.isDone)
    }

    @Test func `peers that are gone do not keep the others from being asked`() throws {
        let chain = try blocks(3)
        for answering in 1...6 as ClosedRange<UInt64> {
            var limits = CatchUp.Limits()
            limits.requests = 1
            var catchUp = CatchUp(
                chainID: chainID, tip: (0, .zero), set: try set, target: (3, nil),
                peers: (1...6).map { NodeID($0) }, limits: limits)
            let executed = try run(&catchUp, [NodeID(answering): chain]).executed
            #expect(executed == [1, 2, 3])
        }
    }

    @Test func `a peer that can be reached only later is asked too`() throws {
        let chain = try blocks(5)
        var catchUp = CatchUp(
            chainID: chainID, tip: (0, .zero), set: try set, target: (5, nil), peers: [])
        #expect(catchUp.proceed(at: 0).isEmpty)
        #expect(catchUp.returned(peers[0], at: 9) == [.request(1...5, from: peers[0])])
        let actions = catchUp.received(chain, oldest: 1, from: peers[0], at: 10)
        #expect(actions == [.execute(chain)])
    }
}
