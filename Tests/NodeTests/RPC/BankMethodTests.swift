import Execution
import Gateway
import JSON
import Ledger
import Testing

@testable import Node

/// Fiat in and out, as programs see it.
@Suite struct BankMethodTests {
    /// East's token in CNY, and the calls that made it one; key 0 operates the bank, key 1 checks.
    private func open(_ node: RPCTestNode) async throws -> Address {
        var writer = ABIWriter(selector: ITokens.Function.create.rawValue, words: 1)
        writer.write(
            ITokens.NewToken(
                name: "East Yuan", symbol: "EAST", decimals: 2, cap: 0, initialSupply: 0,
                controls: 31, uri: ""))
        let receipt = try await node.send(from: 0, to: .tokens, data: writer.finish())
        let token = try #require(receipt["output"]?.data.flatMap { Hash32($0)?.address })
        let word = Hash32(word: token)
        var set = ABIWriter(selector: IBanks.Function.setDepositToken.rawValue, words: 2)
        set.write(token)
        set.write(fixedBytes: Array("CNY".utf8))
        try await done(node, 0, set.finish())
        try await done(
            node, 0,
            node.data(IBanks.Function.setChecker.rawValue, Hash32(word: node.keys[1])))
        let limit = node.data(
            IBanks.Function.setIssueLimit.rawValue, word, Hash32(word: 10_000 as UInt128))
        try await done(
            node, 1, node.data(IBanks.Function.approve.rawValue, Keccak256.hash(limit)))
        try await done(node, 0, limit)
        return token
    }

    private func done(_ node: RPCTestNode, _ key: Int, _ data: [UInt8]) async throws {
        let receipt = try await node.send(from: key, to: .banks, data: data)
        #expect(receipt["status"] == "0x1", "\(receipt)")
    }

    private func word(_ number: UInt64) -> Hash32 { Hash32(0, 0, 0, number) }

    @Test func `banks, redemptions, statements and events say the same`() async throws {
        try await RPCTestNode.with { node async throws in
            let token = try await open(node)
            let customer = node.keys[3]
            let reference = Hash32(1, 2, 3, 4)
            try await done(
                node, 0,
                node.data(
                    IBanks.Function.issue.rawValue, Hash32(word: token), Hash32(word: customer),
                    word(900), reference))
            for amount in [200, 100] as [UInt64] {
                try await done(
                    node, 3,
                    node.data(
                        IBanks.Function.redeem.rawValue, Hash32(word: token), word(amount),
                        Hash32(9, 9, 9, 9)))
            }
            try await done(
                node, 0, node.data(IBanks.Function.instruct.rawValue, word(1), word(77)))
            try await done(
                node, 0, node.data(IBanks.Function.settle.rawValue, word(1), word(78)))
            try await done(
                node, 0,
                node.data(
                    IBanks.Function.attestReserve.rawValue, Hash32(word: token), word(700),
                    word(5), word(1)))

            let banks = try await node.call("dip_banks")
            let bank = try #require(banks.array?.first)
            #expect(bank["active"] == true && bank["checker"]?.address == node.keys[1])
            let entry = try #require(bank["tokens"]?.array?.first)
            #expect(entry["currency"] == "CNY" && entry["address"]?.address == token)
            #expect(entry["supply"] == "700" && entry["inFlight"] == "100")
            #expect(entry["perDay"] == "10000" && entry["issuedToday"] == "900")
            #expect(entry["reserve"]?["statementBalance"] == "700")
            // The next day begins without a block.
            try await node.call("dip_advanceTime", .integer(86_400))
            let later = try await node.call("dip_banks")
            #expect(later[path: "0", "tokens", "0", "issuedToday"] == "0")

            let first = try await node.call("dip_redemption", .integer(1))
            #expect(first["state"] == "settled" && first["amount"] == "200")
            #expect(first["owner"]?.address == customer)
            #expect(try await node.call("dip_redemption", .integer(3)) == .null)
            let open = try await node.call(
                "dip_redemptions",
                ["state": "requested", "token": .data(token.bytes), "owner": .data(customer.bytes)])
            #expect(open["redemptions"]?.array?.count == 1 && open["count"] == 2)
            #expect(open["redemptions"]?.array?.first?["id"] == 2)
            let page = try await node.call("dip_redemptions", .null, 1, 1)
            #expect(page["next"] == 2 && page["redemptions"]?.array?.count == 1)
            let last = try await node.call("dip_redemptions", .null, 2, 1)
            #expect(last["next"] == nil && last["redemptions"]?.array?.first?["id"] == 2)
            for filter in [["state": "none"], ["bank": "x"], ["owner": 7]] as [JSON] {
                let error = try await node.failure("dip_redemptions", filter)
                #expect(error.code == -32602)
            }

            let statement = try await node.call("dip_statement", .data(customer.bytes))
            let kinds = statement["entries"]?.array?.filter { $0["token"]?.address == token }
                .compactMap { $0["kind"]?.string }
            #expect(kinds == ["redemption", "redemption", "issue"])
            #expect(
                statement["entries"]?.array?.last { $0["token"]?.address == token }?["reference"]?
                    .hash == reference)
            let ours = try await node.call("dip_statement", .data(Address.banks.bytes))
            #expect(
                ours["entries"]?.array?.compactMap { $0["balance"]?.string }
                    == ["100", "300", "200"])

            let events = try await node.call(
                "dip_events", "0:0", ["contracts": [.data(Address.banks.bytes)]])
            let names = events["events"]?.array?.compactMap { $0["event"]?.string }
            #expect(
                names == [
                    "DepositTokenSet", "CheckerSet", "CallApproved", "IssueLimitSet", "Issued",
                    "RedemptionRequested", "RedemptionRequested", "RedemptionInstructed",
                    "RedemptionSettled", "ReserveAttested",
                ])
        }
    }

    @Test func `a redemption returns by itself, and the block says so`() async throws {
        try await RPCTestNode.with { node async throws in
            let token = try await open(node)
            try await done(
                node, 0,
                node.data(
                    IBanks.Function.issue.rawValue, Hash32(word: token), Hash32(word: node.keys[3]),
                    word(5), word(1)))
            try await done(
                node, 3,
                node.data(
                    IBanks.Function.redeem.rawValue, Hash32(word: token), word(5), word(1)))
            _ = try await node.call("dip_advanceTime", .integer(3 * 86_400))
            try await until("the redemption's return") {
                try await node.call("dip_redemption", .integer(1))["state"] == "returned"
            }
            let events = try await node.call(
                "dip_events", "0:0", ["events": ["RedemptionReturned"]])
            #expect(events["events"]?.array?.count == 1)
            #expect(events["events"]?.array?.first?["transaction"] == nil)
        }
    }
}
