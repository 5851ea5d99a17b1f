import BankDesk
import ISO20022
import JSON
import Ledger
import SupplyChain

/// What really happened, as the bank's files, the desk's journal and the ledger say it; each is checked against the
/// others and the plan.
struct BankDemoResult {
    /// What one firm got in its account at a bank.
    struct Firm {
        let name: String
        let tier: Int
        /// The last digits of its account.
        let account: String
        let paid: UInt128
        let redemptions: [UInt64]
    }

    /// The books at the end of a day.
    struct Evening {
        let books: Reconciliation
        /// The balance that the ledger shows to everybody.
        let attested: UInt128
    }

    /// How it went.
    struct Course {
        let aside: Case
        let asideMoney: Money
        let payments: [CoreSystem.Payment]
        let files: Int
        let redemptions: [Journal.Redemption]
        let evenings: [Evening]
        /// From the notification in the inbox to the last payment order in the outbox.
        let duration: Duration
    }

    let firms: [Firm]
    let course: Course
    let cash: UInt128
    let token: Address

    /// Reads the ledger and compares all three.
    ///
    /// - Throws: ``Failure`` with every difference.
    init(_ demo: BankDemo, orders ids: [UInt64], _ course: Course) async throws {
        let (plan, ledger) = (demo.plan, demo.chain.ledger)
        token = demo.desk.settings.token
        cash = plan.cash
        self.course = course
        var check = Check()
        for (order, id) in zip(try await ledger.orders(ids), ids) {
            check.that("order \(id) is closed", order["status"]?.string == "closed")
        }
        let accounts = demo.chain.firms.map(\.address)
        let left = try await ledger.balances(
            accounts + [demo.chain.buyer.address, .orders, .banks], of: token)
        check.that("nobody has tokens left", left.allSatisfy { $0 == 0 })
        let supply = try await ledger.supply(of: token)
        check.that("there are no tokens left", supply == 0)

        let payments = Dictionary(grouping: course.payments, by: \.redemption)
        check.that("no redemption is paid twice", payments.values.allSatisfy { $0.count == 1 })
        var firms: [Firm] = []
        for (planned, account) in zip(plan.firms, accounts) {
            let own = course.redemptions.filter { $0.owner == account }
            let customer = try demo.desk.journal.customer(at: account)
            let paid = own.compactMap { payments[$0.id]?.first }
            let sum = paid.reduce(0) { $0 + $1.money.amount.units }
            check.that("\(planned.name) has what its own stage costs", sum == planned.kept)
            check.that(
                "\(planned.name) is paid what it redeemed",
                sum == own.reduce(0) { $0 + $1.amount })
            check.that(
                "\(planned.name) is paid to its own account",
                paid.allSatisfy { $0.account == customer?.account })
            firms.append(
                Firm(
                    name: planned.name, tier: planned.tier,
                    account: AccountNumber.hint(customer?.account ?? ""), paid: sum,
                    redemptions: own.map(\.id).sorted()))
        }
        check.that(
            "what came in has left",
            course.payments.reduce(0) { $0 + $1.money.amount.units } == plan.cash)
        for evening in course.evenings {
            check.that("\(evening.books.day): the books balance", evening.books.isBalanced)
            check.that(
                "\(evening.books.day): the reserve is the statement's balance",
                Int128(clamping: evening.attested) == evening.books.balance)
        }
        try check.finish()
        self.firms = firms
    }

    /// One object, amounts as numbers in whole units of the currency.
    func json(_ plan: SettlementPlan) -> JSON {
        func number(_ units: UInt128) -> JSON { .number(plan.decimal(units).description) }
        return [
            "firms": .array(
                firms.map { firm in
                    [
                        "name": .string(firm.name), "tier": .integer(firm.tier),
                        "account": .string(firm.account), "paid": number(firm.paid),
                        "redemptions": .array(firm.redemptions.map { .integer($0) }),
                    ]
                }),
            "cash": number(cash), "gross": number(plan.gross),
            "payments": .integer(course.payments.count), "files": .integer(course.files),
            "aside": [
                "amount": .string(course.asideMoney.decimal),
                "currency": .string("\(course.asideMoney.currency)"),
                "reason": .string(course.aside.reason), "text": .string(course.aside.text),
            ],
            "evenings": .array(
                course.evenings.map { evening in
                    .object(
                        (evening.books.json.object ?? [])
                            + [.init("attested", .string(String(evening.attested)))])
                }),
            "milliseconds": .number(course.duration.milliseconds.description),
        ]
    }

    // MARK: For a person

    /// The lines for a bank's director.
    func text(_ plan: SettlementPlan) -> [String] {
        func money(_ units: UInt128) -> String { plan.decimal(units).grouped(places: 2) }
        let rows = firms.map { firm in
            [
                firm.name, "\(firm.tier)", firm.account, money(firm.paid),
                firm.redemptions.map(String.init).joined(separator: ", "),
            ]
        }
        let table = Output.lines(
            ofTable: ["firm", "tier", "account", "paid \(DemoBank.symbol)", "redemption"], rows,
            right: [1, 3])
        let aside =
            "\(course.asideMoney) that came as the bank sent it waits for a person: "
            + course.aside.text
        return [""] + table + [
            "",
            "One transfer of \(money(cash)) came in with an order's reference. "
                + "\(firms.count) firms in \(plan.tiers) tiers",
            "have their money in their accounts, and none of them did anything for it.",
            "From the notification to \(course.payments.count) payment orders in the outbox: "
                + "\(course.duration.milliseconds) ms.", aside + ".", "",
        ] + books(money) + [
            "",
            "Both days balance to the last cent, and the ledger shows both balances to everybody.",
        ]
    }

    private func books(_ money: (UInt128) -> String) -> [String] {
        func row(_ name: String, _ value: (Evening) -> UInt128) -> [String] {
            [name] + course.evenings.map { money(value($0)) }
        }
        return Output.lines(
            ofTable: ["at the end of"] + course.evenings.map(\.books.day),
            [
                row("balance by the bank's statement") { $0.books.balance.magnitude },
                row("deposit tokens on the ledger") { $0.books.supply },
                row("  of them on their way out") { $0.books.inFlight },
                row("not explained") { $0.books.unexplained.magnitude },
                row("attested on the ledger") { $0.attested },
            ], right: [1, 2])
    }
}
