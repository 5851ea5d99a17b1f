extension Template {
    /// Bindings with what must come of them.
    public struct Example: Sendable, Equatable {
        /// What it shows.
        public let name: String
        /// What is filled in.
        public let bindings: TemplateBindings
        /// When the order is opened, seconds.
        public let now: UInt64
        /// What must come of it.
        public let cases: [Case]

        /// What must come of some outcomes.
        public struct Case: Sendable, Equatable {
            /// How attested gates end that are not met in full: gate and outcome.
            public let gates: [(gate: Int, outcome: GateOutcome)]
            /// What members of a role get, role and amounts; roles that are not named are not compared.
            public let paid: [(role: Int, amounts: [UInt128])]
            /// What the buyer gets back; nil where it is not compared.
            public let refund: UInt128?

            /// Whether all members are equal.
            public static func == (left: Case, right: Case) -> Bool {
                left.refund == right.refund && left.gates.elementsEqual(right.gates, by: ==)
                    && left.paid.elementsEqual(right.paid, by: ==)
            }
        }
    }
}
