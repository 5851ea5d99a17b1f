extension ITemplates {
    /// The functions; the raw value is the selector.
    public enum Function: UInt32, CaseIterable, Sendable {
        case publish = 0xbfae_c04e
        case review = 0x6579_45a3
        case deprecate = 0xc1c3_448c
        case open = 0x722b_c8bf
        case quote = 0x6745_c757
        case preview = 0x9e58_7f17
        case template = 0x77ce_b0be
        case count = 0x0666_1abd
        case at = 0xe088_6f90
        case reviews = 0x8475_100d
        case publicationCost = 0xecc6_f4da

        /// What the selector is the hash of.
        public var signature: StaticString {
            switch self {
            case .publish: "publish(string,bytes32)"
            case .review: "review(bytes32,bool,bytes32)"
            case .deprecate: "deprecate(bytes32)"
            case .open: "open(bytes32,string,(uint64,uint16,uint256)[])"
            case .quote: "quote(bytes32,string)"
            case .preview: "preview(bytes32,string)"
            case .template: "template(bytes32)"
            case .count: "count()"
            case .at: "at(uint256)"
            case .reviews: "reviews(bytes32)"
            case .publicationCost: "publicationCost()"
            }
        }

        /// Whether DIP may be sent along.
        public var isPayable: Bool { self == .publish || self == .open }
    }

    /// The events.
    public enum Event: CaseIterable, Sendable {
        case published
        case reviewed
        case statusChanged
        case royaltyPaid

        /// What the topic is the hash of.
        public var signature: StaticString {
            switch self {
            case .published: "Published(bytes32,address,string,bytes32)"
            case .reviewed: "Reviewed(bytes32,address,bool,bytes32)"
            case .statusChanged: "StatusChanged(bytes32,uint8)"
            case .royaltyPaid: "RoyaltyPaid(bytes32,uint64,uint256)"
            }
        }

        /// The first topic of its logs.
        @inlinable
        public var topic: Hash32 {
            switch self {
            case .published:
                Hash32(
                    0x628d_24bb_2509_c619, 0x810e_47af_d743_a447,
                    0x0993_f1d3_28e1_6149, 0x8258_4f53_c130_5165)
            case .reviewed:
                Hash32(
                    0x84cb_68e2_0351_7666, 0x4554_9fe5_3cbb_21ae,
                    0x0039_ff8e_ea7a_21cc, 0x4de8_9fe5_3f3f_6288)
            case .statusChanged:
                Hash32(
                    0x22ce_671c_d3f3_28f7, 0x1ef1_09d8_46af_764d,
                    0xf2d1_6bb8_eb66_4c4f, 0x4106_5656_c6e9_962c)
            case .royaltyPaid:
                Hash32(
                    0xe55c_5fa8_dfbd_e52d, 0xb5c4_a799_8328_8a8d,
                    0x559b_015b_2d21_c874, 0x8a92_8336_43c8_7a7b)
            }
        }
    }
}
