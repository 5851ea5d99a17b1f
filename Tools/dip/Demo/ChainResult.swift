import JSON
import Ledger
import SupplyChain

/// What really happened on the ledger, read back from it and compared with the plan.
struct ChainResult {
    /// What one firm got and gave.
    struct Firm {
        let name: String
        let tier: Int
        let received: UInt128
        let paidOut: UInt128
        let kept: UInt128
    }

    let firms: [Firm]
    let gross: UInt128
    let cash: UInt128
    let block: UInt64
    let stateHash: String
    let settleMilliseconds: DecimalNumber
    /// The buyer's order.
    let firstOrder: UInt64
    let token: Address

    /// The state's hash after that block, of each bank; nil where there is one bank only.
    let stateHashes: [String]?

    /// How it went.
    struct Course {
        let block: UInt64
        /// From handing the payment over until nothing could undo it.
        let duration: Duration
        let stateHashes: [String]?
    }

    /// Reads balances and orders and compares them with the plan.
    ///
    /// - Throws: ``Failure`` with every difference.
    init(
        _ demo: ChainDemo, token: Address, orders ids: [UInt64], _ course: Course
    ) async throws {
        let (plan, ledger) = (demo.plan, demo.ledger)
        let orders = try await ledger.orders(ids)
        let accounts = demo.firms.map(\.address)
        let balances = try await ledger.balances(accounts, of: token)
        let others = try await ledger.balances([demo.buyer.address, .orders], of: token)
        let supply = try await ledger.supply(of: token)
        var check = Check()

        var received: [Address: UInt128] = [:]
        var paidOut: [Address: UInt128] = [:]
        var gross: UInt128 = 0
        for (order, id) in zip(orders, ids) {
            check.that("order \(id) is closed", order["status"]?.string == "closed")
            let buyer = order["buyer"]?.string.flatMap { Address(hex: $0) }
            for line in order["lines"]?.array ?? [] {
                guard let payee = line["payee"]?.string.flatMap({ Address(hex: $0) }),
                    let paid = line["paid"]?.string.flatMap({ Amount(decimal: $0)?.units })
                else { throw DemoLedger.strange("dip_order", line) }
                received[payee, default: 0] += paid
                if let buyer { paidOut[buyer, default: 0] += paid }
                gross += paid
            }
        }
        var firms: [Firm] = []
        for (index, planned) in plan.firms.enumerated() {
            let account = accounts[index]
            let firm = Firm(
                name: planned.name, tier: planned.tier, received: received[account] ?? 0,
                paidOut: paidOut[account] ?? 0, kept: balances[index])
            check.that(
                "\(firm.name) received what it kept and paid out",
                firm.received == firm.paidOut + firm.kept)
            check.that("\(firm.name) received as planned", firm.received == planned.received)
            check.that("\(firm.name) kept its own stage's cost", firm.kept == planned.kept)
            firms.append(firm)
        }
        check.that("all orders together came to the planned gross", gross == plan.gross)
        check.that("the buyer has paid the price and nothing else", others[0] == 0)
        check.that("orders hold no cash", others[1] == 0)
        check.that("all balances together are the supply", balances.reduce(0, +) == supply)
        check.that("the cash that moved is the supply", plan.cash == supply)
        try check.finish()

        self.firms = firms
        self.gross = gross
        cash = supply - others[0]
        block = course.block
        stateHash = try await ledger.stateHash(ofBlock: course.block)
        stateHashes = course.stateHashes
        settleMilliseconds = course.duration.milliseconds
        firstOrder = ids[0]
        self.token = token
    }

    /// One object, amounts as numbers in whole units of the currency.
    ///
    /// - Parameters:
    ///   - plan: the chain's.
    ///   - loss: what happened to the leader meanwhile.
    /// - Returns: the object.
    func json(_ plan: SettlementPlan, _ loss: LeaderLoss?) -> JSON {
        func number(_ units: UInt128) -> JSON { .number(plan.decimal(units).description) }
        var members: [JSON.Member] = [
            .init(
                "firms",
                .array(
                    firms.map { firm in
                        .object([
                            .init("name", .string(firm.name)), .init("tier", .integer(firm.tier)),
                            .init("received", number(firm.received)),
                            .init("paidOut", number(firm.paidOut)),
                            .init("kept", number(firm.kept)),
                        ])
                    })),
            .init("gross", number(gross)), .init("cash", number(cash)),
            .init("block", .integer(block)),
            .init("settleMilliseconds", .number(settleMilliseconds.description)),
            .init("stateHash", .string(stateHash)),
        ]
        if let stateHashes {
            members.append(.init("stateHashes", .array(stateHashes.map { .string($0) })))
        }
        if let loss, let killed = loss.killed {
            members.append(.init("killedBank", .integer(killed)))
            members.append(
                .init(
                    "killToFinalMilliseconds", .number(loss.killToFinal.milliseconds.description)))
        }
        return .object(members)
    }
}

/// Facts that must hold; says which did not.
struct Check {
    private var failures: [String] = []
    private(set) var count = 0

    mutating func that(_ claim: @autoclosure () -> String, _ holds: Bool) {
        count += 1
        if !holds { failures.append(claim()) }
    }

    /// - Throws: ``Failure`` that lists what did not hold.
    func finish() throws {
        guard !failures.isEmpty else { return }
        let more = failures.count > 20 ? "\n  … and \(failures.count - 20) more" : ""
        throw Failure.failed(
            "the ledger does not say what it should; these do not hold:\n  "
                + failures.prefix(20).joined(separator: "\n  ") + more)
    }
}

extension Duration {
    /// Milliseconds to the microsecond.
    var milliseconds: DecimalNumber {
        let microseconds =
            components.seconds * 1_000_000 + components.attoseconds / 1_000_000_000_000
        return DecimalNumber(digits: UInt128(max(0, microseconds)), scale: 3)
    }
}
