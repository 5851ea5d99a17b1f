import Ledger
import SupplyChain

/// Payments as a spreadsheet saves them: a receiver and an amount in each line.
struct PaymentList {
    private(set) var receivers: [Address] = []
    private(set) var amounts: [UInt128] = []
    private(set) var total: UInt128 = 0

    /// Reads lines whose cells are separated by commas, semicolons or tabs, in all of them by the same.
    ///
    /// - Parameters:
    ///   - text: empty lines, a first line of titles and further columns are passed over.
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
        var titles: [String]?
        for (index, line) in lines.enumerated() {
            let cells = Self.cells(line, separator)
            guard cells.contains(where: { !$0.isEmpty }) else { continue }
            let place = "\(file), line \(index + 1)"
            guard cells.count >= 2 else {
                throw Failure.usage(
                    "\(place): a receiver and an amount are wanted, such as dev:2,12.50")
            }
            if index == 0, Self.isTitle(cells, names) {
                titles = cells
                continue
            }
            do {
                try Self.checkEnd(of: cells, separator, titles)
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

    /// Whether a first line has titles: no digits in the place of the amount, and nobody in that of the receiver.
    private static func isTitle(_ cells: [String], _ names: Names) -> Bool {
        !cells[1].contains(where: \.isNumber) && (try? names.address(cells[0])) == nil
    }

    /// Refuses an amount that may go on in the next cell, as 80,50 and 1,250.00 do between commas.
    ///
    /// Titles say which cells there are; without them a number behind the amount may be the rest of it.
    private static func checkEnd(
        of cells: [String], _ separator: Character, _ titles: [String]?
    ) throws {
        guard separator == ",", cells.count > 2, !cells[1].isEmpty, !cells[2].isEmpty else {
            return
        }
        let next = cells[2].prefix { !$0.isWhitespace }
        let isDoubtful =
            titles.map { titles in
                (2..<cells.count).contains { place in
                    place >= titles.count || titles[place].isEmpty && !cells[place].isEmpty
                }
            } ?? (DecimalNumber(next) != nil)
        guard isDoubtful else { return }
        throw Failure.usage(
            "whether \(cells[1]) is paid or \(cells[1]),\(next) is not clear: write amounts with a point, and "
                + "put a line with a title for every cell first, such as receiver,amount,reference")
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
