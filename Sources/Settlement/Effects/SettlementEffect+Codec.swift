import Ledger
import Tokens

/// The tags of this module's effects, 0x40 to 0x7f; `docs/formats/order.md`.
public enum SettlementEffectTag {
    /// A line paid an account.
    public static let paid: UInt8 = 0x40
    /// A line paid an account that the token refused; the amount is held.
    public static let paidHeld: UInt8 = 0x41
    /// A line paid an order.
    public static let paidToOrder: UInt8 = 0x42
    static let opened: UInt8 = 0x43
    static let accepted: UInt8 = 0x44
    static let declined: UInt8 = 0x45
    static let consentSet: UInt8 = 0x46
    static let funded: UInt8 = 0x47
    static let attested: UInt8 = 0x48
    static let gateClosed: UInt8 = 0x49
    static let voided: UInt8 = 0x4a
    static let refunded: UInt8 = 0x4b
    static let refundedHeld: UInt8 = 0x4c
    static let refundedToOrder: UInt8 = 0x4d
    static let disputed: UInt8 = 0x4e
    static let resolved: UInt8 = 0x4f
    static let pledged: UInt8 = 0x50
    static let guaranteed: UInt8 = 0x51
    static let guaranteeReturned: UInt8 = 0x52
    static let guaranteeReturnedHeld: UInt8 = 0x53
    static let guaranteeDrawn: UInt8 = 0x54
    static let setOff: UInt8 = 0x55
    static let closed: UInt8 = 0x56
    static let claimMoved: UInt8 = 0x57
    static let offered: UInt8 = 0x58
    static let bought: UInt8 = 0x59
    static let withdrawn: UInt8 = 0x5a
    static let approvalForAll: UInt8 = 0x5b

    /// All of them, reserved ones included.
    public static let all: ClosedRange<UInt8> = 0x40...0x7f
}

extension SettlementEffect {
    /// The kind of effect, as it stands before the payload.
    public var tag: UInt8 {
        typealias Tag = SettlementEffectTag
        return switch self {
        case .paid(_, _, _, _, _, let isHeld): isHeld ? Tag.paidHeld : Tag.paid
        case .paidToOrder: Tag.paidToOrder
        case .opened: Tag.opened
        case .accepted: Tag.accepted
        case .declined: Tag.declined
        case .consentSet: Tag.consentSet
        case .funded: Tag.funded
        case .attested: Tag.attested
        case .gateClosed: Tag.gateClosed
        case .voided: Tag.voided
        case .refunded(_, _, _, _, let isHeld): isHeld ? Tag.refundedHeld : Tag.refunded
        case .refundedToOrder: Tag.refundedToOrder
        case .disputed: Tag.disputed
        case .resolved: Tag.resolved
        case .pledged: Tag.pledged
        case .guaranteed: Tag.guaranteed
        case .guaranteeReturned(_, _, _, _, let isHeld):
            isHeld ? Tag.guaranteeReturnedHeld : Tag.guaranteeReturned
        case .guaranteeDrawn: Tag.guaranteeDrawn
        case .setOff: Tag.setOff
        case .closed: Tag.closed
        case .claimMoved: Tag.claimMoved
        case .offered: Tag.offered
        case .bought: Tag.bought
        case .withdrawn: Tag.withdrawn
        case .approvalForAll: Tag.approvalForAll
        }
    }

