import Ledger
import Tokens

extension OrderBook {
    /// The Ethereum logs that follow from an effect as it was recorded, in order.
    ///
    /// Money that moves into or out of escrow has its Transfer from or to 0x…d102, claims that arise, move or
    /// end have their TransferSingle.
    ///
    /// - Parameters:
    ///   - tag: 0x40 to 0x7f.
    ///   - payload: the effect's bytes, as this module recorded them.
    /// - Returns: one log or more.
    /// - Throws: ``DecodingFault`` for bytes that it did not.
    public static func logs(
        tag: UInt8, payload: ArraySlice<UInt8>
    ) throws(DecodingFault) -> [Log] {
        try SettlementEffect(tag: tag, payload: payload).logs
    }
}

extension SettlementEffect {
    /// The Ethereum logs that follow from it, in order.
    public var logs: [Log] {
        switch self {
        case .paid(let order, let line, let token, let to, let amount, let isHeld):
            [
                .orders(.paid, Hash32(order), Hash32(word: to), Hash32.zero) {
                    $0.write(line)
                    $0.write(amount)
                },
                .moved(order, line, by: .orders, from: to, to: .zero, amount),
                .payout(amount, token, to: to, order, isHeld),
            ]
        case .paidToOrder(let order, let line, let to, let amount):
            [
                .orders(.paid, Hash32(order), Hash32(word: .order(to)), Hash32(to)) {
                    $0.write(line)
                    $0.write(amount)
                },
                .moved(order, line, by: .orders, from: .order(to), to: .zero, amount),
                .funded(to, from: .order(order), amount, fromOrder: order),
            ]
        case .opened(
            let order, let token, let buyer, let price, let template, let isProposal, let claims):
            [
                .orders(.opened, Hash32(order), Hash32(word: buyer), Hash32(word: token.address)) {
                    $0.write(price)
                    $0.write(template)
                }
            ] + (isProposal ? [] : Self.arisen(claims, of: order))
        case .accepted(let order, let claims):
            [.orders(.accepted, Hash32(order))] + Self.arisen(claims, of: order)
        case .declined(let order, let by):
            [.orders(.declined, Hash32(order), Hash32(word: by))]
        case .consentSet(let account, let isOn):
            [.orders(.consentSet, Hash32(word: account)) { $0.write(isOn) }]
        case .funded(let order, let token, let from, let amount):
            [
                .funded(order, from: from, amount, fromOrder: 0),
                TokenLogs.transfer(amount, token: token.address, from: from, to: .orders),
            ]
        case .attested(let order, let gate, let attestor, let bps, let evidence):
            [
                .orders(.attested, Hash32(order), Hash32(word: attestor)) {
                    $0.write(gate)
                    $0.write(bps)
                    $0.write(evidence)
                }
            ]
        case .gateClosed(let order, let gate, let state, let bps):
            [
                .orders(.gateClosed, Hash32(order)) {
                    $0.write(gate)
                    $0.write(state)
                    $0.write(bps)
                }
            ]
        case .voided(let order, let line, let cut):
            [
                .orders(.voided, Hash32(order)) {
                    $0.write(line)
                    // Whoever checks a receipt may have been given any bytes.
                    $0.write(cut.reduce(0 as UInt128) { $0 &+ $1.units })
                }
            ]
                + cut.map {
                    .moved(order, line, by: .orders, from: $0.holder, to: .zero, $0.units)
                }
        case .refunded(let order, let token, let to, let amount, let isHeld):
            [
                .refunded(order, to: to, toOrder: 0, amount),
                .payout(amount, token, to: to, order, isHeld),
            ]
        case .refundedToOrder(let order, let to, let amount):
            [
                .refunded(order, to: .order(to), toOrder: to, amount),
                .funded(to, from: .order(order), amount, fromOrder: order),
            ]
        case .disputed(let order, let gate, let by, let reason):
            [
                .orders(.disputed, Hash32(order), Hash32(word: by)) {
                    $0.write(gate)
                    $0.write(reason)
                }
            ]
        case .resolved(let order, let gate, let bps):
            [
                .orders(.resolved, Hash32(order)) {
                    $0.write(gate)
                    $0.write(bps)
                }
            ]
        case .pledged(let order, let line, let child, let by, let units):
            [
                .orders(.pledged, Hash32(order), Hash32(child)) {
                    $0.write(line)
                    $0.write(units)
                },
                .moved(order, line, by: by, from: by, to: .order(child), units),
            ]
        case .guaranteed(let order, let token, let guarantor, let amount):
            [
                .orders(.guaranteed, Hash32(order), Hash32(word: guarantor)) { $0.write(amount) },
                TokenLogs.transfer(amount, token: token.address, from: guarantor, to: .orders),
            ]
        case .guaranteeReturned(let order, let token, let guarantor, let amount, let isHeld):
            [
                .orders(.guaranteeReturned, Hash32(order), Hash32(word: guarantor)) {
                    $0.write(amount)
                },
                .payout(amount, token, to: guarantor, order, isHeld),
            ]
        case .guaranteeDrawn(let order, let guarantor, let amount, let reimbursement):
            [
                .orders(.guaranteeDrawn, Hash32(order), Hash32(word: guarantor)) {
                    $0.write(amount)
                    $0.write(reimbursement)
                },
                .funded(order, from: guarantor, amount, fromOrder: 0),
            ]
        case .setOff(let order, let holder, let amount):
            [
                .orders(.setOff, Hash32(order)) { $0.write(amount) },
                .moved(order, 0, by: .orders, from: holder, to: .zero, amount),
            ]
        case .closed(let order):
            [.orders(.closed, Hash32(order))]
        case .claimMoved(let order, let line, let by, let from, let to, let units):
            [.moved(order, line, by: by, from: from, to: to, units)]
        case .offered(let offer, let seller, let order, let line, let units, let price):
            [
                .claims(.offered, Hash32(offer), Hash32(word: seller), Hash32(order)) {
                    $0.write(line)
                    $0.write(units)
                    $0.write(price)
                }
            ]
        case .bought(let offer, let buyer):
            [.claims(.bought, Hash32(offer), Hash32(word: buyer))]
        case .withdrawn(let offer):
            [.claims(.withdrawn, Hash32(offer))]
        case .approvalForAll(let owner, let by, let isApproved):
            [
                .claims(.approvalForAll, Hash32(word: owner), Hash32(word: by)) {
                    $0.write(isApproved)
                }
            ]
        }
    }

