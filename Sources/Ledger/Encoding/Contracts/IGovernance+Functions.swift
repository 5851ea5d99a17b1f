extension IGovernance {
    /// The functions; the raw value is the selector.
    public enum Function: UInt32, CaseIterable, Sendable {
        case propose = 0x9b94_5e57
        case vote = 0xc7f2_1560
        case parameter = 0x8524_de08
        case banks = 0xf781_5e19
        case proposal = 0x7afa_0aa3
        case outcome = 0xa862_4124
        case count = 0x0666_1abd
        case reviewers = 0xec0f_f55f

        /// What the selector is the hash of.
        public var signature: StaticString {
            switch self {
            case .propose: "propose(uint8,bytes,uint64)"
            case .vote: "vote(uint64,bool)"
            case .parameter: "parameter(string)"
            case .banks: "banks()"
            case .proposal: "proposal(uint64)"
            case .outcome: "outcome(uint64)"
            case .count: "count()"
            case .reviewers: "reviewers()"
            }
        }
    }

    /// The events.
    public enum Event: CaseIterable, Sendable {
        case proposed
        case voted
        case decided
        case enacted
        case failed
        case epochPaid

        /// What the topic is the hash of.
        public var signature: StaticString {
            switch self {
            case .proposed: "Proposed(uint64,address,uint8,bytes)"
            case .voted: "Voted(uint64,address,bool)"
            case .decided: "Decided(uint64,uint64)"
            case .enacted: "Enacted(uint64,uint64)"
            case .failed: "Failed(uint64,uint64,string)"
            case .epochPaid: "EpochPaid(uint64,uint256,uint256)"
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
            case .decided:
                Hash32(
                    0xa7d6_334f_2370_9495, 0xaa85_add0_1bbe_5422,
                    0xea31_0708_d1e3_9bbe, 0xb83c_3fd0_9ddf_d0ea)
            case .failed:
                Hash32(
                    0x3c96_d5c1_c7f5_7753, 0xcd84_9590_d4b7_4527,
                    0xa886_adba_2655_77f5, 0xcc17_d14d_38c3_0135)
            case .epochPaid:
                Hash32(
                    0x9d1f_71fe_a6ef_e29a, 0xb620_bf99_7c3d_c37b,
                    0x208a_0483_3bd7_d734, 0xdc54_70c8_8a76_392e)
            case .enacted:
                Hash32(
                    0x513a_c926_ab5a_813e, 0x8649_dc78_bf19_e36b,
                    0xa3ed_772b_a1d4_f935, 0x640a_831a_e5d1_6abe)
            }
        }
    }
}
