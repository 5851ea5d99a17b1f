import Gateway
import JSON
import Ledger

/// The ledger behind a node's JSON-RPC.
public struct NodeLedger: DeskLedger {
    private let client: RPCClient

    /// Asks a node.
    public init(_ client: RPCClient) { self.client = client }

    // MARK: Calls

    private func ask(_ method: String, _ parameters: JSON...) async throws(DeskFault) -> JSON {
        do { return try await client.call(method, .array(parameters)) } catch { throw .node(error) }
    }

    private func number(
        _ method: String, _ parameters: JSON...
    ) async throws(DeskFault) -> UInt128 {
        let answer: JSON
        do {
            answer = try await client.call(method, .array(parameters))
        } catch { throw .node(error) }
        guard let number = Self.whole(answer) else { throw strange(method) }
        return number
    }

    private func strange(_ method: String) -> DeskFault {
        .node(.badAnswer("\(client.endpoint): the answer to \(method) is not understood"))
    }

    /// Numbers come as numbers, quantities or decimal strings.
    private static func whole(_ json: JSON?) -> UInt128? {
        guard let json else { return nil }
        return json.unsigned ?? json.quantity ?? json.string.flatMap { Amount(decimal: $0)?.units }
    }

    private static func whole64(_ json: JSON?) -> UInt64? {
        whole(json).flatMap { UInt64(exactly: $0) }
    }

    // MARK: The ledger

    /// Which ledger it is, and what a transaction costs.
    public func facts() async throws(DeskFault) -> LedgerFacts {
        let consortium = try await ask("dip_consortium")
        guard let chainID = Self.whole64(consortium["chainId"]),
            let milliseconds = Self.whole64(consortium["timeMillis"]),
            let certified = Self.whole64(consortium["certified"]),
            let blockGas = Self.whole64(consortium["rules"]?["blockGasLimit"]),
            let genesis = consortium["genesis"]?.string.flatMap({ Hash32(hex: $0) })
        else { throw strange("dip_consortium") }
        return LedgerFacts(
            chainID: chainID, genesis: genesis, gasPrice: try await number("eth_gasPrice"),
            blockGas: blockGas, time: milliseconds / 1000, certified: certified,
            isCurrent: Self.isCurrent(consortium))
    }

    /// Whether a node, by its answer to `dip_consortium`, serves and is not behind, and has heard how far the leader
    /// is: one that has just been started from an old copy believes that nobody is ahead of it.
    public static func isCurrent(_ consortium: JSON) -> Bool {
        func bank(_ number: JSON?) -> JSON? {
            guard let id = whole64(number) else { return nil }
            return consortium["validators"]?.array?.first { whole64($0["id"]) == id }
        }
        return consortium["serving"]?.bool == true && whole64(bank(consortium["bank"])?["lag"]) == 0
            && bank(consortium["ordering"]?["leader"])?["height"] != nil
    }

    /// How many transactions of an account are carried out.
    public func nonce(of account: Address) async throws(DeskFault) -> UInt64 {
        let nonce = try await number("eth_getTransactionCount", .string(account.hex), "latest")
        // No account gets there, and what follows is counted on from here.
        guard nonce < 1 << 62 else { throw strange("eth_getTransactionCount") }
        return UInt64(nonce)
    }

    /// The DIP that an account has.
    public func funds(of account: Address) async throws(DeskFault) -> UInt128 {
        try await number("eth_getBalance", .string(account.hex), "latest")
    }

    /// What a call would do now.
    public func attempt(_ call: LedgerCall) async throws(DeskFault) -> Trial {
        let trial = try await ask(
            "dip_simulate",
            [
                "from": .string(call.signer.hex), "to": .string(call.target.hex),
                "data": .data(call.data),
            ])
        if trial["ok"]?.bool == true, let gas = Self.whole64(trial["gas"]), gas < 1 << 40,
            let payer = trial["feePayer"]?.string.flatMap({ Address(hex: $0) })
        {
            return .works(gas: gas, payer: payer)
        }
        guard trial["ok"]?.bool == false else { throw strange("dip_simulate") }
        return .refused(Self.refusal(trial["refusal"]))
    }

