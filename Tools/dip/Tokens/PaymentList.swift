import Ledger

/// Payments as a spreadsheet saves them: a receiver and an amount in each line.
struct PaymentList {
    private(set) var receivers: [Address] = []
    private(set) var amounts: [UInt128] = []
    private(set) var total: UInt128 = 0

    /// Reads lines separated by commas, semicolons or tabs.
    ///
    /// - Parameters:
    ///   - text: further columns, empty lines and a first line of titles are passed over.
    ///   - file: its name, for faults.
    ///   - currency: in which the amounts are.
    ///   - names: to look up accounts.
    ///   - inUnits: whether amounts are in smallest units.
    /// - Throws: ``Failure/usage(_:)`` naming the line.
    init(
        _ text: String, _ file: String, _ currency: Currency, _ names: Names, inUnits: Bool = false
    ) throws {
        let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        for (index, line) in lines.enumerated() {
            let cells = Self.cells(line)
            guard cells.contains(where: { !$0.isEmpty }) else { continue }
            let place = "\(file), line \(index + 1)"
            guard cells.count >= 2 else {
                throw Failure.usage(
                    "\(place): a receiver and an amount are wanted, such as dev:2,12.50")
            }
            if index == 0, !cells[1].contains(where: \.isNumber) { continue }
            do {
                try add(names.address(cells[0]), currency.amount(cells[1], inUnits: inUnits))
            } catch {
                throw Failure.usage("\(place): \(error)")
            }
        }
        guard !receivers.isEmpty else { throw Failure.usage("\(file) has no payments") }
    }

    private mutating func add(_ receiver: Address, _ amount: UInt128) throws {
        guard let sum = Amount(total).adding(Amount(amount)) else {
            throw Failure.usage("the amounts add up to more than any amount can be")
        }
        total = sum.units
        receivers.append(receiver)
        amounts.append(amount)
    }

    /// The cells of a line, without quotes and the space around them.
    private static func cells(_ line: Substring) -> [String] {
        var cells = [""]
        var isQuoted = false
        for character in line {
            switch character {
            case "\"": isQuoted.toggle()
            case ",", ";", "\t":
                if isQuoted { cells[cells.count - 1].append(character) } else { cells.append("") }
            default: cells[cells.count - 1].append(character)
            }
        }
        return cells.map { cell in
            var cell = cell[...]
            while cell.first?.isWhitespace == true { cell.removeFirst() }
            while cell.last?.isWhitespace == true { cell.removeLast() }
            return String(cell)
        }
    }
}
