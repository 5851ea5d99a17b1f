import ArgumentParser
import Ledger

/// `dip token batch`.
struct TokenBatch: SendingCommand {
    static let configuration = CommandConfiguration(
        commandName: "batch",
        abstract: "Pay many accounts at once, all or none, from a CSV file.",
        discussion: """
            Each line has a receiver and an amount; further columns, empty lines and a first line \
            of titles are passed over.

              receiver,amount,reference
              mill,1250.50,invoice 17
              0x…,80,invoice 18

              dip token batch EBD payroll.csv --dry-run
            """)

    @OptionGroup var token: TokenAmountOptions

    @Argument(help: "The file; - is the standard input.", completion: .file())
    var file: String

    @OptionGroup var sending: SendingOptions

    func plan(_ session: Session, sender: Address) async throws -> Plan {
        let currency = try await session.currency(token.token)
        let text = String(decoding: try Input.bytes(file), as: UTF8.self)
        var receivers: [Address] = []
        var amounts: [UInt128] = []
        var total = Amount.zero
        for (index, line) in text.split(
            omittingEmptySubsequences: false, whereSeparator: \.isNewline
        ).enumerated() {
            let cells = Self.cells(line)
            guard cells.contains(where: { !$0.isEmpty }) else { continue }
            guard cells.count >= 2 else {
                throw Failure.usage(
                    "\(file), line \(index + 1): a receiver and an amount are wanted")
            }
            if receivers.isEmpty, index == 0, cells[1].allSatisfy({ !$0.isNumber }) { continue }
            do {
                let amount = try currency.amount(cells[1], inUnits: token.units)
                receivers.append(try session.names.address(cells[0]))
                amounts.append(amount)
                guard let sum = total.adding(Amount(amount)) else {
                    throw Failure.usage("the amounts add up to more than any amount can be")
                }
                total = sum
            } catch {
                throw Failure.usage("\(file), line \(index + 1): \(error)")
            }
        }
        guard !receivers.isEmpty else { throw Failure.usage("\(file) has no payments") }
        let call = ContractCall(currency.address, IToken.Function.transferBatch, words: 2) {
            $0.write(array: receivers)
            $0.write(array: amounts)
        }
        return Plan(
            call, "pay \(receivers.count) accounts \(currency.text(total.units)) in all")
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
