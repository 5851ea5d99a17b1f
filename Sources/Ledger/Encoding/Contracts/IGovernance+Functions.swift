extension IGovernance {
    /// The functions; the raw value is the selector.
    public enum Function: UInt32, CaseIterable, Sendable {
        case propose = 0x9b94_5e57
        case vote = 0xc7f2_1560
        case parameter = 0x8524_de08
        case banks = 0xf781_5e19
        case proposal = 0x7afa_0aa3

        /// What the selector is the hash of.
        public var signature: StaticString {
            switch self {
            case .propose: "propose(uint8,bytes,uint64)"
            case .vote: "vote(uint64,bool)"
            case .parameter: "parameter(string)"
            case .banks: "banks()"
            case .proposal: "proposal(uint64)"
            }
        }
    }

    /// The events.
    public enum Event: CaseIterable, Sendable {
        case proposed
        case voted
        case enacted

        /// What the topic is the hash of.
        public var signature: StaticString {
            switch self {
            case .proposed: "Proposed(uint64,address,uint8,bytes)"
            case .voted: "Voted(uint64,address,bool)"
            case .enacted: "Enacted(uint64,uint64)"
            }
        }

        /// The first topic of its logs.
        @inlinable
        public var topic: Hash32 {
            switch self {
            case .proposed:
                Hash32(
                    0x5732_95ee_623c_8013, 0xac59_097c_547d_ee6d,
                    0x21f4_26d4_bb77_5af3, 0x003f_1225_b352_be0a)
            case .voted:
                Hash32(
                    0x124f_c85f_0c5f_8fa9, 0x2526_53b4_9b8f_b9b6,
                    0x602c_fd20_7a1a_4890, 0x631c_a33d_c8f0_0161)
            case .enacted:
                Hash32(
                    0x513a_c926_ab5a_813e, 0x8649_dc78_bf19_e36b,
                    0xa3ed_772b_a1d4_f935, 0x640a_831a_e5d1_6abe)
            }
        }
    }
}