    /// Writes the payload; `docs/formats/order.md`.
    func write(to writer: inout ByteWriter) {
        switch self {
        case .paid(let order, let line, let token, let to, let amount, _):
            writer.write(order)
            writer.write(line)
            writer.write(token.rawValue)
            writer.write(to)
            writer.write(compact: amount)
        case .paidToOrder(let order, let line, let to, let amount):
            writer.write(order)
            writer.write(line)
            writer.write(to)
            writer.write(compact: amount)
        case .opened(
            let order, let token, let buyer, let price, let template, let isProposal, let claims):
            writer.write(order)
            writer.write(token.rawValue)
            writer.write(buyer)
            writer.write(compact: price)
            writer.write(template)
            writer.write(byte: isProposal ? 1 : 0)
            writer.write(claims)
        case .accepted(let order, let claims):
            writer.write(order)
            writer.write(claims)
        case .declined(let order, let by):
            writer.write(order)
            writer.write(by)
        case .consentSet(let account, let isOn):
            writer.write(account)
            writer.write(byte: isOn ? 1 : 0)
        case .funded(let order, let token, let account, let amount),
            .refunded(let order, let token, let account, let amount, _),
            .guaranteed(let order, let token, let account, let amount),
            .guaranteeReturned(let order, let token, let account, let amount, _):
            writer.write(order)
            writer.write(token.rawValue)
            writer.write(account)
            writer.write(compact: amount)
        case .attested(let order, let gate, let attestor, let bps, let evidence):
            writer.write(order)
            writer.write(byte: gate)
            writer.write(attestor)
            writer.write(bps)
            writer.write(evidence)
        case .gateClosed(let order, let gate, let state, let bps):
            writer.write(order)
            writer.write(byte: gate)
            writer.write(byte: state.rawValue)
            writer.write(bps)
        case .voided(let order, let line, let cut):
            writer.write(order)
            writer.write(line)
            writer.write(cut)
        case .refundedToOrder(let order, let to, let amount):
            writer.write(order)
            writer.write(to)
            writer.write(compact: amount)
        case .disputed(let order, let gate, let by, let reason):
            writer.write(order)
            writer.write(byte: gate)
            writer.write(by)
            writer.write(reason)
        case .resolved(let order, let gate, let bps):
            writer.write(order)
            writer.write(byte: gate)
            writer.write(bps)
        case .pledged(let order, let line, let child, let by, let units):
            writer.write(order)
            writer.write(line)
            writer.write(child)
            writer.write(by)
            writer.write(compact: units)
        case .guaranteeDrawn(let order, let guarantor, let amount, let reimbursement):
            writer.write(order)
            writer.write(guarantor)
            writer.write(compact: amount)
            writer.write(reimbursement)
        case .setOff(let order, let holder, let amount):
            writer.write(order)
            writer.write(holder)
            writer.write(compact: amount)
        case .closed(let order):
            writer.write(order)
        case .claimMoved(let order, let line, let by, let from, let to, let units):
            writer.write(order)
            writer.write(line)
            writer.write(by)
            writer.write(from)
            writer.write(to)
            writer.write(compact: units)
        case .offered(let offer, let seller, let order, let line, let units, let price):
            writer.write(offer)
            writer.write(seller)
            writer.write(order)
            writer.write(line)
            writer.write(compact: units)
            writer.write(compact: price)
        case .bought(let offer, let buyer):
            writer.write(offer)
            writer.write(buyer)
        case .withdrawn(let offer):
            writer.write(offer)
        case .approvalForAll(let owner, let by, let isApproved):
            writer.write(owner)
            writer.write(by)
            writer.write(byte: isApproved ? 1 : 0)
        }
    }

