import Ledger
import Tokens

extension OrderBook {
    func run(_ function: IClaims.Function, _ call: Call) throws(Rejection) -> [UInt8] {
        switch function {
        case .transfer, .pledge, .offer, .buy, .withdraw: try runTrade(function, call)
        case .setApprovalForAll, .safeTransferFrom, .safeBatchTransferFrom:
            try runTransfer(function, call)
        default: try runView(function, call)
        }
    }

    private func runTrade(_ function: IClaims.Function, _ call: Call) throws(Rejection) -> [UInt8] {
        let sender = call.sender
        switch function {
        case .transfer:
            let (order, line, to, units) = try call.read(
                UInt64.self, UInt16.self, Address.self, UInt128.self)
            try charge(entries: 1)
            try transferClaim(order: order, line: line, to: to, units: units, from: sender)
        case .pledge:
            let (order, line, child, units) = try call.read(
                UInt64.self, UInt16.self, UInt64.self, UInt128.self)
            try charge(entries: 1)
            try pledge(order: order, line: line, child: child, units: units, by: sender)
        case .offer:
            let offered = try call.read { (reader: inout ABIReader) throws(Rejection) in
                Offer(
                    seller: sender, order: try reader.uint(), line: try reader.uint(),
                    units: try reader.amount(), price: try reader.amount(),
                    // More than there can be is no limit.
                    maxAhead: try reader.word().number ?? .max, onlyTo: try reader.address(),
                    expiry: try reader.uint())
            }
            try state.gas.charge(Gas.newRecord)
            return Returned.of(try offer(offered))
        case .buy:
            let id = try call.read(UInt64.self)
            try charge(entries: 1)
            try state.gas.charge(Gas.payment)
            try buy(offer: id, by: sender)
        default: try withdraw(offer: try call.read(UInt64.self), by: sender)
        }
        return Returned.nothing
    }

    private func runTransfer(
        _ function: IClaims.Function, _ call: Call
    ) throws(Rejection) -> [UInt8] {
        switch function {
        case .setApprovalForAll:
            let (account, isApproved) = try call.read(Address.self, Bool.self)
            try state.gas.charge(Gas.newRecord)
            try setApproval(of: account, isApproved, by: call.sender)
        case .safeTransferFrom:
            let (from, to, id, units) = try call.read {
                (reader: inout ABIReader) throws(Rejection) in
                let values = (
                    try reader.address(), try reader.address(), try reader.word(),
                    try reader.amount()
                )
                // There is no code at accounts that could be told.
                _ = try reader.bytes()
                return values
            }
            try charge(entries: 1)
            try transfer(id, units, from: from, to: to, by: call.sender)
        default:
            let (from, to, ids, amounts) = try call.read {
                (reader: inout ABIReader) throws(Rejection) in
                let values = (
                    try reader.address(), try reader.address(),
                    try reader.array(of: Hash32.self), try reader.array(of: UInt128.self)
                )
                _ = try reader.bytes()
                return values
            }
            guard ids.count == amounts.count else {
                throw .erc1155InvalidArrayLength(
                    ids: UInt64(ids.count), values: UInt64(amounts.count))
            }
            try charge(entries: ids.count)
            var last: UInt128?
            for (id, units) in zip(ids, amounts) {
                let order = id.number.map { $0 >> 16 }
                if order == nil || order != last { try state.gas.charge(Gas.look) }
                last = order
                try transfer(id, units, from: from, to: to, by: call.sender, isListed: true)
            }
        }
        return Returned.nothing
    }

