import Ledger
import Settlement
import Tokens

extension Payment {
    /// The payments of one effect, in order; none for an effect that moves no money.
    public static func payments(tag: UInt8, payload: ArraySlice<UInt8>) -> [Payment] {
        if TokenEffectTag.all.contains(tag) {
            return (try? TokenEffect(tag: tag, payload: payload)).map(payments) ?? []
        }
        if SettlementEffectTag.all.contains(tag) {
            return (try? SettlementEffect(tag: tag, payload: payload)).map(payments) ?? []
        }
        return []
    }

    private static func payments(_ effect: TokenEffect) -> [Payment] {
        switch effect {
        case .transfer(let token, let from, let to, let amount):
            let kind: Kind = from == .zero ? .mint : to == .zero ? .burn : .transfer
            return [Payment(kind: kind, token: token, from: from, to: to, amount: amount)]
        case .batch(let token, let from, let payouts):
            return payouts.map {
                Payment(kind: .transfer, token: token, from: from, to: $0.to, amount: $0.amount)
            }
        case .created(let token, let issuer, _, let supply, _):
            return supply == 0
                ? [] : [Payment(kind: .mint, token: token, from: .zero, to: issuer, amount: supply)]
        case .clawback(let token, let from, let to, let fromBalance, let fromHeld, _):
            return [(from, fromBalance), (.orders, fromHeld)].filter { $0.1 > 0 }.map {
                Payment(kind: .clawback, token: token, from: $0.0, to: to, amount: $0.1)
            }
        case .heldReleased(let token, let account, let amount):
            return [
                Payment(kind: .release, token: token, from: .orders, to: account, amount: amount)
            ]
        case .fee(let payer, let amount):
            return [Payment(kind: .fee, token: .dip, from: payer, to: .treasury, amount: amount)]
        case .deposit(let effect): return payments(effect)
        case .approval, .role, .pause, .freeze, .allow, .feeGrant, .feePayer: return []
        }
    }

    private static func payments(_ effect: DepositEffect) -> [Payment] {
        switch effect {
        case .issued(let token, let issues):
            issues.flatMap {
                Payment(
                    kind: .issue, token: token, from: .zero, to: $0.to, amount: $0.amount,
                    reference: $0.reference
                ).heldByOrders($0.isHeld)
            }
        case .requested(let id, let token, let owner, let amount, _, _, _):
            [
                Payment(
                    kind: .redemption, token: token, from: owner, to: .banks, amount: amount,
                    redemption: id)
            ]
        case .settled(let id, let token, let amount, let reference):
            [
                Payment(
                    kind: .redemptionSettled, token: token, from: .banks, to: .zero,
                    amount: amount, redemption: id, reference: reference)
            ]
        case .rejected(let id, let token, let owner, let amount, let isHeld, _):
            Payment(
                kind: .redemptionRejected, token: token, from: .banks, to: owner, amount: amount,
                redemption: id
            ).heldByOrders(isHeld)
        case .returned(let id, let token, let owner, let amount, let isHeld):
            Payment(
                kind: .redemptionReturned, token: token, from: .banks, to: owner, amount: amount,
                redemption: id
            ).heldByOrders(isHeld)
        case .converted(let account, let from, let to, let amount, let holder):
            [
                Payment(
                    kind: .conversion, token: from, from: account, to: holder, amount: amount),
                Payment(kind: .conversion, token: to, from: .zero, to: account, amount: amount),
            ]
        case .instructed, .autoRedeemSet, .payoutTokenSet: []
        }
    }

    /// The payment itself; or, where the token refuses the payee, one to 0x…d102 and what is held there.
    private func heldByOrders(_ isHeld: Bool) -> [Payment] {
        guard isHeld else { return [self] }
        var moved = self
        moved.to = .orders
        var held = self
        held.from = .orders
        held.isHeld = true
        return [moved, held]
    }

