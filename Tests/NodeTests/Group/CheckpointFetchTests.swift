import Consensus
import Execution
import Foundation
import Ledger
import Logging
import Replica
import Signing
import Storage
import TestSupport
import Testing
import Threads

@testable import Node

struct CheckpointFetchTests {
    private let folder = TemporaryFolder()
    private let ledger = OfferedLedger.shared

    /// The checkpoint as a peer has it.
    private func checkpoint() throws -> Checkpoint {
        let (block, _) = ledger.blocks[Int(ledger.height)]
        let identity = StoreIdentity(
            chainID: ledger.genesis.chainID, genesisHash: ledger.genesis.hash)
        try StateStore.create(
            path: folder.path + "/state", identity: identity,
            meta: StateMeta(
                height: ledger.height, headerHash: block.hash, stateHash: block.header.stateHash)
        ) { filler throws(StoreFault) in
            for (key, value) in ledger.state.sorted(by: {
                $0.key.lexicographicallyPrecedes($1.key)
            }) {
                var fault: StoreFault?
                key.withUnsafeBytes { key in
                    value.withUnsafeBytes { value in
                        do throws(StoreFault) {
                            try filler.put(key, value)
                        } catch {
                            fault = error
                        }
                    }
                }
                if let fault { throw fault }
            }
        }
        let store = try StateStore(path: folder.path + "/state", identity: identity)
        let peer = try CheckpointFolder(path: folder.path + "/peer")
        _ = try peer.write(try store.snapshot())
        return try #require(try peer.checkpoint(at: ledger.height))
    }

    private func fetch(
        from peers: [NodeID], refused: @escaping @Sendable (String) -> Void = { _ in },
        _ answer: @escaping @Sendable (PeerRequest, NodeID) -> PeerReply?
    ) throws -> (CheckpointFetch, CheckpointFolder) {
        let own = try CheckpointFolder(path: folder.path + "/own")
        let fetch = CheckpointFetch(
            genesis: ledger.genesis,
            edges: CheckpointFetch.Edges(
                peers: { peers },
                // A question to which there is no answer is never ended, as by a timer that has stopped.
                ask: { request, peer, _, completion in
                    if let reply = answer(request, peer) { completion(reply) }
                }, knownChanges: { [ledger] in ledger.known }),
            folder: own, logger: Logger(label: "test") { _ in Listener(heard: refused) })
        return (fetch, own)
    }

    /// The changes that a peer offers, some left out.
    private func offer(
        of checkpoint: Checkpoint, leavingOut: [UInt64] = []
    ) throws -> CheckpointOffer {
        ledger.offer(
            ledger.changes.filter { !leavingOut.contains($0) }.map { ledger.stored($0) },
            outline: try checkpoint.outline().bytes)
    }

    @Test(.timeLimit(.minutes(2)))
    func `two changes of the banks that undo each other cannot be left out`() throws {
        let checkpoint = try checkpoint()
        let liar = try offer(of: checkpoint, leavingOut: Array(ledger.changes.dropFirst()))
        let honest = try offer(of: checkpoint)
        let (fetch, own) = try fetch(from: [NodeID(2), NodeID(3)]) { request, peer in
            switch request {
            case .checkpoint: return .checkpoint(peer == NodeID(2) ? liar : honest)
            case .chunk(_, let index, let offset):
                let piece = try? checkpoint.piece(
                    ofChunk: Int(index), from: offset, atMost: 4 << 20)
                return piece.map { .chunk($0) } ?? .nothing
            default: return .nothing
            }
        }
        // Begun when the peers' newest was another one.
        try FileManager.default.createDirectory(
            atPath: own.path + "/00000000000000000001.import", withIntermediateDirectories: false)
        #expect(fetch.run(above: ledger.tip, signedBy: ledger.set))
        #expect(try own.importedHeights() == [ledger.height])
        let fetched = try #require(try CheckpointImport.resume(at: ledger.height, in: own))
        #expect(fetched.target.kept.map(\.height) == ledger.changes)
        #expect(fetched.target.kept.map(\.bytes) == ledger.changes.map { ledger.stored($0).block })
    }

