import Execution
import Ledger
import Replica

/// A customer of the banks: has an account, asks any node, and asks again until it has its receipt.
final class Client {
    /// What an ordinary client has at the start, in units of 10^-18 DIP.
    static let wealth: UInt128 = 1_000_000_000_000_000_000
    /// How many transactions it has under way at most.
    private static let underWay = 3

    /// Something that a client wants done, under one nonce.
    struct Intent {
        let nonce: UInt64
        /// What was signed for it.
        ///
        /// More than one if the first met with a refusal; one of them will be done.
        private(set) var signed: [[UInt8]] = []
        let wish: Wish
        let mode: Process.Mode
        var attempts = 0
        /// The node that was asked last.
        private(set) var node: Int?
        /// Which of what was signed that node has not yet been asked about.
        private var unasked: ArraySlice<[UInt8]> = []
        var askAgainAt: UInt64 = 0
        /// What the last answer said.
        var lastWords = "none"
        /// Whether the last answer was that there is not enough money, which is an answer.
        var lacksMoney = false

        /// Whether the client knows where it stands.
        var isAnswered: Bool { lacksMoney }

        init(nonce: UInt64, wish: Wish, mode: Process.Mode) {
            self.nonce = nonce
            self.wish = wish
            self.mode = mode
        }

        /// Adds something signed, of which the present node is asked as well.
        mutating func add(_ raw: [UInt8]) {
            signed.append(raw)
            unasked.append(raw)
        }

        /// What to ask next, and of which node.
        ///
        /// A node is asked about each that was signed, then another one is. If both changed at every attempt, it
        /// could go on like this: a bank that lies is always asked about the one that was done, and
        /// the honest ones about the other, whose nonce, they say, was used.
        mutating func next(_ banks: [Int], _ pick: ([Int]) -> Int) -> (node: Int, raw: [UInt8]) {
            attempts += 1
            if let node, banks.contains(node), let raw = unasked.popFirst() { return (node, raw) }
            let others = banks.filter { $0 != node }
            let picked = pick(others.isEmpty ? banks : others)
            node = picked
            unasked = signed[...]
            return (picked, unasked.removeFirst())
        }
    }

    /// A transaction for a node, and the wish to hear what becomes of it.
    struct Request {
        let client: Int
        let node: Int
        let number: UInt64
        let nonce: UInt64
        let raw: [UInt8]
        let mode: Process.Mode
    }

    /// What a node, or the lack of one, says to a request.
    struct Answer {
        enum Content {
            case receipt(Receipt, output: [UInt8]?)
            case refused(PoolRefusal)
            case dropped
            case noConnection
        }
        let client: Int
        let nonce: UInt64
        let content: Content
    }

    let number: Int
    let key: PrivateKey
    private(set) var open: [Intent] = []
    private var nextNonce: UInt64 = 0
    private var requests: UInt64 = 0

    /// For a bank's operator, the bank's position.
    let bank: Int?

    init(_ number: Int, key: PrivateKey, bank: Int?) {
        self.number = number
        self.key = key
        self.bank = bank
    }

    // MARK: Acting

    /// Does what is due: asks again, or wants something new.
    func act(in world: World) {
        for position in open.indices where open[position].askAgainAt <= world.now {
            ask(position, in: world)
        }
        if world.now < world.scenario.quietAt, open.count < Self.underWay,
            world.chance.happens(500)
        {
            want(in: world)
        }
        world.push(.client(number), at: world.now + 20_000 + world.chance.below(300_000))
    }

    private func want(in world: World) {
        let next =
            if let bank { world.desk.wish(of: bank, in: world) } else {
                world.market.wish(of: number, in: world)
            }
        guard let wish = next else { return }
        let mode: Process.Mode = world.chance.happens(500) ? .executed : .certified
        var intent = Intent(nonce: nextNonce, wish: wish, mode: mode)
        intent.add(sign(wish, nonce: nextNonce, price: world.genesis.rules.gasPrice))
        nextNonce += 1
        open.append(intent)
        ask(open.count - 1, in: world)
    }

    private func sign(_ wish: Wish, nonce: UInt64, price: UInt128) -> [UInt8] {
        Transaction(
            chainID: Genesis.developmentChainID, nonce: nonce, maxFeePerGas: price,
            gasLimit: wish.gas,
            to: wish.to, value: wish.value, data: wish.data
        ).sign(with: key)
    }

    /// Sends a transaction to some node, and not again to the one that was asked last.
    private func ask(_ position: Int, in world: World) {
        open[position].askAgainAt = world.now + world.chance.number(400_000...2_000_000)
        requests += 1
        let banks = world.properties.banks.banks.map { Int($0.id) - 1 }
        let (node, raw) = open[position].next(banks) { world.chance.pick($0) }
        let request = Request(
            client: number, node: node, number: requests,
            nonce: open[position].nonce, raw: raw, mode: open[position].mode)
        guard !world.losesWord() else { return }
        world.push(.ask(request), at: world.now + 100 + world.chance.below(3_000))
    }

    // MARK: Answers

    /// Takes an answer, to whichever of its requests.
    func take(_ answer: Answer, in world: World) throws {
        guard let position = open.firstIndex(where: { $0.nonce == answer.nonce }) else { return }
        open[position].lacksMoney = false
        switch answer.content {
        case .receipt(let receipt, let output):
            world.trace.note(
                "has a receipt", nil, receipt.height, UInt64(receipt.index),
                words: "client \(number), nonce \(answer.nonce)")
            try world.properties.acknowledged(receipt)
            world.market.done(open[position].wish, output: output)
            world.desk.done(open[position].wish, output: output)
            open.remove(at: position)
        case .refused(let refusal):
            open[position].lastWords = refusal.description
            open[position].askAgainAt = world.now + world.chance.number(50_000...400_000)
            if case .insufficientFunds = refusal { thinkAgain(position, in: world) }
        case .dropped:
            open[position].lastWords = "dropped"
            open[position].askAgainAt = world.now + world.chance.below(100_000)
        case .noConnection:
            open[position].lastWords = "no connection"
            open[position].askAgainAt = world.now + world.chance.below(200_000)
        }
    }

    /// What cannot be paid for is replaced by the smallest thing that can be done under the nonce.
    private func thinkAgain(_ position: Int, in world: World) {
        open[position].lacksMoney = true
        guard open[position].signed.count == 1 else { return }
        let price = world.genesis.rules.gasPrice
        let signed = sign(
            .send(0, to: key.address), nonce: open[position].nonce, price: price + price / 10 + 1)
        open[position].add(signed)
    }
}
