import Ledger

extension Template {
    /// Somebody who takes part.
    public struct Role: Sendable, Equatable {
        /// Its name, an identifier.
        public let name: String
        /// Whether it owes the price; exactly one role does.
        public let pays: Bool
        /// Whether it decides disputes; at most one role does.
        public let isArbiter: Bool
        /// Whether it may have several members.
        public let isMany: Bool
        /// How many members it has: 1 unless it is many.
        public let members: ClosedRange<Int>
    }

    /// What kind of value a parameter is.
    public enum ParameterType: String, Sendable, CaseIterable {
        /// Money in the smallest unit of the order's token.
        case amount
        /// A part of something, in basis points.
        case share
        /// A point in time, in seconds.
        case time
        /// A length of time, in seconds.
        case duration

        /// The largest value.
        var limit: UInt128 {
            switch self {
            case .amount: .max
            case .share: 10_000
            case .time: UInt128(Terms.timeLimit)
            case .duration: UInt128(Template.durationLimit)
            }
        }
    }

    /// Something that the parties agree.
    public struct Parameter: Sendable, Equatable {
        /// Its name, an identifier.
        public let name: String
        /// What kind of value it is.
        public let type: ParameterType
        /// The role for whose members it has a value each, as index; nil for one value.
        public let role: Int?
        /// What values are allowed: smallest units, basis points, or seconds.
        public let range: ClosedRange<UInt128>
        /// The value where bindings leave it out, for each member; nil where they must have it.
        public let standard: UInt128?
    }

    /// A moment of a gate or of the due date.
    public enum Moment: Sendable, Equatable {
        /// So many seconds after the order is opened, or after the gate that is followed is met.
        case after(UInt64)
        /// What a parameter says: a time, or a duration that counts as the other case does; an index.
        case parameter(Int)
    }

    /// A condition that ends by itself.
    public struct GateRule: Sendable, Equatable {
        /// Its name, an identifier.
        public let name: String
        /// The roles whose members may say how much is fulfilled; empty for a time alone.
        public let attest: [Int]
        /// How many of them must say so.
        public let need: Int
        /// Not met before; nil for at once.
        public let from: Moment?
        /// Decided by; nil for a time alone.
        public let by: Moment?
        /// What happens then.
        public let late: OnTimeout
        /// How long the arbiter has; nil where there is none to ask.
        public let arbitration: Moment?
        /// Whether an arbiter's silence meets it.
        public let silenceMeets: Bool
        /// The gate that it follows, an index below its own; nil for none.
        public let follows: Int?

        /// Whether somebody decides it, so that it has several outcomes.
        public var isAttested: Bool { !attest.isEmpty }

        /// Whether it is met when nobody says anything at all.
        public var isMetWhenLate: Bool {
            late == .meet || (late == .arbitrate && silenceMeets)
        }
    }

    /// How much a line is.
    public enum LineAmount: Sendable, Equatable {
        /// An amount.
        case fixed(Value)
        /// A share of the price, in basis points, rounded down.
        case share(Value)
        /// What the others leave of the price.
        case rest
    }

    /// A value that is written in the template or left to the bindings.
    public enum Value: Sendable, Equatable {
        /// Smallest units or basis points.
        case literal(UInt128)
        /// What a parameter says; an index.
        case parameter(Int)
    }

    /// Somebody's entitlement: one line of an order for each member of a role.
    public struct LineRule: Sendable, Equatable {
        /// Who gets it, a role.
        public let to: Int
        /// How much it is.
        public let amount: LineAmount
        /// What it waits for, a gate; nil for nothing.
        public let gate: Int?
        /// Lower tiers are paid first.
        public let tier: UInt16
        /// What is kept back of it; nil for nothing.
        public let retain: Retention?

        /// How many lines of an order it makes for so many members of its role: what is retained is one of its
        /// own.
        func lines(members: Int) -> Int { members * (retain == nil ? 1 : 2) }
    }

    /// What is kept back of a line until a later gate.
    public struct Retention: Sendable, Equatable {
        /// How much of the line, in basis points, rounded down.
        public let share: Value
        /// What it waits for, a gate.
        public let until: Int
    }

    /// A comparison that bindings must keep to.
    public struct Requirement: Sendable, Equatable {
        /// As it was written.
        public let text: String
        /// Of what kind both sides are.
        public let type: ParameterType
        /// The right side less the left, or the other way round: what must not be negative.
        let form: LinearForm
        /// Whether it must be 0.
        let isEquality: Bool
    }

    /// The texts of one language.
    public struct Locale: Sendable, Equatable {
        /// The language's tag, such as `zh`.
        public let language: String
        /// What the template is called; nil where it is not said.
        public let name: String?
        /// What it is for; nil where it is not said.
        public let description: String?
        /// What roles are called.
        public let roles: [Label]
        /// What parameters are called.
        public let parameters: [Label]
        /// What gates are called.
        public let gates: [Label]
    }

    /// What something is called in a language.
    public struct Label: Sendable, Equatable {
        /// Its name in the template.
        public let name: String
        /// What it is called.
        public let text: String
    }

    /// The texts of a language, or of the one it is a variety of.
    public func locale(_ language: String) -> Locale? {
        locales.first { $0.language == language }
            ?? locales.first { language.hasPrefix($0.language + "-") }
    }
}
