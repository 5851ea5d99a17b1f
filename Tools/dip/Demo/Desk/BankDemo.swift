import ArgumentParser
import BankDesk
import ISO20022
import JSON
import Ledger
import SupplyChain
import Wallet

/// Settles one unit of a product with money that comes from a bank and goes back to one.
///
/// The bank has a desk, a process beside its node, which gets files and gives files. The demo plays the rest of the
/// bank: the core system with which those files are exchanged.
struct BankDemo {
    /// The currency of the shipped chains.
    static let currency = CurrencyCode("USD")
    /// How much the desk may issue a day without the bank's second key.
    private static let dailyLimit = "100000000"
    private static let buyerName = "Buyer Ltd"

    let plan: SettlementPlan
    let chain: ChainDemo
    let desk: OpenDesk
    let bank: CoreSystem
    private let nodes: DemoNodes
    private let notification: CreditNotification
    private let template: DemoTemplate
    private let currency: CurrencyCode

    // MARK: Before the money

    /// Sets the bank up: desk, token, keys, customers.
    init(_ plan: SettlementPlan, _ nodes: DemoNodes, _ tell: (String) -> Void) async throws {
        guard let currency = Self.currency else { preconditionFailure("USD is a currency") }
        self.plan = plan
        self.nodes = nodes
        self.currency = currency
        let ledger = try await DemoLedger(try nodes.client())
        let operators = try nodes.operators()
        let issuer = try DemoBank(ledger)
        template = try await DemoTemplate(publishedBy: issuer, operators: operators)
        notification = try CreditNotification()
        tell("the bank opens its desk: a deposit token in \(currency), two keys, a limit a day")
        desk = try await Self.makeDesk(nodes, issuer, notification.account, currency)
        bank = CoreSystem(folder: desk.folder, account: notification.account)
        let buyer = try Self.addBuyer(to: desk)
        chain = try ChainDemo(plan, ledger, operators: operators, buyer: buyer)
        try await ledger.learnNonces(of: [issuer.key.address])
        try await issuer.pay(
            ([buyer] + chain.firms).map { ($0.address, ChainDemo.feeMoney) }, in: .dip)
        tell("\(chain.firms.count) firms give the bank their account numbers, once")
        try await addFirms()
    }

    private static func makeDesk(
        _ nodes: DemoNodes, _ issuer: DemoBank, _ account: AccountID, _ currency: CurrencyCode
    ) async throws -> OpenDesk {
        let checker = try PrivateKey.random()
        try await issuer.pay([(checker.address, ChainDemo.feeMoney)], in: .dip)
        for (name, key) in [("operator.key", issuer.key), ("checker.key", checker)] {
            try PrivateFiles.write(key.hexText, to: "\(nodes.folder)/\(name)")
        }
        try DemoProcess.run(
            [
                "bank", "init", "desk", "--currency", "\(currency)",
                "--account-number", account.text, "--name", "Example Bank",
                "--symbol", DemoBank.symbol, "--key-file", "operator.key",
                "--checker-key-file", "checker.key", "--daily-limit", dailyLimit,
                "--node", nodes.urls[0],
            ], home: nodes.folder)
        var options = try DeskOptions.parse([])
        options.desk = nodes.folder + "/desk"
        return try options.open()
    }

    /// The buyer's key is kept by the bank, and its orders are paid as soon as its money arrives.
    private static func addBuyer(to desk: OpenDesk) throws -> PrivateKey {
        let time = OpenDesk.now
        let address = try desk.keys.makeCustomerKey(time: time)
        _ = try desk.journal.add(
            NewCustomer(
                address: address, isKept: true, name: buyerName, account: account(0),
                fundsOrders: true), desk.settings, at: time)
        guard let key = try desk.keys.customerKey(of: address) else {
            throw Failure.failed("the desk does not have the key that it just made")
        }
        return key
    }

    /// Each firm has what it is paid sent to its account at a bank from now on.
    private func addFirms() async throws {
        var calls: [DemoCall] = []
        for (index, (firm, key)) in zip(plan.firms, chain.firms).enumerated() {
            // Payment orders carry Latin letters and few signs.
            let name = firm.name.replacing("_", with: " ")
            let customer = try desk.journal.add(
                NewCustomer(
                    address: key.address, isKept: false, name: name,
                    account: Self.account(index + 1)), desk.settings, at: OpenDesk.now)
            calls.append(
                DemoCall(by: key, .banks, IBanks.Function.setAutoRedeem, words: 3) {
                    $0.write(desk.settings.token)
                    $0.write(word: customer.payout)
                    $0.write(UInt128(0))
                })
        }
        _ = try await chain.ledger.perform(calls)
    }

    /// A German account number with right check digits.
    private static func account(_ number: Int) -> String {
        let digits = String(500_105_175_000_000_000 + number)
        for check in 2...98 {
            let text = "DE\(check < 10 ? "0" : "")\(check)\(digits)"
            if (try? IBAN(text)) != nil { return text }
        }
        preconditionFailure("one of all check digits is right")
    }

    // MARK: The money's way

