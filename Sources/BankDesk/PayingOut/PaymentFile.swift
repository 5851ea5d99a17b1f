import ISO20022
import Ledger

/// The file with which the desk asks the bank to pay: pain.001.001.09.
enum PaymentFile {
    /// The most that the payments of a file come to, in smallest units: its control sum has 18 digits.
    static let most: UInt128 = 999_999_999_999_999_999

    /// One payment.
    struct Payment {
        let redemption: UInt64
        let amount: UInt128
        let customer: Customer
    }

    /// Composes the file, always the same for the same payments.
    ///
    /// - Parameters:
    ///   - messageID: the batch's.
    ///   - time: when the batch was made, seconds since 1970.
    ///   - payments: in the order of their numbers.
    ///   - settings: the desk's.
    /// - Returns: its bytes.
    /// - Throws: ``WritingFault`` for a name or an account that the message cannot carry.
    static func bytes(
        messageID: String, at time: UInt64, _ payments: [Payment], _ settings: DeskSettings
    ) throws(WritingFault) -> [UInt8] {
        guard let id = MessageID(messageID),
            let created = MessageTime(millisecondsSince1970: Int64(clamping: time) * 1000)
        else { throw .contradiction("the batch's name or time is none") }
        let debtor = Party(name: settings.name)
        guard let debtorAccount = AccountID(settings.account) else {
            throw .empty(element: "DbtrAcct")
        }
        var agent = Institution(bic: BIC(settings.bic))
        if agent.bic == nil { agent.name = settings.name }
        var orders: [PaymentOrder] = []
        for payment in payments {
            guard let endToEnd = MessageID(String(payment.redemption)),
                let account = AccountID(payment.customer.account)
            else { throw .empty(element: "CdtrAcct") }
            var order = PaymentOrder(
                endToEndID: endToEnd, Money(Amount(payment.amount), settings.currency),
                debtor: debtor, debtorAccount: Account(debtorAccount), debtorAgent: agent,
                creditor: Party(name: payment.customer.name), creditorAccount: Account(account),
                executionDate: created.date)
            order.creditorAgent = BIC(payment.customer.agent).map { Institution(bic: $0) }
            order.remittance.lines = ["Dipnet redemption \(payment.redemption)"]
            orders.append(order)
        }
        var message = PaymentInitiation(
            id: id, created: created, initiator: debtor, payments: orders)
        // A debit for each payment tells which one it is.
        message.isBookedAsOne = false
        message.characters = settings.takesAllCharacters ? .unicode : .latin
        return try message.xml()
    }

    /// Those payments that no file could carry; none where the desk's own name or account is what it cannot.
    static func unable(_ payments: [Payment], _ settings: DeskSettings) -> [Payment] {
        func isAble(_ payment: Payment) -> Bool {
            (try? bytes(messageID: "CHECK", at: 0, [payment], settings)) != nil
        }
        guard isAble(sample(settings)) else { return [] }
        return payments.filter { !isAble($0) }
    }

    /// A payment in which only what the desk's settings say can be wrong.
    private static func sample(_ settings: DeskSettings) -> Payment {
        let plain = Customer(
            id: 0, address: .zero, isKept: false, name: "A", account: settings.account, agent: "",
            virtualAccount: nil, payout: .zero, fundsOrders: false, isActive: true)
        return Payment(redemption: 1, amount: 1, customer: plain)
    }

    /// Refuses settings with which no payment file could be written.
    ///
    /// - Throws: ``DeskFault/settings(_:)``.
    static func check(_ settings: DeskSettings) throws(DeskFault) {
        if let fault = AccountNumber.fault(settings.account) {
            throw .settings("the account \(settings.account): \(fault)")
        }
        if !settings.bic.isEmpty, BIC(settings.bic) == nil {
            throw .settings("\(settings.bic) is no BIC")
        }
        do {
            _ = try bytes(messageID: "CHECK", at: 0, [sample(settings)], settings)
        } catch {
            throw .settings("no payment file could be written: \(error)")
        }
    }

    /// Refuses a customer whom no payment file could name.
    ///
    /// - Throws: ``DeskFault/refused(_:)``.
    static func check(_ customer: NewCustomer, _ settings: DeskSettings) throws(DeskFault) {
        if !customer.agent.isEmpty, BIC(customer.agent) == nil {
            throw .refused("\(customer.agent) is no BIC")
        }
        if let fault = AccountNumber.fault(customer.account) {
            throw .refused("the account \(customer.account): \(fault)")
        }
        let payment = Payment(
            redemption: 1, amount: 1,
            customer: Customer(
                id: 0, address: customer.address, isKept: false, name: customer.name,
                account: customer.account, agent: customer.agent, virtualAccount: nil,
                payout: .zero, fundsOrders: false, isActive: true))
        do {
            _ = try bytes(messageID: "CHECK", at: 0, [payment], settings)
        } catch {
            guard case .character(_, let scalar) = error else {
                throw .refused("a payment order could not name the customer: \(error)")
            }
            let character =
                Unicode.Scalar(scalar).map { "'\($0)'" } ?? "U+\(String(scalar, radix: 16))"
            throw .refused(
                "a payment order could not name the customer: \(character) is none of the Latin letters, digits "
                    + "and common signs that every bank takes, nor like one. Write the name in Latin letters, or, where "
                    + "the bank takes all scripts, set takesAllCharacters in desk.json")
        }
    }
}