    /// Reads an effect as it was recorded.
    ///
    /// - Throws: a ``DecodingFault`` where the tag is none of this module's or the payload is of another form.
    public init(tag: UInt8, payload: ArraySlice<UInt8>) throws(DecodingFault) {
        typealias Tag = SettlementEffectTag
        var reader = ByteReader(payload)
        switch tag {
        case Tag.paid, Tag.paidHeld:
            self = .paid(
                order: try reader.read(), line: try reader.read(), token: try reader.readToken(),
                to: try reader.readAddress(), amount: try reader.readCompact(),
                isHeld: tag == Tag.paidHeld)
        case Tag.paidToOrder:
            self = .paidToOrder(
                order: try reader.read(), line: try reader.read(), to: try reader.read(),
                amount: try reader.readCompact())
        case Tag.opened:
            self = .opened(
                order: try reader.read(), token: try reader.readToken(),
                buyer: try reader.readAddress(), price: try reader.readCompact(),
                template: try reader.readHash(), isProposal: try reader.readFlag(),
                claims: try reader.readClaims())
        case Tag.accepted:
            self = .accepted(order: try reader.read(), claims: try reader.readClaims())
        case Tag.declined:
            self = .declined(order: try reader.read(), by: try reader.readAddress())
        case Tag.consentSet:
            self = .consentSet(account: try reader.readAddress(), isOn: try reader.readFlag())
        case Tag.funded:
            self = .funded(
                order: try reader.read(), token: try reader.readToken(),
                from: try reader.readAddress(), amount: try reader.readCompact())
        case Tag.attested:
            self = .attested(
                order: try reader.read(), gate: try reader.read(),
                attestor: try reader.readAddress(), bps: try reader.read(),
                evidence: try reader.readHash())
        case Tag.gateClosed:
            self = .gateClosed(
                order: try reader.read(), gate: try reader.read(),
                state: try reader.readCase(GateState.self), bps: try reader.read())
        case Tag.voided:
            self = .voided(
                order: try reader.read(), line: try reader.read(), cut: try reader.readClaims())
        case Tag.refunded, Tag.refundedHeld:
            self = .refunded(
                order: try reader.read(), token: try reader.readToken(),
                to: try reader.readAddress(), amount: try reader.readCompact(),
                isHeld: tag == Tag.refundedHeld)
        case Tag.refundedToOrder:
            self = .refundedToOrder(
                order: try reader.read(), to: try reader.read(), amount: try reader.readCompact())
        case Tag.disputed:
            self = .disputed(
                order: try reader.read(), gate: try reader.read(), by: try reader.readAddress(),
                reason: try reader.readHash())
        case Tag.resolved:
            self = .resolved(
                order: try reader.read(), gate: try reader.read(), bps: try reader.read())
        case Tag.pledged:
            self = .pledged(
                order: try reader.read(), line: try reader.read(), child: try reader.read(),
                by: try reader.readAddress(), units: try reader.readCompact())
        case Tag.guaranteed:
            self = .guaranteed(
                order: try reader.read(), token: try reader.readToken(),
                guarantor: try reader.readAddress(), amount: try reader.readCompact())
        case Tag.guaranteeReturned, Tag.guaranteeReturnedHeld:
            self = .guaranteeReturned(
                order: try reader.read(), token: try reader.readToken(),
                guarantor: try reader.readAddress(), amount: try reader.readCompact(),
                isHeld: tag == Tag.guaranteeReturnedHeld)
        case Tag.guaranteeDrawn:
            self = .guaranteeDrawn(
                order: try reader.read(), guarantor: try reader.readAddress(),
                amount: try reader.readCompact(), reimbursement: try reader.read())
        case Tag.setOff:
            self = .setOff(
                order: try reader.read(), holder: try reader.readAddress(),
                amount: try reader.readCompact())
        case Tag.closed:
            self = .closed(order: try reader.read())
        case Tag.claimMoved:
            self = .claimMoved(
                order: try reader.read(), line: try reader.read(), by: try reader.readAddress(),
                from: try reader.readAddress(), to: try reader.readAddress(),
                units: try reader.readCompact())
        case Tag.offered:
            self = .offered(
                offer: try reader.read(), seller: try reader.readAddress(),
                order: try reader.read(), line: try reader.read(),
                units: try reader.readCompact(), price: try reader.readCompact())
        case Tag.bought:
            self = .bought(offer: try reader.read(), buyer: try reader.readAddress())
        case Tag.withdrawn:
            self = .withdrawn(offer: try reader.read())
        case Tag.approvalForAll:
            self = .approvalForAll(
                owner: try reader.readAddress(), operator: try reader.readAddress(),
                isApproved: try reader.readFlag())
        default:
            throw DecodingFault("tag \(tag) is no effect of orders")
        }
        try reader.finish()
    }
}

extension ByteWriter {
    fileprivate mutating func write(_ claims: [Claim]) {
        write(UInt32(claims.count))
        for claim in claims { write(claim) }
    }
}

extension ByteReader {
    fileprivate mutating func readToken() throws(DecodingFault) -> TokenID {
        TokenID(rawValue: try read())
    }

    fileprivate mutating func readClaims() throws(DecodingFault) -> [Claim] {
        var claims: [Claim] = []
        for _ in 0..<(try read(UInt32.self)) { claims.append(try readClaim()) }
        return claims
    }
}