    /// The claims of an order that became binding, line by line.
    private static func arisen(_ claims: [Claim], of order: UInt64) -> [Log] {
        claims.enumerated().map { index, claim in
            .moved(
                order, UInt16(truncatingIfNeeded: index), by: .orders, from: .zero,
                to: claim.holder, claim.units)
        }
    }
}

extension Hash32 {
    /// A number as a topic.
    fileprivate init(_ number: UInt64) { self.init(0, 0, 0, number) }
}

extension Log {
    fileprivate static func orders(
        _ event: IOrders.Event, _ topics: Hash32..., data: (inout LogData) -> Void = { _ in }
    ) -> Log {
        var writer = LogData()
        data(&writer)
        return Log(address: .orders, topics: [event.topic] + topics, data: writer.bytes)
    }

    fileprivate static func claims(
        _ event: IClaims.Event, _ topics: Hash32..., data: (inout LogData) -> Void = { _ in }
    ) -> Log {
        var writer = LogData()
        data(&writer)
        return Log(address: .claims, topics: [event.topic] + topics, data: writer.bytes)
    }

    fileprivate static func funded(
        _ order: UInt64, from: Address, _ amount: UInt128, fromOrder: UInt64
    ) -> Log {
        .orders(.funded, Hash32(order), Hash32(word: from)) {
            $0.write(amount)
            $0.write(fromOrder)
        }
    }

    fileprivate static func refunded(
        _ order: UInt64, to: Address, toOrder: UInt64, _ amount: UInt128
    ) -> Log {
        .orders(.refunded, Hash32(order), Hash32(word: to)) {
            $0.write(toOrder)
            $0.write(amount)
        }
    }

    /// Claims that changed hands, arose (from nobody) or ended (to nobody).
    fileprivate static func moved(
        _ order: UInt64, _ line: UInt16, by: Address, from: Address, to: Address, _ units: UInt128
    ) -> Log {
        .claims(.transferSingle, Hash32(word: by), Hash32(word: from), Hash32(word: to)) {
            $0.write(UInt128(order) << 16 | UInt128(line))
            $0.write(units)
        }
    }

    /// Money that left escrow, or is held there for its payee.
    fileprivate static func payout(
        _ amount: UInt128, _ token: TokenID, to: Address, _ order: UInt64, _ isHeld: Bool
    ) -> Log {
        isHeld
            ? TokenLogs.held(amount, token: token.address, account: to, order: order)
            : TokenLogs.transfer(amount, token: token.address, from: .orders, to: to)
    }
}

/// The data of a log all of whose arguments are single words.
private struct LogData {
    var bytes: [UInt8] = []

    mutating func write<Value: ABICodable>(_ value: Value) {
        var writer = ABIWriter(words: 1)
        writer.write(value)
        bytes += writer.finish()
    }
}
