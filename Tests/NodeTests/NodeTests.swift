import Execution
import Ledger
import Replica
import TestSupport
import Testing
import Threads

@testable import Node

@Suite struct NodeTests {
    let payee = Address(high: 1, middle: 2, low: 3)

    @Test func `a payment is executed and survives a restart`() async throws {
        let folder = TemporaryFolder()
        let state: Hash32
        do {
            let first = try TestNode(in: folder)
            let records = try await first.run([
                TestNode.transfer(from: 0, nonce: 0, to: payee, value: 5)
            ])
            #expect(records.map(\.outcome) == [.done])
            #expect(first.balance(payee) == 5)
            state = first.node.head.header.stateHash
            first.node.stop()
        }
        let second = try TestNode(in: folder)
        #expect(second.balance(payee) == 5)
        #expect(second.node.head.header.stateHash == state)
        second.node.stop()
    }

    @Test func `what was certified before a stop is certified after the start`() async throws {
        let folder = TemporaryFolder()
        for nonce in 0..<2 as Range<UInt64> {
            let node = try TestNode(in: folder)
            #expect(node.node.certifiedHeight == node.node.head.header.height)
            let raw = TestNode.transfer(from: 0, nonce: nonce, to: payee)
            #expect(try await node.run([raw]).map(\.outcome) == [.done])
            node.node.stop()
        }
        let last = try TestNode(in: folder)
        #expect(last.node.certifiedHeight == 2)
        last.node.stop()
    }

    @Test func `a clock that is behind the ledger is told at the start`() async throws {
        let folder = TemporaryFolder()
        do {
            let first = try TestNode(in: folder, manualClock: true)
            _ = first.node.clock.advance(seconds: 100 * 365 * 86_400)
            let raw = TestNode.transfer(from: 0, nonce: 0, to: payee)
            #expect(try await first.run([raw]).map(\.outcome) == [.done])
            first.node.stop()
        }
        for (isManual, count) in [(true, 0), (false, 1)] {
            let log = Locked([String]())
            let node = try TestNode(in: folder, manualClock: isManual, log: log)
            node.node.stop()
            let told = log.with { $0.filter { $0.contains("clock is behind the last block") } }
            #expect(told.count == count)
        }
    }

    @Test func `a chain of nonces goes through in any order of arrival`() async throws {
        let folder = TemporaryFolder()
        let node = try TestNode(in: folder)
        let raws = (0..<200 as Range<UInt64>).map {
            TestNode.transfer(from: 1, nonce: $0, to: payee)
        }
        let records = try await node.run(raws.reversed())
        #expect(records.count == 200)
        #expect(records.allSatisfy { $0.outcome == .done })
        #expect(node.balance(payee) == 200)
        node.node.stop()
    }