    /// Hands signed transactions over.
    public func send(_ raw: [[UInt8]]) async throws(DeskFault) -> [String?] {
        let answer = try await ask("dip_sendTransactions", .array(raw.map { .data($0) }))
        guard let answers = answer.array, answers.count == raw.count else {
            throw strange("dip_sendTransactions")
        }
        return answers.map { answer in
            guard let error = answer["error"] else { return nil }
            let message = error["message"]?.string ?? "refused without a reason"
            return message.hasPrefix("already known") ? nil : message
        }
    }

    /// What became of transactions.
    public func receipts(
        of questions: [ReceiptQuestion]
    ) async throws(DeskFault) -> [CallReceipt?] {
        let start = ContinuousClock.now
        var receipts: [CallReceipt?] = []
        // One after another: while the node is asked for one, the others go on as well.
        for question in questions {
            let passed = (ContinuousClock.now - start) / .milliseconds(1)
            let left = max(0, question.milliseconds - Int(passed))
            receipts.append(
                try await receipt(
                    of: question.hash, certified: question.certified, milliseconds: left))
        }
        return receipts
    }

    private func receipt(
        of hash: Hash32, certified: Bool, milliseconds: Int
    ) async throws(DeskFault) -> CallReceipt? {
        let answer: JSON
        do {
            answer = try await client.call(
                "dip_waitForReceipt",
                [
                    .string(hash.hex), .string(certified ? "certified" : "executed"),
                    .integer(milliseconds),
                ])
        } catch .method(let error) where Self.isDropped(error) {
            // It will be sent again.
            return nil
        } catch { throw .node(error) }
        guard !answer.isNull else { return nil }
        guard let block = Self.whole64(answer["blockNumber"]),
            let status = Self.whole(answer["status"])
        else { throw strange("dip_waitForReceipt") }
        return CallReceipt(
            block: block, refusal: status == 1 ? nil : Self.refusal(answer["refusal"]))
    }

    /// The time of a block; nil where the node keeps it no more.
    public func time(ofBlock height: UInt64) async throws(DeskFault) -> UInt64? {
        var block = try await ask("eth_getBlockByNumber", .quantity(UInt128(height)), false)
        if block.isNull {
            // One that is not there yet is answered alike.
            guard try await number("eth_blockNumber") >= height else {
                throw .behind("\(client.endpoint)")
            }
            // It may have come between the two questions.
            block = try await ask("eth_getBlockByNumber", .quantity(UInt128(height)), false)
            if block.isNull { return nil }
        }
        guard let time = Self.whole64(block["timestamp"]) else {
            throw strange("eth_getBlockByNumber")
        }
        return time
    }

    /// Whether the pool dropped the transaction that was asked for; no other error says that there is no receipt.
    static func isDropped(_ error: RPCError) -> Bool {
        error.code == -32000 && error.message.contains(" was dropped: ")
    }

    /// Whether the node answers so since it keeps the block no more; no other error says that.
    static func isGone(_ error: RPCError) -> Bool {
        error.code == -32000 && error.message.contains(" is not kept here")
    }

    /// Reads from a contract.
    public func read(_ contract: Address, _ data: [UInt8]) async throws(DeskFault) -> [UInt8] {
        let answer = try await ask(
            "eth_call", ["to": .string(contract.hex), "data": .data(data)], "latest")
        guard let bytes = answer.data else { throw strange("eth_call") }
        return bytes
    }

    private static func refusal(_ json: JSON?) -> LedgerRefusal {
        let data = json?["data"]?.data ?? []
        return LedgerRefusal(
            json?["name"]?.string ?? "Refused", word: Hash32(data.dropFirst(4).prefix(32)))
    }

    // MARK: What the desk follows

    /// What happened at 0x…d105 from a cursor on.
    public func events(from cursor: String) async throws(DeskFault) -> EventPage {
        let answer = try await ask(
            "dip_events", .string(cursor),
            [
                "contracts": [.string(Address.banks.hex)],
                "events": [
                    "RedemptionRequested", "RedemptionInstructed", "RedemptionSettled",
                    "RedemptionRejected", "RedemptionReturned", "OperatorChanged",
                ],
            ], 1000)
        guard let events = answer["events"]?.array, let next = answer["cursor"]?.string else {
            throw strange("dip_events")
        }
        var found: [BankEvent] = []
        for event in events {
            guard let one = Self.event(event) else { throw strange("dip_events") }
            found.append(one)
        }
        // The head is a height: there is more as long as the cursor is not behind it.
        let head = Self.whole64(answer["head"]) ?? 0
        let height = UInt64(next.prefix { $0 != ":" }) ?? 0
        return EventPage(events: found, cursor: next, hasMore: height <= head && next != cursor)
    }

