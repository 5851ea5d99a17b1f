/// A delivered line of a purchase order, as an order of the ledger.
///
/// The vendor's sum is split as a retention is: what it would lose by being late stands on a line of its
/// own, behind a gate that fails by itself at the end of the scheduled day.
public struct PurchaseOrder: Hashable, Sendable {
    /// The row's own number in the file.
    public let id: String
    /// The line of the file, from 1.
    public let line: Int
    /// Who pays.
    public let buyer: String
    /// Who delivers.
    public let vendor: String
    /// Who carries the goods.
    public let carrier: String
    /// The vendor's sum, cents, more than 0.
    public let value: UInt128
    /// The carrier's sum, cents; 0 where it is in the vendor's sum or on another line of the shipment.
    public let freight: UInt128
    /// The insurer's sum, cents.
    public let insurance: UInt128
    /// When it is ordered.
    public let ordered: CalendarDay
    /// By the end of which day the goods should be there.
    public let scheduled: CalendarDay
    /// On which day they came.
    public let delivered: CalendarDay
    /// Whether the file does not say when it was ordered, so that a day was chosen.
    public let isStartGuessed: Bool

    /// Basis points of the vendor's sum that are lost by being late.
    public static let lateDeduction: UInt128 = 1_000
    /// How many days after the scheduled one an order that was not delivered ends unpaid.
    public static let longestDelay = 365

    /// Whether they came after the scheduled day.
    public var isLate: Bool { delivered > scheduled }

    /// Whether they came so late that the order had ended: only the insurer is paid then.
    public var isTooLate: Bool { delivered > scheduled.adding(days: Self.longestDelay) }

    /// The part of the vendor's sum that waits for delivery on time, ⌊value × 1000 / 10000⌋.
    public var punctuality: UInt128 { value.scaled(by: Self.lateDeduction) }

    /// What the buyer pays into escrow.
    public var price: UInt128 { value + freight + insurance }

    /// What the vendor gets in the end.
    public var vendorReceives: UInt128 {
        isTooLate ? 0 : isLate ? value - punctuality : value
    }

    /// What the carrier gets in the end.
    public var carrierReceives: UInt128 { isTooLate ? 0 : freight }

    /// What comes back to the buyer in the end.
    public var refund: UInt128 { price - vendorReceives - carrierReceives - insurance }

    /// The end of the scheduled day, seconds; the gate for delivery on time ends then.
    public var punctualUntil: UInt64 { scheduled.adding(days: 1).seconds }

    /// The end of the longest delay, seconds; the gate for delivery ends then.
    public var deliverableUntil: UInt64 {
        scheduled.adding(days: 1 + Self.longestDelay).seconds
    }
}

extension UInt128 {
    /// ⌊self × points / 10000⌋; cents read from a file are far from 128 bits.
    fileprivate func scaled(by points: UInt128) -> UInt128 {
        self / 10_000 * points + self % 10_000 * points / 10_000
    }
}
