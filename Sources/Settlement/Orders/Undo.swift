/// How to undo one change.
enum Undo {
    case head(Order, Order.Head, isFirst: Bool)
    case payment(
        Order, line: Int, front: Int, paid: UInt128, units: UInt128, areClaimsChanged: Bool)
    case line(Order, Int, Line)
    case gates(Order, ContiguousArray<Gate>, Order.Head, isFirst: Bool)
    /// One was added.
    case source(Order)
    /// One was added.
    case child(Order)
    /// Some were taken away.
    case sources(Order, DistinctList<Order.Source>)
    case inserted(Order)
    case account(Account, Account.Record, isFirst: Bool)
    case counters(OrderBook.Counters)
    case progress(OrderBook.Progress)
    case sweep(Sweep)
}
