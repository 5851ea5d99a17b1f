import Ledger

/// Payments as a spreadsheet saves them: a receiver and an amount in each line.
struct PaymentList {
    private(set) var receivers: [Address] = []
    private(set) var amounts: [UInt128] = []
    private(set) var total: UInt128 = 0

    /// Reads lines whose cells are separated by commas, semicolons or tabs, in all of them by the same.
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
        let separator = Self.separator(of: lines)
        for (index, line) in lines.enumerated() {
            let cells = Self.cells(line, separator)
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

    /// What stands between the cells of all lines: in the first one that has any of them a tab, else a semicolon, else a
    /// comma.
    ///
    /// Where people write 1250,50, spreadsheets put semicolons between cells. Were the comma taken for another one,
    /// 1250 would be paid, or of 1.250,50 even 1.25; so it stays in its cell, which is then refused.
    private static func separator(of lines: [Substring]) -> Character {
        for line in lines {
            var isQuoted = false
            let found = line.filter { character in
                if character == "\"" { isQuoted.toggle() }
                return !isQuoted
            }
            let known: [Character] = ["\t", ";", ","]
            if let separator = known.first(where: { found.contains($0) }) { return separator }
        }
        return ","
    }

    /// The cells of a line, without quotes and the space around them.
    private static func cells(_ line: Substring, _ separator: Character) -> [String] {
        var cells = [""]
        var isQuoted = false
        for character in line {
            switch character {
            case "\"": isQuoted.toggle()
            case separator where !isQuoted: cells.append("")
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