    private static func event(_ event: JSON) -> BankEvent? {
        guard let arguments = event["args"] else { return nil }
        func address(_ name: String) -> Address? {
            arguments[name]?.string.flatMap { Address(hex: $0) }
        }
        if event["event"]?.string == "OperatorChanged" {
            guard let from = address("from"), let to = address("to"),
                let block = whole64(event["block"])
            else { return nil }
            return .operatorChanged(from: from, to: to, block: block)
        }
        guard let id = whole64(arguments["id"]) else { return nil }
        switch event["event"]?.string {
        case "RedemptionRequested":
            guard let token = address("token"), let owner = address("owner"),
                let amount = whole(arguments["amount"]), let block = whole64(event["block"]),
                let payout = arguments["payout"]?.string.flatMap({ Hash32(hex: $0) })
            else { return nil }
            return .requested(
                id: id, token: token, owner: owner, amount: amount, payout: payout, block: block)
        case "RedemptionInstructed":
            guard let block = whole64(event["block"]),
                let message = arguments["message"]?.string.flatMap({ Hash32(hex: $0) })
            else { return nil }
            return .instructed(id: id, block: block, message: message)
        case "RedemptionSettled": return .settled(id: id)
        case "RedemptionRejected": return .rejected(id: id)
        case "RedemptionReturned": return .returned(id: id)
        default: return nil
        }
    }

    /// From where on a node has all events, where it refused a cursor because it does not keep that block.
    static func oldestCursor(_ fault: DeskFault) -> String? {
        guard case .node(.method(let error)) = fault, error.code == -32000,
            error.message.contains(" are not kept here any more")
        else { return nil }
        return error.data?["oldest"]?.string
    }

    /// The cursor behind all that has happened.
    public func head() async throws(DeskFault) -> String {
        let answer = try await ask("dip_events")
        guard let cursor = answer["cursor"]?.string else { throw strange("dip_events") }
        return cursor
    }

    /// To whom and how much was issued under a reference.
    public func issued(
        _ token: Address, under reference: Hash32
    ) async throws(DeskFault) -> (to: Address, amount: UInt128)? {
        let call = DeskCall.encoded(IBanks.Function.issuedAt, words: 2) {
            $0.write(token)
            $0.write(word: reference)
        }
        guard let height = Hash32(try await read(.banks, call))?.number, height > 0 else {
            return nil
        }
        let filter: JSON = [
            "address": .string(Address.banks.hex), "fromBlock": .quantity(height),
            "toBlock": .quantity(height),
            "topics": [
                .string(IBanks.Event.issued.topic.hex), .string(Hash32(word: token).hex), nil,
                .string(reference.hex),
            ],
        ]
        let logs: JSON
        do {
            logs = try await client.call("eth_getLogs", .array([filter]))
        } catch .method(let error) where Self.isGone(error) {
            // To wait for it would hold up all else, for ever.
            return nil
        } catch { throw .node(error) }
        guard let log = logs[0],
            let to = log["topics"]?[2]?.string.flatMap({ Hash32(hex: $0) })?.address,
            let data = log["data"]?.data, let amount = Hash32(data.prefix(32))?.number
        else { throw strange("eth_getLogs") }
        return (to, amount)
    }

    /// The order of a number.
    public func order(_ id: UInt64) async throws(DeskFault) -> OrderFacts? {
        // An error is none of an order that is not there: the node may have too much to do.
        let order = try await ask("dip_order", .integer(id))
        guard !order.isNull else { return nil }
        guard let buyer = order["buyer"]?.string.flatMap({ Address(hex: $0) }),
            let token = order["token"]?.string.flatMap({ Address(hex: $0) }),
            let outstanding = Self.whole(order["outstanding"])
        else { throw strange("dip_order") }
        let isOpen = order["status"]?.string == "open"
        return OrderFacts(buyer: buyer, token: token, outstanding: isOpen ? outstanding : 0)
    }
}
