import Execution
import Gateway
import JSON
import Ledger
import Tokens

/// An account's movements, newest first: `dip_statement`.
///
/// Each token's cell remembers the block that wrote it last, and each block the one before; the statement
/// follows these chains and reads nothing else, however long the ledger is.
struct Statement {
    /// A movement; of its block only what is told of it, since a page can be of a thousand large ones.
    private struct Entry {
        let height: UInt64
        let timeMillis: UInt64
        let index: Int
        /// The transaction, once the entry is one of the page.
        var transaction: Hash32?
        let place: Int
        let payment: Payment
        let balance: UInt128
    }

    /// How many tokens an account is looked up in where none is named.
    private static let tokenLimit = 10_000

    private let context: RPCContext
    private let account: Address
    private let first: UInt64
    private let last: UInt64
    /// Whether there is no block in the range, as where it ends before genesis.
    private let isEmpty: Bool
    private let limit: Int
    private let token: TokenInfo?
    private let cursor: StatementCursor?

    /// Reads the parameters.
    init(_ context: RPCContext, _ params: RPCParams) throws(RPCError) {
        self.context = context
        account = try params.address(0, "account")
        first =
            try params.find(1, "from").flatMap { json throws(RPCError) in
                try context.height(json, "from", roundingUp: true)
            } ?? 0
        // Up to one block for all tokens: they are looked up in pieces, and what came between two of these would be
        // there of some tokens and lacking of others.
        let head = context.node.head.header.height
        var end: UInt64? = head
        if let json = params.find(2, "to") {
            end = try context.height(json, "to", roundingUp: false)
        }
        last = min(end ?? 0, head)
        isEmpty = end == nil || first > last
        let page = params.find(3, "page") ?? .object([])
        guard page.object != nil else {
            throw params.wrong(3, "page", "an object with token, limit and cursor")
        }
        let limit = page["limit"].map { $0.quantity ?? $0.unsigned } ?? 100
        guard let limit, limit > 0, limit <= 1_000 else {
            throw params.wrong(3, "page.limit", "a number from 1 to 1000")
        }
        self.limit = Int(limit)
        token = try page["token"].map { json throws(RPCError) in
            guard let address = json.address else {
                throw params.wrong(3, "page.token", "an address")
            }
            return try context.token(address)
        }
        cursor = try page["cursor"].map { json throws(RPCError) in
            guard let cursor = json.string.flatMap({ StatementCursor($0) }) else {
                throw params.wrong(3, "page.cursor", "the next of the page before")
            }
            return cursor
        }
    }

    /// Writes one page.
    func write(to writer: inout JSONWriter) throws(RPCError) {
        guard !isEmpty else { return try write([], nil, to: &writer) }
        var walks = try start()
        var entries: [Entry] = []
        var skip = cursor?.skip ?? 0
        var next: StatementCursor?
        var steps = 0
        while let height = walks.map(\.height).max(), height >= first {
            steps += 1
            if walks.allSatisfy(\.isAtEnd) { break }
            let bytes = walks.reduce(0) { $0 + $1.walk.bytes }
            guard steps <= context.limits.walkBlocks, bytes < context.limits.walkBytes else {
                next = StatementCursor(skip: 0, walks)
                break
            }
            let before = walks
            let (block, found) = try entriesOfBlock(&walks, height)
            let room = limit - entries.count
            entries += found.dropFirst(skip).prefix(room).map { entry in
                var entry = entry
                if let block, entry.index < block.transactions.count {
                    entry.transaction = Keccak256.hash(block.transaction(entry.index))
                }
                return entry
            }
            if found.count - skip > room {
                next = StatementCursor(skip: skip + room, before)
                break
            }
            skip = 0
        }
        try write(entries, next, to: &writer)
    }

    // MARK: Walking

    /// The chains of all tokens that the account ever had, each at its newest block within the range.
    private func start() throws(RPCError) -> [StatementWalk] {
        if let cursor { return try resume(cursor) }
        var ids: [TokenID] = []
        if let token {
            ids = [token.id]
        } else {
            let count = Int(context.reading { $0.tokens.count })
            guard count < Self.tokenLimit else {
                throw .limitExceeded(
                    "there are \(count) tokens: name the one you want in page.token")
            }
            ids = (0...count).map { TokenID(rawValue: UInt32($0)) }
        }
        var walks: [StatementWalk] = []
        for start in stride(from: 0, to: ids.count, by: 128) {
            let piece = ids[start..<min(start + 128, ids.count)]
            walks += context.reading { machine in
                piece.compactMap { id in
                    let key = id.balanceKey(account)
                    let cell = machine.state.peek(key)
                    guard cell != Cell() else { return nil }
                    return StatementWalk(id, CellWalk(key, cell))
                }
            }
        }
        var steps = 0
        for index in walks.indices {
            while walks[index].height > last {
                steps += 1
                guard steps <= context.limits.walkBlocks else {
                    throw .limitExceeded(
                        "the account changed in more than \(context.limits.walkBlocks) blocks after "
                            + "block \(last); ask for a later end")
                }
                guard walks.reduce(0, { $0 + $1.walk.bytes }) < context.limits.walkBytes else {
                    throw .limitExceeded(
                        "too much has to be read to come to block \(last); ask for a later end")
                }
                try walks[index].walk.step(context)
            }
            walks[index].endIfEmpty()
        }
        return walks
    }

