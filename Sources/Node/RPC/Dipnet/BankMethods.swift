import Execution
import Gateway
import JSON
import Ledger
import Tokens

/// Banks, their deposit tokens, and redemptions.
extension RPCMethods {
    mutating func addBanks(_ context: RPCContext) {
        offloaded("dip_banks") { _, writer in
            let now = context.now
            let banks = context.reading { BankObject.all($0, now: now) }
            writer.array(of: banks) { writer, bank in bank.write(to: &writer) }
        }
        offloaded("dip_redemption") { (request, writer) throws(RPCError) in
            let id = try request.params().quantity64(0, "id")
            guard let found = context.reading({ RedemptionObject(id, $0) }) else {
                return writer.null()
            }
            found.write(to: &writer)
        }
        offloaded("dip_redemptions") { (request, writer) throws(RPCError) in
            try context.writeRedemptions(try request.params(), to: &writer)
        }
    }
}

/// A bank with its deposit tokens, read at once.
private struct BankObject {
    struct Deposit {
        let info: TokenInfo
        let record: DepositRecord
        let inFlight: UInt128
        let issuedToday: UInt128
        let reserve: ReserveAttestation?
        let accepted: [Accepted]
    }

    /// What the bank takes at par for the token.
    struct Accepted {
        let token: Address
        let limit: UInt128
        let inHand: UInt128
    }

    let view: IBanks.Bank
    let checker: Address
    let deposits: [Deposit]

    /// The banks of the consortium, then those that left and have deposit tokens.
    ///
    /// What was issued today counts for the day of `now`, the time that the next block would have, in seconds.
    static func all(_ machine: Machine, now: UInt64) -> [BankObject] {
        var accounts = machine.bankSet.banks.map(\.operator)
        for token in machine.banks.depositTokens {
            guard let deposit = machine.banks.deposit(token),
                let bank = machine.banks.record(of: deposit), !accounts.contains(bank.operator)
            else { continue }
            accounts.append(bank.operator)
        }
        return accounts.map { BankObject($0, machine, now: now) }
    }

    private init(_ account: Address, _ machine: Machine, now: UInt64) {
        let record = machine.banks.record(operatedBy: account)
        view = machine.banks.view(of: account)
        checker = record?.checker ?? .zero
        deposits = (record?.tokens ?? []).compactMap { token in
            machine.banks.deposit(token).map { deposit in
                Deposit(
                    info: machine.tokens.info(token), record: deposit,
                    inFlight: machine.tokens.balance(of: .banks, in: token),
                    issuedToday: deposit.issued(onDayOf: now),
                    reserve: machine.banks.reserve(of: token),
                    accepted: machine.banks.acceptances(for: token).map {
                        Accepted(
                            token: machine.tokens.address(of: $0.other), limit: $0.limit,
                            inHand: machine.tokens.balance(of: account, in: $0.other))
                    })
            }
        }
    }

    func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("operator", address: view.operator)
            writer.member("name", string: view.name)
            if !view.bic.isEmpty { writer.member("bic", string: view.bic) }
            writer.member("active", bool: view.active)
            if checker != .zero { writer.member("checker", address: checker) }
            writer.key("tokens")
            writer.array(of: deposits) { writer, deposit in
                writer.object { deposit.write(to: &$0) }
            }
        }
    }
}

extension BankObject.Deposit {
    fileprivate func write(to writer: inout JSONWriter) {
        writer.member("address", address: info.address)
        writer.member("symbol", string: info.symbol)
        writer.member("decimals", number: info.decimals)
        writer.member("currency", string: "\(record.currency)")
        writer.member("supply", amount: info.supply)
        writer.member("inFlight", amount: inFlight)
        writer.member("perDay", amount: record.perDay)
        writer.member("issuedToday", amount: issuedToday)
        if !accepted.isEmpty {
            writer.key("accepted")
            writer.array(of: accepted) { writer, one in
                writer.object { writer in
                    writer.member("token", address: one.token)
                    writer.member("limit", amount: one.limit)
                    writer.member("inHand", amount: one.inHand)
                }
            }
        }
        guard let reserve else { return }
        writer.key("reserve")
        writer.object { writer in
            writer.member("statementBalance", amount: reserve.statementBalance)
            writer.member("supply", amount: reserve.supply)
            writer.member("statement", hash: reserve.statement)
            writer.member("asOf", number: reserve.asOf)
            writer.member("attestedAt", number: reserve.since)
        }
    }
}