    private func runView(_ function: IClaims.Function, _ call: Call) throws(Rejection) -> [UInt8] {
        switch function {
        case .balanceOf:
            let (account, id) = try call.read(Address.self, Hash32.self)
            var last: Order?
            return Returned.of(try chargedUnits(of: account, id, &last))
        case .balanceOfBatch:
            let (accounts, ids) = try call.read { (reader: inout ABIReader) throws(Rejection) in
                (try reader.array(of: Address.self), try reader.array(of: Hash32.self))
            }
            guard accounts.count == ids.count else {
                throw .erc1155InvalidArrayLength(
                    ids: UInt64(ids.count), values: UInt64(accounts.count))
            }
            try state.gas.charge(UInt64(ids.count) * Gas.visit)
            var balances: [UInt128] = []
            balances.reserveCapacity(ids.count)
            var last: Order?
            for (account, id) in zip(accounts, ids) {
                balances.append(try chargedUnits(of: account, id, &last))
            }
            return Returned.of(array: balances)
        case .isApprovedForAll:
            let (owner, account) = try call.read(Address.self, Address.self)
            return Returned.of(isApproved(account, by: owner))
        case .supportsInterface:
            let id = try call.read { (reader: inout ABIReader) throws(Rejection) in
                Array(try reader.fixedBytes(4))
            }
            // ERC-165 and ERC-1155.
            return Returned.of(id == [0x01, 0xff, 0xc9, 0xa7] || id == [0xd9, 0xb6, 0x7a, 0x26])
        case .holders:
            let (id, index) = try call.read(UInt64.self, UInt16.self)
            let line = try line(index, of: try existing(id))
            try state.gas.charge(UInt64(line.open.count) * Gas.visit)
            return Returned.of(
                array: line.open.map {
                    IClaims.Holding(
                        holder: $0.holder, order: $0.holder.orderID ?? 0, units: $0.units)
                })
        case .offers:
            let id = try call.read(UInt64.self)
            guard let offer = storedOffer(id) else { throw .offerGone(id) }
            return Returned.of(
                IClaims.Offer(
                    seller: offer.seller, order: offer.order, line: offer.line,
                    units: offer.units, price: offer.price, onlyTo: offer.onlyTo,
                    expiry: offer.expiry, open: offer.isOpen))
        default:
            let (account, start, limit) = try call.read(Address.self, UInt64.self, UInt16.self)
            let found = try claims(of: account, from: start, limit: Int(limit), charging: true)
            var writer = ABIWriter(words: 2)
            writer.write(array: found.map(\.id))
            writer.write(array: found.map(\.units))
            return writer.finish()
        }
    }

    // MARK: ERC-1155

    /// Lets another account move all claims of the sender, or no longer.
    ///
    /// - Throws: ``Rejection/erc1155InvalidOperator(_:)`` for the zero address.
    public func setApproval(
        of operator: Address, _ isApproved: Bool, by owner: Address
    ) throws(Rejection) {
        guard `operator` != .zero else { throw .erc1155InvalidOperator(.zero) }
        state.setObject(
            OrderKey.approval(owner: owner, operator: `operator`),
            isApproved ? OrderKey.present : nil)
        record(.approvalForAll(owner: owner, operator: `operator`, isApproved: isApproved))
    }

    /// Whether an account may move all claims of another.
    public func isApproved(_ operator: Address, by owner: Address) -> Bool {
        state.object(OrderKey.approval(owner: owner, operator: `operator`)) != nil
    }

    private func transfer(
        _ id: Hash32, _ units: UInt128, from: Address, to: Address, by sender: Address,
        isListed: Bool = false
    ) throws(Rejection) {
        guard sender == from || isApproved(sender, by: from) else {
            throw .erc1155MissingApprovalForAll(operator: sender, owner: from)
        }
        guard to != .zero else { throw .erc1155InvalidReceiver(to) }
        guard let (order, line) = Self.claim(id) else { throw .unknownOrder(.max) }
        try transferClaim(
            order: order, line: line, to: to, units: units, from: from, operator: sender,
            isListed: isListed)
    }

    /// What an account holds of a claim; whose order is another than the last one, that is paid for.
    private func chargedUnits(
        of account: Address, _ id: Hash32, _ last: inout Order?
    ) throws(Rejection) -> UInt128 {
        guard let (id, line) = Self.claim(id) else { return 0 }
        if last?.id != id {
            try state.gas.charge(Gas.look)
            last = try paid(id, keeping: false)
        }
        guard let order = last else { return 0 }
        return units(of: account, line: line, of: order)
    }

    /// The order and the line that an id stands for; nil where an order's id would not fit.
    private static func claim(_ id: Hash32) -> (order: UInt64, line: UInt16)? {
        guard let number = id.number, let order = UInt64(exactly: number >> 16) else { return nil }
        return (order, UInt16(truncatingIfNeeded: number))
    }
}