    @Test(.timeLimit(.minutes(2)))
    func `what was fetched of a checkpoint never replaces a state that is as new`() throws {
        let checkpoint = try checkpoint()
        let offer = try offer(of: checkpoint)
        let (fetch, own) = try fetch(from: [NodeID(2)]) { request, _ in
            guard case .chunk(_, let index, let offset) = request else { return .checkpoint(offer) }
            let piece = try? checkpoint.piece(ofChunk: Int(index), from: offset, atMost: 4 << 20)
            return piece.map { .chunk($0) }
        }
        #expect(fetch.run(above: ledger.tip, signedBy: ledger.set))
        let (files, data) = (FileManager.default, folder.path + "/data")
        let name = try #require(try files.contentsOfDirectory(atPath: own.path).first)
        let checkpoints = data + "/checkpoints/"
        try files.createDirectory(atPath: checkpoints, withIntermediateDirectories: true)
        try files.copyItem(atPath: own.path + "/" + name, toPath: checkpoints + name)
        var configuration = NodeConfiguration(
            folder: data, genesis: ledger.genesis, key: .local(ProvenLedger.nodeKeys[0]),
            verifiers: 1)
        configuration.diskReserve = 0
        func open() throws -> UInt64 {
            let opened = try OpenedData(configuration)
            // The stores close when nobody holds them any more.
            defer { opened.machine.state.end() }
            return opened.head.header.height
        }
        #expect(try open() == ledger.height)
        #expect(!files.fileExists(atPath: checkpoints + name))

        func history() throws -> UInt64? {
            try files.attributesOfItem(atPath: data + "/history")[.systemFileNumber] as? UInt64
        }
        let before = try history()
        try files.copyItem(atPath: own.path + "/" + name, toPath: checkpoints + name)
        #expect(try open() == ledger.height)
        #expect(try history() == before)
        #expect(!files.fileExists(atPath: checkpoints + name))
    }

    @Test(.timeLimit(.minutes(2)))
    func `a peer that sends a chunk byte by byte is refused`() throws {
        let checkpoint = try checkpoint()
        let offer = try offer(of: checkpoint)
        let ending = Locked(CheckpointFetch?.none)
        let pieces = Locked(0)
        let (fetch, _) = try fetch(
            from: [NodeID(2)], refused: { _ in ending.with { $0 }?.stop() }
        ) { request, _ in
            switch request {
            case .checkpoint: return .checkpoint(offer)
            case .chunk(_, let index, let offset):
                let count = pieces.with { pieces in
                    pieces += 1
                    return pieces
                }
                guard count < 100 else {
                    ending.with { $0 }?.stop()
                    return .nothing
                }
                let piece = try? checkpoint.piece(ofChunk: Int(index), from: offset, atMost: 1)
                return piece.map { .chunk($0) } ?? .nothing
            default: return .nothing
            }
        }
        ending.with { $0 = fetch }
        #expect(!fetch.run(above: ledger.tip, signedBy: ledger.set))
        ending.with { $0 = nil }
        #expect(pieces.with { $0 } == 2)
    }

    @Test(.timeLimit(.minutes(2)))
    func `a peer that sent a false chunk is asked for none of that checkpoint again`() throws {
        let checkpoint = try checkpoint()
        let offer = try offer(of: checkpoint)
        let asked = Locked([NodeID: Int]())
        let (fetch, _) = try fetch(from: [NodeID(2), NodeID(3)]) { request, peer in
            guard case .chunk(_, let index, let offset) = request else { return .checkpoint(offer) }
            // Each chunk once, in however many pieces.
            let count = asked.with { asked in
                if offset == 0 { asked[peer, default: 0] += 1 }
                return asked[peer] ?? 0
            }
            if peer == NodeID(2) { return .chunk([1, 2, 3, 4, 5]) }
            // The other one rests for a while, but the liar may not take its place.
            guard count > 1 else { return .nothing }
            let piece = try? checkpoint.piece(ofChunk: Int(index), from: offset, atMost: 4 << 20)
            return piece.map { .chunk($0) }
        }
        #expect(fetch.run(above: ledger.tip, signedBy: ledger.set))
        #expect(asked.with { $0[NodeID(2)] } == 1)
    }

    @Test(.timeLimit(.minutes(2)), arguments: [false, true])
    func `stopping ends a fetch although a peer does not answer`(amidChunk: Bool) throws {
        let checkpoint = try checkpoint()
        let offer = try offer(of: checkpoint)
        let isAsked = Locked(false)
        let (fetch, _) = try fetch(from: [NodeID(2)]) { request, _ in
            if case .checkpoint = request, amidChunk { return .checkpoint(offer) }
            isAsked.withSignal { $0 = true }
            return nil
        }
        let outcome = Locked(Bool?.none)
        let (tip, set) = (ledger.tip, ledger.set)
        let thread = SystemThread(named: "fetch") {
            let isThere = fetch.run(above: tip, signedBy: set)
            outcome.withSignal { $0 = isThere }
        }
        isAsked.wait { $0 ? .done(()) : .again(nil) }
        fetch.stop()
        #expect(outcome.wait { $0.map { .done($0) } ?? .again(nil) } == false)
        thread.join()
    }
}

/// Hears what is logged.
private struct Listener: LogHandler {
    let heard: @Sendable (String) -> Void
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.warning

    init(heard: @escaping @Sendable (String) -> Void) { self.heard = heard }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) { heard(event.message.description) }
}