/// A redemption as `dip_*` methods write it.
private struct RedemptionObject {
    let id: UInt64
    let redemption: Redemption
    let token: TokenInfo

    /// A redemption, nil if there is none.
    init?(_ id: UInt64, _ machine: Machine) {
        guard let redemption = machine.tokens.peekRedemption(id) else { return nil }
        self.id = id
        self.redemption = redemption
        token = machine.tokens.info(redemption.token)
    }

    func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("id", number: id)
            writer.member("state", string: "\(redemption.state)")
            writer.member("token", address: token.address)
            writer.member("symbol", string: token.symbol)
            writer.member("decimals", number: token.decimals)
            writer.member("owner", address: redemption.owner)
            writer.member("amount", amount: redemption.amount)
            writer.member("payout", hash: redemption.payout)
            writer.member("deadline", number: redemption.deadline)
        }
    }
}

/// Which redemptions are wanted.
private struct RedemptionFilter {
    private var token: Address?
    private var owner: Address?
    private var state: String?

    init(_ json: JSON?) throws(RPCError) {
        guard let json, !json.isNull else { return }
        guard let members = json.object else {
            throw .invalidParams("filter: expected an object")
        }
        for member in members where !member.value.isNull {
            switch member.name {
            case "token", "owner":
                guard let account = member.value.address else {
                    throw .invalidParams("filter.\(member.name): expected an address")
                }
                if member.name == "token" { token = account } else { owner = account }
            case "state":
                let states = IBanks.Redemption.allCases.dropFirst().map { "\($0)" }
                guard let text = member.value.string, states.contains(text) else {
                    throw .invalidParams(
                        "filter.state: expected one of \(states.joined(separator: ", "))")
                }
                state = text
            default:
                throw .invalidParams("filter.\(member.name): expected token, owner or state")
            }
        }
    }

    func wants(_ object: RedemptionObject) -> Bool {
        if let token, object.token.address != token { return false }
        if let owner, object.redemption.owner != owner { return false }
        if let state, "\(object.redemption.state)" != state { return false }
        return true
    }
}

extension RPCContext {
    /// How many redemptions one call looks at, and how many at a time, so that blocks do not wait.
    private static let (redemptionsMax, redemptionsAtOnce): (UInt64, UInt64) = (10_000, 100)

    fileprivate func writeRedemptions(
        _ params: RPCParams, to writer: inout JSONWriter
    ) throws(RPCError) {
        let filter = try RedemptionFilter(params.find(0, "filter"))
        let first = max(try params.start(1), 1)
        let limit = try params.limit(2, absent: 100, most: 1_000)
        let count = reading { $0.tokens.redemptionCount }
        var found: [RedemptionObject] = []
        var next = first
        while next <= count, found.count < limit, next - first < Self.redemptionsMax {
            let ids = next...min(next + Self.redemptionsAtOnce - 1, count)
            let some = reading { machine in
                ids.lazy.compactMap { RedemptionObject($0, machine) }.filter(filter.wants)
                    .prefix(limit - found.count).map(\.self)
            }
            found += some
            next = found.count == limit ? (found.last?.id ?? 0) + 1 : ids.upperBound + 1
        }
        writer.object { writer in
            writer.key("redemptions")
            writer.array(of: found) { writer, object in object.write(to: &writer) }
            writer.member("count", number: count)
            if next <= count { writer.member("next", number: next) }
        }
    }
}