    @Test func `refusals say why and cost nothing`() async throws {
        let folder = TemporaryFolder()
        let node = try TestNode(in: folder)
        let before = node.balance(DevelopmentKeys.addresses[0])
        let raw = TestNode.transfer(from: 0, nonce: 0, to: payee)
        let hash = Keccak256.hash(raw)
        let answers = await node.submit([
            TestNode.transfer(from: 0, nonce: 0, to: payee, price: 1),
            TestNode.transfer(from: 0, nonce: 0, to: payee, gasLimit: 20_999),
            TestNode.transfer(from: 0, nonce: 0, to: payee, value: .max),
            TestNode.transfer(from: 0, nonce: 30_000, to: payee),
            [1, 2, 3],
            raw, raw,
        ])
        let texts = answers.map { answer in
            switch answer {
            case .success: "taken"
            case .failure(let refusal): refusal.description
            }
        }
        #expect(texts[0].hasPrefix("max fee per gas less than block base fee"))
        #expect(texts[1].hasPrefix("intrinsic gas too low"))
        #expect(texts[2].hasPrefix("insufficient funds for gas * price + value"))
        #expect(texts[3].hasPrefix("nonce too high"))
        #expect(texts[4].hasPrefix("invalid transaction"))
        #expect(texts[5] == "taken")
        #expect(texts[6] == "already known: \(hash)")
        _ = await node.await(hash)
        #expect(await node.submit([raw]) == [.failure(.alreadyKnown(hash))])
        #expect(
            node.balance(DevelopmentKeys.addresses[0]) == before - 21_000 * 1_000_000_000 - 1)
        node.node.stop()
    }

    @Test func `what is wrong whoever signed it is said before anybody looks for the signer`()
        async throws
    {
        let folder = TemporaryFolder()
        let node = try TestNode(in: folder)
        func unsigned(price: UInt128) throws -> [UInt8] {
            var raw = TestNode.transfer(from: 0, nonce: 0, to: payee, price: price)
            // About every second x is on no point of the curve.
            let place = raw.count - 40
            return try #require(
                (0...UInt8.max).lazy.map { byte in
                    raw[place] = byte
                    return raw
                }.first { raw in
                    #expect(throws: Never.self) {
                        try UnverifiedTransaction(raw, chainID: Genesis.developmentChainID)
                    }
                    return
                        (try? VerifiedTransaction.verify(
                            raw, chainID: Genesis.developmentChainID)) == nil
                })
        }
        let answers = await node.submit([
            try unsigned(price: 1), try unsigned(price: 1_000_000_000),
        ])
        #expect(
            answers == [
                .failure(.gasPriceTooLow(offered: 1, price: 1_000_000_000)),
                .failure(.invalid(.badSignature)),
            ])
        node.node.stop()
    }

    @Test func `what was executed is known, even where it would be refused today`() async throws {
        let folder = TemporaryFolder()
        let node = try TestNode(in: folder)
        let paid = TestNode.transfer(from: 1, nonce: 0, to: payee)
        #expect(try await node.run([paid]).map(\.outcome) == [.done])
        let change = IGovernance.Change.setParameter(name: "gasPrice", value: 2_000_000_000)
        var writer = ABIWriter(selector: IGovernance.Function.propose.rawValue, words: 3)
        writer.write(change.kind)
        writer.write(bytes: IGovernance.Proposal(change, from: 0).data)
        writer.write(UInt64.max)
        let proposal = TestNode.transfer(
            from: 0, nonce: 0, to: .treasury, value: 0, gasLimit: 1_000_000, data: writer.finish())
        #expect(try await node.run([proposal]).map(\.outcome) == [.done])
        let next = TestNode.transfer(from: 1, nonce: 1, to: payee, price: 2_000_000_000)
        #expect(try await node.run([next]).map(\.outcome) == [.done])
        #expect(node.node.rules.gasPrice == 2_000_000_000)
        let late = TestNode.transfer(from: 1, nonce: 2, to: payee)
        #expect(
            await node.submit([paid, late]) == [
                .failure(.alreadyKnown(Keccak256.hash(paid))),
                .failure(.gasPriceTooLow(offered: 1_000_000_000, price: 2_000_000_000)),
            ])
        node.node.stop()
    }

    @Test func `what was executed long ago is known to its signer, however often it comes`()
        async throws
    {
        let folder = TemporaryFolder()
        let paid = TestNode.transfer(from: 1, nonce: 0, to: payee)
        do {
            let first = try TestNode(in: folder)
            #expect(try await first.run([paid]).map(\.outcome) == [.done])
            first.node.stop()
        }
        // A node that has started has only its last block in memory, and not who is in it.
        let second = try TestNode(in: folder)
        let another = TestNode.transfer(from: 1, nonce: 0, to: payee, value: 2)
        let answers = await second.submit([another] + Array(repeating: paid, count: 100))
        #expect(answers[0] == .failure(.nonceTooLow(given: 0, next: 1)))
        #expect(
            answers.dropFirst().allSatisfy { $0 == .failure(.alreadyKnown(Keccak256.hash(paid))) })
        // A block is read for what the index knows only.
        var reads = 0
        let unknown = try second.node.chain.locate(Keccak256.hash(another), reads: &reads)
        #expect(unknown == nil && reads == 0)
        let known = try second.node.chain.locate(Keccak256.hash(paid), reads: &reads)
        #expect(known?.index == 0 && reads == 1)
        second.node.stop()
    }

    @Test func `who waits reads the history only where he said`() async throws {
        let folder = TemporaryFolder()
        let paid = TestNode.transfer(from: 1, nonce: 0, to: payee)
        let hash = Keccak256.hash(paid)
        do {
            let first = try TestNode(in: folder)
            #expect(try await first.run([paid]).map(\.outcome) == [.done])
            first.node.stop()
        }
        let node = try TestNode(in: folder).node
        let seen = Locked((looks: [@Sendable () -> Void](), outcomes: [Bool]()))
        func wait(for hash: Hash32, timeoutMillis: UInt64) {
            node.wait(
                for: hash, .executed, timeoutMillis: timeoutMillis,
                later: { look in seen.with { $0.looks.append(look) } }
            ) { outcome in
                let isFound = if case .found = outcome { true } else { false }
                seen.with { $0.outcomes.append(isFound) }
            }
        }
        wait(for: hash, timeoutMillis: 0)
        wait(for: Hash32(1, 2, 3, 4), timeoutMillis: 0)
        #expect(seen.with { $0.outcomes.isEmpty && $0.looks.count == 2 })
        for look in seen.with({ $0.looks }) { look() }
        #expect(seen.with { $0.outcomes } == [true, false])
        // A node that stops keeps nobody waiting whose look never comes.
        wait(for: Hash32(1, 2, 3, 4), timeoutMillis: 3_000_000)
        node.stop()
        #expect(seen.with { $0.outcomes } == [true, false, false])
    }

    @Test func `how a node is can be told while a block is executed`() throws {
        let folder = TemporaryFolder()
        let node = try TestNode(in: folder).node
        // Whoever had to wait for the block would wait for ever here.
        let (status, group, price) = node.withMachine { _ in
            (node.status, node.groupStatus, node.rules.gasPrice)
        }
        #expect(status.isLeader && status.closedBecause == nil && status.cellCount > 0)
        #expect(group.members.map(\.bank.id) == [1] && price == 1_000_000_000)
        node.stop()
    }

    @Test func `a node whose state was never stored replays its log`() async throws {
        let folder = TemporaryFolder()
        let first = try TestNode(in: folder)
        for round in 0..<20 as Range<UInt64> {
            _ = try await first.run([TestNode.transfer(from: 2, nonce: round, to: payee)])
        }
        let head = first.node.head
        // Copied while it runs, as after a kill: the state store is still at genesis.
        let copy = TemporaryFolder()
        try copyFolder(folder.path + "/data", to: copy.path + "/data")
        first.node.stop()
        let second = try TestNode(in: copy)
        #expect(second.node.head.hash == head.hash)
        #expect(second.balance(payee) == 20)
        second.node.stop()
    }

    @Test func `a second node on the same folder is refused`() async throws {
        let folder = TemporaryFolder()
        let first = try TestNode(in: folder)
        #expect(throws: NodeFault.self) { try TestNode(in: folder) }
        first.node.stop()
    }

    @Test func `a genesis that does not match the data is refused`() async throws {
        let folder = TemporaryFolder()
        try TestNode(in: folder).node.stop()
        #expect(throws: NodeFault.self) {
            try TestNode(in: folder) { $0.genesis = DevelopmentKeys.genesis(timeMillis: 1) }
        }
    }
}
