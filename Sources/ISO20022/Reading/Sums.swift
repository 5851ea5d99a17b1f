import Ledger

/// Adds up the entries of an account.
struct AccountSums {
    var end = AccountEnd()
    var currency: CurrencyCode?
    var opening: Balance?
    var closing: Balance?
    var summary: EntrySummary?
    private var credits = 0
    private var debits = 0

    mutating func add(_ entry: Entry) {
        end.entries += 1
        if entry.direction == .credit { credits += 1 } else { debits += 1 }
        guard entry.status == .booked else { return }
        if entry.direction == .credit { end.bookedCredits += 1 } else { end.bookedDebits += 1 }
        if currency == nil { currency = entry.money.currency }
        if entry.money.currency == currency {
            end.bookedUnits += entry.money.signedUnits(entry.direction)
        } else {
            end.hasOtherCurrencies = true
        }
    }

    func finished() -> AccountEnd {
        var end = end
        if let opening, let closing, !end.hasOtherCurrencies,
            opening.money.currency == closing.money.currency
        {
            end.difference = closing.signedUnits - opening.signedUnits - end.bookedUnits
        }
        if let summary {
            end.summaryAgrees =
                summary.entries ?? end.entries == end.entries
                && summary.credits ?? credits == credits && summary.debits ?? debits == debits
        }
        return end
    }
}

/// Adds up the payments of an entry.
struct EntrySums {
    var end = EntryEnd()
    var entry: Entry?
    /// Payments of the block of details that is being read, and what its batch says of them.
    private var blockCount = 0
    private var blockUnits: Int128 = 0
    private var blockUnsummed = 0
    private var batch: Batch?

    mutating func begin(_ batch: Batch?) {
        self.batch = batch
        if let batch { end.batches.append(batch) }
        blockCount = 0
        blockUnits = 0
        blockUnsummed = 0
    }

    mutating func add(_ transaction: EntryTransaction) {
        end.transactions += 1
        blockCount += 1
        guard let entry, let money = transaction.money, money.currency == entry.money.currency
        else {
            end.unsummed += 1
            blockUnsummed += 1
            return
        }
        let isSame = (transaction.direction ?? entry.direction) == entry.direction
        let units = money.signedUnits(isSame ? .credit : .debit)
        end.units += units
        blockUnits += units
    }

    // Ends a block of details. A batch without payments of its own was not given in detail.
    mutating func finishBlock() {
        guard let batch, blockCount > 0 else { return }
        if let count = batch.transactions, count != blockCount { end.batchesAgree = false }
        if let total = batch.total, blockUnsummed == 0, total.currency == entry?.money.currency,
            total.signedUnits(.credit) != blockUnits
        {
            end.batchesAgree = false
        }
    }

    func finished() -> EntryEnd {
        var end = end
        if let entry, end.transactions > 0, end.unsummed == 0 {
            end.difference = entry.money.signedUnits(.credit) - end.units
        }
        return end
    }
}

/// Adds up the payments of a message or instruction and holds them against what it says.
struct PaymentSums {
    var declaredCount: Int?
    var declaredSum: DecimalSum?
    var declaredTotal: Money?
    private var count = 0
    private var sum = DecimalSum()
    private var currency: CurrencyCode?
    private var hasOtherCurrencies = false

    mutating func add(_ money: Money) {
        count += 1
        sum.add(money)
        if currency == nil { currency = money.currency }
        if currency != money.currency { hasOtherCurrencies = true }
    }

    /// What does not agree, or nil.
    func fault() -> (code: MessageFault.Code, why: String)? {
        if let declaredCount, declaredCount != count {
            return (.count, "<NbOfTxs> says \(declaredCount) transactions, there are \(count)")
        }
        if let declaredSum, declaredSum != sum {
            return (
                .sum, "<CtrlSum> says \(declaredSum.decimal), the amounts add up to \(sum.decimal)"
            )
        }
        if let declaredTotal {
            var total = DecimalSum()
            total.add(declaredTotal)
            guard !hasOtherCurrencies, currency ?? declaredTotal.currency == declaredTotal.currency
            else { return (.sum, "the total is in another currency than the amounts") }
            if total != sum {
                return (
                    .sum, "the total says \(total.decimal), the amounts add up to \(sum.decimal)"
                )
            }
        }
        return nil
    }
}
