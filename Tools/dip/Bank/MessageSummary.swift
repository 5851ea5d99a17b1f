import ISO20022
import JSON
import Ledger

/// What is in a message, without anything personal.
struct MessageSummary {
    private(set) var header: MessageHeader?
    /// How many parts there are of each kind, by the word for one and for several.
    private var counts: [(one: String, several: String, count: Int)] = [
        ("account", "accounts", 0), ("entry", "entries", 0), ("transaction", "transactions", 0),
        ("instruction", "instructions", 0), ("transfer", "transfers", 0), ("status", "statuses", 0),
        ("return", "returns", 0),
    ]
    /// Booked credits and debits, transfers and returns, by currency.
    private var sums: [CurrencyCode: (credit: UInt128, debit: UInt128)] = [:]
    /// What the bank says of sums and numbers and does not hold, in words.
    private(set) var differences: [String] = []
    /// How many of them there are; only the first hundred are kept.
    private(set) var differenceCount = 0
    private var entry = 0

    /// Reads a file to its end.
    init(path: String) throws(MessageFault) {
        var reader = try MessageReader(path: path)
        while let part = try reader.next() { take(part) }
    }

    private mutating func take(_ part: MessagePart) {
        switch part {
        case .header(let header): self.header = header
        case .account: count("accounts")
        case .entry(let entry):
            count("entries")
            self.entry += 1
            if entry.status == .booked { add(entry.money, entry.direction) }
        case .transaction: count("transactions")
        case .entryEnd(let end):
            if let difference = end.difference, difference != 0 {
                differ("entry \(entry) is \(difference) units more than its payments")
            }
            if !end.batchesAgree { differ("entry \(entry) has other payments than its batch says") }
        case .accountEnd(let end):
            if let difference = end.difference, difference != 0 {
                differ("the closing balance is \(difference) units more than opening and entries")
            }
            if end.summaryAgrees == false {
                differ("there are other entries than the summary says")
            }
        case .instruction: count("instructions")
        case .transfer(let transfer):
            count("transfers")
            add(transfer.money, .debit)
        case .status: count("statuses")
        case .returned(let returned):
            count("returns")
            add(returned.money, .credit)
        }
    }

    private mutating func count(_ name: String) {
        for index in counts.indices where counts[index].several == name { counts[index].count += 1 }
    }

    private mutating func add(_ money: Money, _ direction: Direction) {
        var sum = sums[money.currency] ?? (0, 0)
        if direction == .credit {
            sum.credit += money.amount.units
        } else {
            sum.debit += money.amount.units
        }
        sums[money.currency] = sum
    }

    private mutating func differ(_ text: String) {
        differenceCount += 1
        if differences.count < 100 { differences.append(text) }
    }

    /// In lines.
    var lines: [String] {
        var lines: [String] = []
        if let header {
            lines.append("\(header.definition) \(Output.clean(header.id)), made \(header.created)")
        }
        let told = counts.filter { $0.count > 0 }.map {
            "\($0.count) \($0.count == 1 ? $0.one : $0.several)"
        }
        if !told.isEmpty { lines.append(told.joined(separator: ", ")) }
        for (currency, sum) in sums.sorted(by: { $0.key < $1.key }) {
            let credit = Money(Amount(sum.credit), currency).decimal
            let debit = Money(Amount(sum.debit), currency).decimal
            lines.append("\(currency): credits \(credit), debits \(debit)")
        }
        lines += differences
        if differenceCount > differences.count {
            lines.append("and \(differenceCount - differences.count) more differences")
        }
        return lines
    }

    /// As programs read it.
    var members: [(String, JSON?)] {
        var members: [(String, JSON?)] = [
            ("message", header.map { .string($0.definition.identifier) }),
            ("id", header.map { .string($0.id) }),
            ("created", header.map { .string("\($0.created)") }),
        ]
        members += counts.map { ($0.several, .integer(UInt64($0.count))) }
        let sums = sums.sorted { $0.key < $1.key }.map { currency, sum in
            JSON.members([
                ("currency", .string("\(currency)")), ("credits", .string("\(sum.credit)")),
                ("debits", .string("\(sum.debit)")),
            ])
        }
        members.append(("sums", .array(sums)))
        members.append(("differences", .array(differences.map { .string($0) })))
        return members
    }
}