    private func resume(_ cursor: StatementCursor) throws(RPCError) -> [StatementWalk] {
        let count = context.reading { $0.tokens.count }
        let head = context.node.head.header.height
        var walks: [StatementWalk] = []
        for (id, height) in cursor.places {
            let token = TokenID(rawValue: id)
            let key = token.balanceKey(account)
            guard id <= count, height <= head,
                let change = try context.published(at: height).change(of: key)
            else { throw .invalidParams("page.cursor: not one of this account") }
            walks.append(StatementWalk(token, CellWalk(key, change.cell)))
        }
        return walks
    }

    /// The entries of a block, newest first, and moves the chains that lead through it on.
    private func entriesOfBlock(
        _ walks: inout [StatementWalk], _ height: UInt64
    ) throws(RPCError) -> (block: StoredBlock?, entries: [Entry]) {
        var balances: [TokenID: UInt128] = [:]
        var block: StoredBlock?
        for index in walks.indices where walks[index].height == height && !walks[index].isAtEnd {
            balances[walks[index].token] = walks[index].walk.cell.amount
            block = try walks[index].walk.step(context)
            if height == 0 { walks[index].isAtEnd = true }
            walks[index].endIfEmpty()
        }
        guard let block else { return (nil, []) }
        let timeMillis = block.header.timeMillis
        guard height > 0 else {
            let entries = balances.sorted { $0.key < $1.key }.filter { $0.value > 0 }.map {
                let payment = Payment(
                    kind: .genesis, token: $0.key, from: .zero, to: account, amount: $0.value)
                return Entry(
                    height: height, timeMillis: timeMillis, index: 0, place: 0, payment: payment,
                    balance: $0.value)
            }
            return (block, entries)
        }
        var entries: [Entry] = []
        for (place, found) in try movements(in: block).enumerated().reversed() {
            guard let token = found.payment.token, let balance = balances[token] else { continue }
            entries.append(
                Entry(
                    height: height, timeMillis: timeMillis, index: found.index, place: place,
                    payment: found.payment, balance: balance))
            let change = found.payment.change(of: account)
            balances[token] = balance &- change.added &+ change.taken
        }
        return (block, entries)
    }

    /// What changed the account's balances in a block, in order.
    private func movements(
        in block: StoredBlock
    ) throws(RPCError) -> [(index: Int, payment: Payment)] {
        let isContract = account.isNativeContract
        return try RPCContext.decoding { () throws(DecodingFault) in
            var found: [(index: Int, payment: Payment)] = []
            for index in 0...block.transactions.count {
                let effects = try block.record(index).effects
                // Effects name accounts byte for byte, but leave contracts of the ledger out.
                guard isContract || effects.mentions(account) else { continue }
                // What orders pay to orders changes nobody's balance, so nobody has to look for its token.
                for payment in Payment.payments(of: effects, token: { _ in nil })
                where payment.change(of: account) != (0, 0) {
                    found.append((index, payment))
                }
            }
            return found
        }
    }

    // MARK: Writing

    private func write(
        _ entries: [Entry], _ next: StatementCursor?, to writer: inout JSONWriter
    ) throws(RPCError) {
        let ids = Set(entries.compactMap(\.payment.token))
        let tokens = context.reading { machine in
            Dictionary(uniqueKeysWithValues: ids.map { ($0, machine.tokens.info($0)) })
        }
        writer.object { writer in
            writer.key("entries")
            writer.array(of: entries) { writer, entry in
                guard let token = entry.payment.token.flatMap({ tokens[$0] }) else { return }
                write(entry, token, to: &writer)
            }
            if let next { writer.member("next", string: next.text) }
        }
    }

    private func write(_ entry: Entry, _ token: TokenInfo, to writer: inout JSONWriter) {
        let payment = entry.payment
        let change = payment.change(of: account)
        writer.object { writer in
            writer.member("block", number: entry.height)
            writer.member("time", number: entry.timeMillis / 1000)
            if let transaction = entry.transaction {
                writer.member("transaction", hash: transaction)
            }
            writer.member("index", number: entry.place)
            writer.member("token", address: token.address)
            writer.member("symbol", string: token.symbol)
            writer.member("decimals", number: token.decimals)
            writer.member("kind", string: payment.kind.rawValue)
            writer.member(
                "amount", string: change.taken > 0 ? "-\(change.taken)" : "\(change.added)")
            writer.member("balance", amount: entry.balance)
            let other = payment.counterparty(of: account)
            if other != .zero { writer.member("counterparty", address: other) }
            if let order = payment.order { writer.member("order", number: order) }
            if let line = payment.line { writer.member("line", number: line) }
            if let id = payment.redemption { writer.member("redemption", number: id) }
            if let reference = payment.reference { writer.member("reference", hash: reference) }
        }
    }
}

extension ArraySlice<UInt8> {
    /// Whether an account's 20 bytes stand somewhere in these.
    fileprivate func mentions(_ account: Address) -> Bool {
        withUnsafeBytes { bytes in
            guard bytes.count >= 20 else { return false }
            for offset in 0...(bytes.count - 20) {
                let high = bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
                guard high.bigEndian == account.high else { continue }
                let middle = bytes.loadUnaligned(fromByteOffset: offset + 8, as: UInt64.self)
                let low = bytes.loadUnaligned(fromByteOffset: offset + 16, as: UInt32.self)
                if middle.bigEndian == account.middle, low.bigEndian == account.low { return true }
            }
            return false
        }
    }
}