    /// Tells the whole story, and checks it against bank, journal and ledger.
    ///
    /// - Parameter tell: gets a line on each step.
    /// - Returns: what they say.
    /// - Throws: ``Failure``, also for every difference.
    func run(_ tell: (String) -> Void) async throws -> BankDemoResult {
        let token = desk.settings.token
        let orders = try await chain.openOrders(template, token: token, tell)
        let days = try Days()
        try nodes.startDesk("desk")
        tell("a credit notification comes from the bank, over \(notification.money)")
        try bank.deliver(notification.original, as: "as-the-bank-sent-it.xml")
        let aside = try await Self.eventually("the notification is put aside") {
            try desk.journal.cases().first { $0.entry != nil }
        }
        tell("put aside for a person: \(aside.text)")

        let paid = Money(Amount(plan.cash), currency)
        let order = PaymentReference.order(orders[0]).text
        let reference = "IN-\(orders[0])"
        tell("the same with \(chain.text(plan.cash)) and the order's reference, \(order)")
        let start = ContinuousClock.now
        try bank.deliver(
            notification.filledIn(
                paid, for: order, by: Self.buyerName, reference: reference, on: days.first),
            as: "the-buyer-paid.xml")
        let files = try await Self.eventually("all suppliers are to be paid") {
            let files = try bank.outbox()
            let sum = files.flatMap(\.payments).reduce(0) { $0 + $1.money.amount.units }
            return sum >= plan.cash ? files : nil
        }
        let duration = ContinuousClock.now - start
        let payments = files.flatMap(\.payments)
        tell("\(payments.count) payment orders are in the outbox, in \(files.count) pain.001")

        let credit = try CoreSystem.credit(paid, reference: reference, on: days.first)
        let evening = try await close(days.first, opening: 0, [credit], tell)
        tell("the bank carries them out: pain.002 accepts, camt.054 tells of each payment")
        for file in files {
            try bank.deliver(bank.accepted(file, at: days.now), as: "accepted-\(file.id).xml")
            try bank.deliver(
                bank.debited(file, on: days.second, at: days.now), as: "booked-\(file.id).xml")
        }
        let redemptions = try await Self.eventually("all redemptions are settled") {
            let all = try desk.journal.redemptions(onlyOpen: false, atMost: 100_000)
            return all.allSatisfy { $0.state == "settled" } ? all : nil
        }
        let debits = try payments.map { try CoreSystem.debit($0, on: days.second) }
        let next = try await close(days.second, opening: plan.cash, debits, tell)
        return try await BankDemoResult(
            self, orders: orders,
            BankDemoResult.Course(
                aside: aside, asideMoney: notification.money, payments: payments,
                files: files.count, redemptions: redemptions, evenings: [evening, next],
                duration: duration))
    }

    /// The bank's day ends: its statement comes, the books are compared, the reserve is attested.
    private func close(
        _ day: CivilDate, opening: UInt128, _ entries: [StatementEntry], _ tell: (String) -> Void
    ) async throws -> BankDemoResult.Evening {
        let statement = try bank.statement(of: day, opening: opening, entries, currency)
        try bank.deliver(statement, as: "statement-\(day).xml")
        let hash = SHA256.hash(statement)
        let attested = try await Self.eventually("the reserve of \(day) is attested") {
            let reserve = try await reserve()
            return reserve.statement == hash ? reserve : nil
        }
        guard let found = try desk.journal.statement(of: day.description) else {
            throw Failure.failed("the desk does not know the statement of \(day)")
        }
        let books = try await Reconciliation(
            found, desk.journal, NodeLedger(chain.ledger.rpc), desk.settings)
        tell("\(day) ends: the books \(books.isBalanced ? "balance" : "do not balance")")
        return BankDemoResult.Evening(books: books, attested: attested.balance)
    }

    /// What the ledger has as the bank's last attestation.
    private func reserve() async throws -> (balance: UInt128, statement: Hash32) {
        let answer = try await chain.ledger.view(.banks, IBanks.Function.reserve, words: 1) {
            $0.write(desk.settings.token)
        }
        var reader = ABIReader(answer)
        let balance = try reader.amount()
        // The supply at that time.
        _ = try reader.amount()
        return (balance, try reader.word())
    }

    /// Asks until there is an answer.
    private static func eventually<Value>(
        _ what: String, _ question: () async throws -> Value?
    ) async throws -> Value {
        let deadline = ContinuousClock.now + .seconds(60)
        while ContinuousClock.now < deadline {
            if let answer = try await question() { return answer }
            try await Task.sleep(for: .milliseconds(50))
        }
        throw Failure.failed("a minute has passed, and it is not so that \(what)")
    }

    /// The day on which the buyer pays, and the one on which its suppliers are paid.
    private struct Days {
        let first: CivilDate
        let second: CivilDate
        let now: MessageTime

        /// Yesterday and today.
        init() throws {
            let seconds = Int(OpenDesk.now)
            guard let first = CivilDate(daysSince1970: seconds / 86_400 - 1),
                let second = CivilDate(daysSince1970: seconds / 86_400),
                let now = MessageTime(millisecondsSince1970: Int64(seconds) * 1000)
            else { throw Failure.failed("the machine's clock is far off") }
            self.first = first
            self.second = second
            self.now = now
        }
    }
}