    private static func payments(_ effect: SettlementEffect) -> [Payment] {
        switch effect {
        case .paid(let order, let line, let token, let to, let amount, let isHeld):
            [
                Payment(
                    kind: .payout, token: token, from: .orders, to: to, amount: amount,
                    order: order, line: line, isHeld: isHeld)
            ]
        case .paidToOrder(let order, let line, let to, let amount):
            [
                Payment(
                    kind: .payout, from: .orders, to: .orders, amount: amount, order: order,
                    line: line, toOrder: to)
            ]
        case .funded(let order, let token, let from, let amount):
            [
                Payment(
                    kind: .funding, token: token, from: from, to: .orders, amount: amount,
                    order: order)
            ]
        case .refunded(let order, let token, let to, let amount, let isHeld):
            [
                Payment(
                    kind: .refund, token: token, from: .orders, to: to, amount: amount,
                    order: order, isHeld: isHeld)
            ]
        case .refundedToOrder(let order, let to, let amount):
            [
                Payment(
                    kind: .refund, from: .orders, to: .orders, amount: amount, order: order,
                    toOrder: to)
            ]
        case .guaranteed(let order, let token, let guarantor, let amount):
            [
                Payment(
                    kind: .guarantee, token: token, from: guarantor, to: .orders, amount: amount,
                    order: order)
            ]
        case .guaranteeReturned(let order, let token, let guarantor, let amount, let isHeld):
            [
                Payment(
                    kind: .guaranteeReturn, token: token, from: .orders, to: guarantor,
                    amount: amount, order: order, isHeld: isHeld)
            ]
        case .guaranteeDrawn(let order, _, let amount, let reimbursement):
            [
                Payment(
                    kind: .guaranteeDraw, from: .orders, to: .orders, amount: amount, order: order,
                    toOrder: reimbursement)
            ]
        case .opened, .accepted, .declined, .consentSet, .attested, .gateClosed, .voided,
            .disputed, .resolved, .pledged, .setOff, .closed, .claimMoved, .offered, .bought,
            .withdrawn, .approvalForAll:
            []
        }
    }
}

extension Payment {
    /// The payments of framed effects, in order.
    ///
    /// - Parameters:
    ///   - effects: those of one transaction, or what a block did itself.
    ///   - token: finds the token of an order for which no effect names one; an order's payment to an order
    ///     has none where it answers nil.
    /// - Returns: each with its token; transfers that a later effect explains are of its kind.
    public static func payments(
        of effects: ArraySlice<UInt8>, token: (_ order: UInt64) -> TokenID?
    ) -> [Payment] {
        var payments: [Payment] = []
        // All orders that pay one another settle in one token.
        var known: [UInt64: TokenID] = [:]
        for (tag, payload) in EffectReader(effects) {
            explain(&payments, by: tag, payload)
            for var payment in Self.payments(tag: tag, payload: payload) {
                if let order = payment.order {
                    payment.token = payment.token ?? known[order] ?? token(order)
                    known[order] = payment.token
                    if let next = payment.toOrder { known[next] = payment.token }
                }
                payments.append(payment)
            }
        }
        return payments
    }
    /// Says of the last transfers what they were for, as far as an effect does.
    private static func explain(
        _ payments: inout [Payment], by tag: UInt8, _ payload: ArraySlice<UInt8>
    ) {
        var (kind, order, sum): (Kind, UInt64?, UInt128)
        if TemplateEffectTag.all.contains(tag),
            case .royaltyPaid(_, let opened, let royalty)? = try? TemplateEffect(
                tag: tag, payload: payload)
        {
            (kind, order, sum) = (.royalty, opened, royalty)
        } else if EconomyEffectTag.all.contains(tag),
            case .epochPaid(_, _, let paid)? = try? EconomyEffect(tag: tag, payload: payload)
        {
            (kind, order, sum) = (.epoch, nil, paid)
        } else {
            return
        }
        // They stand right before the effect and come to its sum.
        for index in payments.indices.reversed() {
            let payment = payments[index]
            guard sum > 0, payment.kind == .transfer, payment.token == .dip, payment.amount <= sum
            else { return }
            payments[index].kind = kind
            payments[index].order = order
            sum -= payment.amount
        }
    }
}
