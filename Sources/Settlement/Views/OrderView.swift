import Ledger
import Tokens

/// An order as lists have it, for readers.
public struct OrderOutline: Hashable, Sendable {
    /// Its id.
    public var id: UInt64
    /// What `IOrders.order` answers.
    public var summary: IOrders.OrderView
    /// The token in which it settles.
    public var token: TokenID
    /// Above that of every order whose claims it holds.
    public var level: UInt16
    /// What its lines were paid, together.
    public var paid: UInt128
    /// What time does to it next, in seconds; nil for nothing.
    public var nextTimer: UInt64?

    /// How many parts were looked at for it, at least as many as for a small order.
    public var parts: Int {
        max(Int(summary.lineCount) + Int(summary.gateCount), ClaimPlaces.orderParts)
    }
}

/// An order with everything that belongs to it, for readers.
public struct OrderView: Hashable, Sendable {
    /// What lists say of it.
    public var outline: OrderOutline
    /// Its lines, with who holds their claims.
    public var lines: [Line]
    /// Its gates.
    public var gates: [IOrders.GateView]
    /// Orders to which claims of it were ever pledged, and the one that reimburses its guarantor.
    public var children: [UInt64]
    /// Lines of other orders of which claims were ever pledged to it.
    public var sources: [Source]

    /// Its id.
    public var id: UInt64 { outline.id }
    /// What `IOrders.order` answers.
    public var summary: IOrders.OrderView { outline.summary }
    /// The token in which it settles.
    public var token: TokenID { outline.token }
    /// Above that of every order whose claims it holds.
    public var level: UInt16 { outline.level }
    /// What time does to it next, in seconds; nil for nothing.
    public var nextTimer: UInt64? { outline.nextTimer }

    /// A line, with who holds its claims.
    public struct Line: Hashable, Sendable {
        /// What `IOrders.lines` answers.
        public var summary: IOrders.LineView
        /// Who is yet to be paid, from the front.
        public var claims: [Claim]
    }

    /// A line of another order.
    public struct Source: Hashable, Sendable {
        /// The other order.
        public var order: UInt64
        /// The line's index.
        public var line: UInt16
    }
}

/// A claim that an account holds.
public struct ClaimView: Hashable, Sendable {
    /// The order.
    public var order: UInt64
    /// The line's index.
    public var line: UInt16
    /// What it holds of the line, in the token's smallest unit.
    public var units: UInt128

    /// Makes one.
    public init(order: UInt64, line: UInt16, units: UInt128) {
        self.order = order
        self.line = line
        self.units = units
    }

    /// The claim's id as an ERC-1155 token.
    public var id: UInt128 { UInt128(order) << 16 | UInt128(line) }
}
