import JSON
import Ledger
import SupplyChain

/// What the replayed purchase orders came to, read back from the ledger.
struct ReplayResult {
    /// A vendor, carrier or insurer and what it was paid.
    struct Payee {
        let name: String
        let role: String
        let received: UInt128
    }

    let payees: [Payee]
    /// What all orders together were over.
    let ordered: UInt128
    /// What came back to buyers because goods were late.
    let deducted: UInt128
    let late: Int
    let block: UInt64
    let stateHash: String
    let milliseconds: DecimalNumber

    /// Reads balances and orders and compares them with the file.
    ///
    /// - Throws: ``Failure`` with every difference.
    init(_ replay: Replay, _ course: Replay.Course) async throws {
        let expected = try replay.expected()
        let balances = try await replay.ledger.balances(expected.map(\.account), of: course.token)
        let escrow = try await replay.ledger.balances([.orders], of: course.token)[0]
        let issued = try await replay.ledger.supply(of: course.token)
        var check = Check()
        for (party, balance) in zip(expected, balances) {
            check.that(
                "\(party.name) (\(party.role)) has \(Self.money(party.amount)), not"
                    + " \(Self.money(balance))", balance == party.amount)
        }
        check.that("the supply is what was issued", issued == course.supply)
        check.that("orders hold no cash", escrow == 0)
        check.that("all balances together are the supply", balances.reduce(0, +) == course.supply)
        for (order, id) in zip(try await replay.ledger.orders(course.ids), course.ids) {
            check.that("order \(id) is closed", order["status"]?.string == "closed")
        }
        try check.finish()

        payees = zip(expected, balances).compactMap { party, balance in
            party.role == "buyer"
                ? nil : Payee(name: party.name, role: party.role, received: balance)
        }
        ordered = course.supply
        deducted = replay.orders.map(\.refund).reduce(0, +)
        late = replay.orders.count { $0.isLate }
        block = course.lastBlock
        stateHash = try await replay.ledger.stateHash(ofBlock: block)
        milliseconds = course.duration.milliseconds
    }

    static func money(_ cents: UInt128) -> String {
        "\(number(cents).grouped(places: 2)) \(DemoBank.symbol)"
    }

    private static func number(_ cents: UInt128) -> DecimalNumber {
        DecimalNumber(digits: cents, scale: 2)
    }

    /// Several lines for a person.
    func text(_ file: PurchaseOrderFile) -> String {
        func list(_ counts: [PurchaseOrderFile.Count]) -> String {
            counts.map { "\n  \($0.rows)  \($0.reason)" }.joined()
        }
        let unused = file.rows - file.orders.count
        var text = """
            \(file.orders.count) of \(file.rows) lines were ordered, paid into escrow, delivered and \
            settled.
            """
        if !file.remarks.isEmpty { text += "\nAmong them:" + list(file.remarks) }
        text +=
            "\n\(unused) lines were set aside" + (unused == 0 ? "." : " (--json names them):")
            + list(file.setAside)
        let paid = payees.map(\.received).reduce(0, +)
        text += """

            \(late) deliveries were late; the terms gave \(Self.money(deducted)) back to the buyers.
            \(Self.money(paid)) went to \(payees.count { $0.role == "vendor" }) vendors, \
            \(payees.count { $0.role == "carrier" }) carriers and the insurer, the largest:
            """
        for payee in payees.sorted(by: { $0.received > $1.received }).prefix(10) {
            text += "\n  \(Self.money(payee.received))  \(payee.name)"
        }
        text += """

            Read back from the ledger: every balance is what the file says, to the cent, no order is
            open, and \(Self.money(ordered)) is all there is: the books balance.
            Replayed in \(milliseconds) ms, up to block \(block). State \(stateHash)
            """
        return text
    }

    /// One object, amounts as numbers in whole units of the currency.
    func json(_ file: PurchaseOrderFile) -> JSON {
        func amount(_ cents: UInt128) -> JSON { .number(Self.number(cents).description) }
        func counts(_ counts: [PurchaseOrderFile.Count]) -> JSON {
            .array(
                counts.map {
                    [
                        "reason": .string($0.reason), "rows": .integer($0.rows),
                        "ids": .array($0.ids.map { .string($0) }),
                    ]
                })
        }
        return .object([
            .init("rows", .integer(file.rows)), .init("used", .integer(file.orders.count)),
            .init("setAside", counts(file.setAside)), .init("remarks", counts(file.remarks)),
            .init("late", .integer(late)), .init("ordered", amount(ordered)),
            .init("deducted", amount(deducted)),
            .init("paid", amount(payees.map(\.received).reduce(0, +))),
            .init(
                "payees",
                .array(
                    payees.map {
                        [
                            "name": .string($0.name), "role": .string($0.role),
                            "received": amount($0.received),
                        ]
                    })),
            .init("balanced", true), .init("block", .integer(block)),
            .init("replayMilliseconds", .number(milliseconds.description)),
            .init("stateHash", .string(stateHash)),
        ])
    }
}
