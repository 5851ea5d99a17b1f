import Consensus
import Ledger
import Replica

extension FuzzTarget {
    /// A node that lacks blocks and asks three peers for them, of whom two may answer anything.
    ///
    /// It executes nothing but the ledger's blocks, and has them all once the honest one answers.
    static let catchUp = FuzzTarget(
        "catch-up", seeds: { [[UInt8](0..<60), [UInt8](repeating: 0, count: 30)] }
    ) {
        (bytes) throws(FuzzFinding) in
        var history = CatchUpHistory(Array(bytes.prefix(1024)))
        try history.run()
    }
}

/// Plays bytes as answers, silence, time and executions.
private struct CatchUpHistory {
    private static let liars = [NodeID(2), NodeID(3)]
    private static let honest = NodeID(4)
    private static let blocks = CatchUpSample.blocks(salt: 0, isCertified: true)
    /// Another history of the same banks that none of them signed.
    private static let others = CatchUpSample.blocks(salt: 1, isCertified: false)
    private static var target: UInt64 { UInt64(blocks.count) }

    private var choices: FuzzChoices
    private var catchUp: CatchUp
    private var now: UInt64 = 0
    private var asked: [NodeID: ClosedRange<UInt64>] = [:]
    /// Blocks that are to be executed, up to here, and that are.
    private var handed: UInt64 = 0
    private var executed: UInt64 = 0

    init(_ bytes: [UInt8]) {
        choices = FuzzChoices(bytes)
        var limits = CatchUp.Limits()
        limits.blocks = 4
        catchUp = CatchUp(
            chainID: CatchUpSample.chainID, tip: (0, .zero), set: CatchUpSample.set,
            target: (Self.target, nil), peers: Self.liars + [Self.honest], limits: limits)
    }

    mutating func run() throws(FuzzFinding) {
        try perform(catchUp.proceed(at: now))
        while !choices.isOver { try perform(step()) }
        // From here on the liars are silent.
        for _ in 0..<200 where !catchUp.isDone {
            if handed > executed { try perform(execute()) }
            try perform(answerHonestly())
            now += 3_001
            try perform(catchUp.proceed(at: now))
        }
        guard catchUp.isDone else {
            throw FuzzFinding("catch-up: \(executed) of \(Self.target) blocks, and no more come")
        }
    }

    private mutating func step() -> [CatchUp.Action] {
        let choice = choices.byte()
        let liar = Self.liars[Int(choice >> 4 & 1)]
        switch choice % 16 {
        case 0..<7: return answer(liar)
        case 7, 8: return answerHonestly()
        case 9: return catchUp.failed(choice & 32 == 0 ? liar : Self.honest, at: now)
        case 10:
            let peer = choice & 32 == 0 ? liar : Self.honest
            asked[peer] = nil
            return catchUp.returned(peer, at: now)
        case 11, 12:
            now += UInt64(choices.byte()) * 20
            return catchUp.proceed(at: now)
        default: return execute()
        }
    }

    /// Whatever, as the answer to what was asked.
    private mutating func answer(_ liar: NodeID) -> [CatchUp.Action] {
        let range = asked.removeValue(forKey: liar)
        let first = choices.number(near: (range?.lowerBound ?? 1) &+ 3) &- 3
        var sent: [SealedBlock] = []
        for offset in 0..<UInt64(choices.below(8)) {
            let index = Int((first &+ offset &- 1) % Self.target)
            let choice = choices.byte()
            var block = choice & 1 == 0 ? Self.blocks[index] : Self.others[index]
            if choice & 0x30 == 0x30 { block = altered(block) }
            sent.append(block)
        }
        return catchUp.received(
            sent, oldest: choices.number(near: first), from: liar, at: now)
    }

    /// The block with one byte changed, if it still is one.
    private mutating func altered(_ block: SealedBlock) -> SealedBlock {
        var writer = ByteWriter()
        block.write(to: &writer)
        var bytes = writer.bytes
        bytes[Int(choices.word() % UInt64(bytes.count))] ^= choices.byte()
        var reader = ByteReader(bytes)
        return (try? SealedBlock(from: &reader)) ?? block
    }

    private mutating func answerHonestly() -> [CatchUp.Action] {
        guard let range = asked.removeValue(forKey: Self.honest) else { return [] }
        let blocks = Self.blocks[Int(range.lowerBound - 1)..<Int(range.upperBound)]
        return catchUp.received(Array(blocks), oldest: 1, from: Self.honest, at: now)
    }

    private mutating func execute() -> [CatchUp.Action] {
        guard handed > executed else { return [] }
        executed = handed
        return catchUp.executed(executed, set: CatchUpSample.set, at: now)
    }

    private mutating func perform(_ actions: [CatchUp.Action]) throws(FuzzFinding) {
        for action in actions {
            switch action {
            case .request(let range, let peer):
                guard range.lowerBound >= 1, range.upperBound <= Self.target else {
                    throw FuzzFinding("catch-up: \(range) is asked for")
                }
                asked[peer] = range
            case .execute(let blocks):
                for block in blocks {
                    handed += 1
                    let right = Self.blocks[Int(handed - 1)]
                    guard block.header == right.header, block.body == right.body else {
                        throw FuzzFinding("catch-up: another block \(handed) is executed")
                    }
                }
            case .needsCheckpoint:
                throw FuzzFinding("catch-up: a peer that has all blocks is forgotten")
            // Also of the honest one: of two that contradict each other nobody can tell which it is.
            case .blame: break
            }
        }
    }
}

/// A ledger of which only the hashes matter; of its three banks two sign every third block.
private enum CatchUpSample {
    static let chainID: UInt64 = 77
    private static let keys = (0..<3).map { LedgerSamples.sampleKey($0) }

    static let set: BankSet = {
        let banks = keys.enumerated().map { place, key in
            Bank(
                id: UInt64(place + 1), name: "Bank \(place + 1)", nodeKey: key.address,
                operator: key.address, endpoint: "")
        }
        guard let set = try? BankSet(ledger: .zero, banks: banks) else {
            preconditionFailure("three banks of ours are no set")
        }
        return set
    }()

    static func blocks(salt: UInt8, isCertified: Bool) -> [SealedBlock] {
        var parent = Hash32.zero
        return (1...18 as ClosedRange<UInt64>).map { height in
            let body: [UInt8] = [salt, UInt8(height)]
            let header = Header(
                height: height, parent: parent, body: SHA256.hash(body), timeMillis: 0,
                leader: .zero, transactionCount: 0, transactionsRoot: .zero, recordsRoot: .zero,
                changesRoot: .zero, stateHash: .zero, gasUsed: 0, gasLimit: 0, gasPrice: 0,
                banks: set.hash)
            parent = header.hash
            guard isCertified, height % 3 == 0 else {
                return SealedBlock(header: header, body: body, certificate: [])
            }
            let votes = keys.prefix(2).map { key in
                let vote = HeaderVote(
                    height: height, header: header.hash, signedBy: key,
                    in: .headers(chainID: chainID))
                return (signer: key.address, signature: vote.signature)
            }
            let certificate = Certificate(height: height, header: header.hash, votes: votes)
            return SealedBlock(header: header, body: body, certificate: certificate.bytes)
        }
    }
}
