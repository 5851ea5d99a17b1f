import Ledger

/// What the book knows of an account: its switch for set-off, and where to find its orders and claims.
///
/// The lists are kept in pages, of which the last, unfinished one is here.
final class Account: Weighed {
    let address: Address
    var record: Record
    /// Whether it is in the book's list of accounts to be written at the end of the block.
    var isDirty = false
    /// At most some 2 KB, so that their number bounds them.
    let weight = 1
    var weighed = 0

    struct Record: Hashable, Sendable {
        /// Whether others may set off its due debts and claims.
        var consents = false
        /// Orders in which it has a part, in the order in which it got it.
        var orders = PagedList()
        /// Lines of which it got claims; those that it no longer holds give their place to new ones.
        var claims = PagedList()
        /// The entry of `claims` that is looked at next, to see whether its place is free.
        var sweep: UInt32 = 0
    }

    /// A list whose full pages are objects of their own.
    struct PagedList: Hashable, Sendable {
        /// All entries.
        var count: UInt32 = 0
        /// Those of the last page; `count` modulo ``pageSize``.
        var tail: [Entry] = []

        static let pageSize: UInt32 = 64
        /// The most entries, a multiple of ``pageSize``: others may put entries in, and a list that is full stays as it
        /// is rather than stop every node.
        static let limit = UInt32.max / pageSize * pageSize
    }

    /// An order, or a line of one.
    struct Entry: Hashable, Sendable {
        let order: UInt64
        /// 0 in lists of orders.
        let line: UInt16
    }

    init(_ address: Address, _ record: Record = Record()) {
        self.address = address
        self.record = record
    }
}

extension Account.Record {
    /// `docs/formats/order.md`, *Accounts*.
    var bytes: [UInt8] {
        var writer = ByteWriter(capacity: 13 + 10 * (orders.tail.count + claims.tail.count))
        writer.write(byte: consents ? 1 : 0)
        writer.write(orders.count)
        writer.write(claims.count)
        writer.write(sweep)
        for entry in orders.tail { writer.write(entry) }
        for entry in claims.tail { writer.write(entry) }
        return writer.bytes
    }

    init(from reader: inout ByteReader) throws(DecodingFault) {
        consents = try reader.read(UInt8.self) == 1
        orders.count = try reader.read()
        claims.count = try reader.read()
        sweep = try reader.read()
        for _ in 0..<(orders.count % Account.PagedList.pageSize) {
            orders.tail.append(try reader.readEntry())
        }
        for _ in 0..<(claims.count % Account.PagedList.pageSize) {
            claims.tail.append(try reader.readEntry())
        }
    }
}

extension ByteWriter {
    mutating func write(_ entry: Account.Entry) {
        write(entry.order)
        write(entry.line)
    }
}

extension ByteReader {
    mutating func readEntry() throws(DecodingFault) -> Account.Entry {
        Account.Entry(order: try read(), line: try read())
    }
}
