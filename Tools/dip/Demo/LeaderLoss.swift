import Gateway
import JSON
import Ledger
import SupplyChain

/// A payment during which the leader's machine fails, and what the banks have to say afterwards.
final class LeaderLoss {
    private let nodes: DemoNodes
    private let tell: (String) -> Void
    /// The number of the bank whose node was killed.
    private(set) var killed: Int?
    /// From the kill until the payment was certified.
    private(set) var killToFinal = Duration.zero

    init(_ nodes: DemoNodes, _ tell: @escaping (String) -> Void) {
        self.nodes = nodes
        self.tell = tell
    }

    // MARK: Paying

    /// Hands a payment to a bank that does not lead, kills the leader meanwhile, and waits until the payment
    /// is final.
    ///
    /// - Returns: the block, which the other banks tell alike.
    func pay(_ raw: [UInt8]) async throws -> UInt64 {
        // A bank that has not yet executed what gave the buyer its money would refuse the payment.
        try await waitForSameHead()
        let leader = try await leader()
        let survivors = (1...nodes.count).filter { $0 != leader }
        let (entry, witness) = (survivors[0], survivors[1])
        let hash = Keccak256.hash(raw).hex
        let client = try nodes.client(entry - 1)
        tell("the payment goes to bank \(entry); bank \(leader), which leads, is killed (SIGKILL)")
        // The answer is not waited for, so that the payment is under way when the leader is gone.
        async let handing = client.call("dip_sendTransactions", [.array([.data(raw)])])
        let kill = ContinuousClock.now
        nodes.kill(leader - 1)
        killed = leader
        try Self.check(try await handing)
        // Somebody who lost the connection does not know what became of it, and asks again elsewhere.
        let other = try nodes.client(witness - 1)
        let again = try await other.call("dip_sendTransactions", [.array([.data(raw)])])
        try Self.check(again, mayBeKnown: true)
        let block = try await DemoLedger.certified(hash, at: client).block
        killToFinal = ContinuousClock.now - kill
        let seen = try await DemoLedger.certified(hash, at: other).block
        guard seen == block else {
            throw Failure.failed(
                "bank \(entry) has the payment in block \(block), bank \(witness) in \(seen)")
        }
        let maker = try await self.maker(of: block, client)
        let story =
            maker == leader
            ? "bank \(leader) had ordered it with its last breath"
            : "bank \(maker.map(String.init) ?? "?") ordered it after it had been elected"
        tell("final in block \(block) after \(killToFinal.milliseconds) ms: \(story)")
        tell("handed in twice, made once, as banks \(entry) and \(witness) both say")
        return block
    }

    /// The bank that made a block.
    private func maker(of block: UInt64, _ client: RPCClient) async throws -> Int? {
        let answer = try await client.call("eth_getBlockByNumber", [.quantity(block), false])
        let banks = try await client.call("dip_consortium", .array([]))["validators"]?.elements
        let maker = banks?.first { $0["address"]?.address == answer["miner"]?.address }
        return maker?["id"]?.whole64.map { Int(clamping: $0) }
    }

    private func leader() async throws -> Int {
        for _ in 0..<1_000 {
            let answer = try await nodes.client().call("dip_consortium", .array([]))
            if let leader = answer["ordering"]?["leader"]?.whole64, leader > 0 {
                return Int(clamping: leader)
            }
            try await Task.sleep(for: .milliseconds(20))
        }
        throw Failure.failed("no bank leads for twenty seconds: the nodes' logs say why")
    }

    private static func check(_ answers: JSON, mayBeKnown: Bool = false) throws {
        guard let error = answers.elements.first?["error"], !error.isNull else { return }
        let name = error["data"]?["name"]?.string ?? ""
        if mayBeKnown, ["AlreadyKnown", "NonceTooLow"].contains(name) { return }
        throw Failure.failed(
            "the node does not take the payment: \(error["message"]?.string ?? "?")")
    }

    // MARK: Afterwards

    /// Starts the killed node again and waits until all banks have the same certified head.
    ///
    /// - Returns: of each bank the state's hash after a block.
    func recover(stateAfter block: UInt64) async throws -> [String] {
        guard let killed else { return [] }
        tell("bank \(killed)'s node is started again")
        let start = ContinuousClock.now
        try await nodes.restart(killed - 1)
        try await waitForSameHead()
        let duration = (ContinuousClock.now - start).milliseconds
        tell("\(duration) ms later all \(nodes.count) banks have the same certified head")
        var hashes: [String] = []
        for index in 0..<nodes.count {
            hashes.append(
                try await DemoLedger.stateHash(ofBlock: block, at: nodes.client(index)))
        }
        guard Set(hashes).count == 1 else {
            throw Failure.failed("the banks' states differ: \(hashes.joined(separator: ", "))")
        }
        return hashes
    }

    private func waitForSameHead() async throws {
        for _ in 0..<3_000 {
            var heads: Set<String> = []
            for index in 0..<nodes.count {
                let client = try nodes.client(index)
                let latest = try await client.call("eth_getBlockByNumber", ["latest", false])
                let final = try await client.call("eth_getBlockByNumber", ["finalized", false])
                heads.insert(latest["hash"]?.string ?? "")
                heads.insert(final["hash"]?.string ?? "")
            }
            if heads.count == 1 { return }
            try await Task.sleep(for: .milliseconds(20))
        }
        throw Failure.failed("the banks do not come to the same head within a minute")
    }
}
