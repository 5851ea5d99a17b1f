import Execution
import Ledger
import Settlement
import Storage
import Tokens

/// Writes down every movement of money in the blocks that an audit executes, and compares in the end what the rows
/// come to with the balances.
final class Journal {
    typealias Writing = (JournalEntry) throws(StoreFault) -> Void

    private let machine: Machine
    private let write: Writing
    private var sum = BalanceSum()
    private var tokens: [TokenID: JournalEntry.Token] = [:]

    init(_ machine: Machine, _ write: @escaping Writing) {
        self.machine = machine
        self.write = write
    }

    /// Writes what genesis gave.
    func open(_ allocations: [Genesis.Allocation], _ block: Header) throws(StoreFault) {
        var number: UInt64 = 0
        for allocation in allocations where allocation.amount.units > 0 {
            let payment = Payment(
                kind: .genesis, token: .dip, from: .zero, to: allocation.account,
                amount: allocation.amount.units)
            try enter(payment, nil, &number, block)
        }
    }

    /// Writes what every account has in the state of a checkpoint.
    func open(_ state: StateSnapshot, _ block: Header) throws(StoreFault) {
        var number: UInt64 = 0
        var fault: StoreFault?
        try state.scanCells { key, cell in
            guard key.isBalance, cell.amount > 0 else { return true }
            let payment = Payment(
                kind: .opening, token: TokenID(rawValue: key.space), from: .zero, to: key.address,
                amount: cell.amount)
            do throws(StoreFault) {
                try enter(payment, nil, &number, block)
            } catch {
                fault = error
            }
            return fault == nil
        }
        if let fault { throw fault }
    }

    /// Writes what moved in a block.
    func add(_ block: BookedBlock) throws(StoreFault) {
        var number: UInt64 = 0
        for (effects, transaction) in block.effects where !effects.isEmpty {
            let payments = Payment.payments(of: effects) { machine.orders.token(of: $0) }
            for payment in payments {
                try enter(payment, transaction, &number, block.header)
            }
        }
    }

    private func enter(
        _ payment: Payment, _ transaction: Hash32?, _ number: inout UInt64, _ block: Header
    ) throws(StoreFault) {
        guard let id = payment.token else {
            preconditionFailure("an order that pays another one is in the state with its token")
        }
        let entry = JournalEntry(
            height: block.height, timeMillis: block.timeMillis, number: number,
            transaction: transaction, token: token(id), payment: payment)
        number += 1
        if entry.debit != .zero { sum.take(payment.amount, from: entry.debit, in: id) }
        if entry.credit != .zero { sum.add(payment.amount, to: entry.credit, in: id) }
        try write(entry)
    }

    private func token(_ id: TokenID) -> JournalEntry.Token {
        if let known = tokens[id] { return known }
        let info = machine.tokens.info(id)
        let token = JournalEntry.Token(
            address: info.address, symbol: info.symbol, decimals: info.decimals)
        tokens[id] = token
        return token
    }

    /// Whether the rows come to what every account has in a state.
    func agrees(with state: StateSnapshot) throws(StoreFault) -> Bool {
        var balances = BalanceSum()
        try state.scanCells { key, cell in
            if key.isBalance, cell.amount > 0 {
                balances.add(cell.amount, to: key.address, in: TokenID(rawValue: key.space))
            }
            return true
        }
        return balances == sum
    }
}

extension CellKey {
    /// Whether the cell is an account's balance of a token; the others are what is held for it.
    var isBalance: Bool { space < 1 << 31 }
}
