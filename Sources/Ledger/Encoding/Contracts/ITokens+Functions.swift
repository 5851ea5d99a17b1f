extension ITokens {
    /// The functions; the raw value is the selector.
    public enum Function: UInt32, CaseIterable, Sendable {
        case create = 0x20cf_d903
        case count = 0x0666_1abd
        case at = 0xe088_6f90

        /// What the selector is the hash of.
        public var signature: StaticString {
            switch self {
            case .create: "create((string,string,uint8,uint256,uint256,uint64,string))"
            case .count: "count()"
            case .at: "at(uint256)"
            }
        }
    }

    /// The events.
    public enum Event: CaseIterable, Sendable {
        case tokenCreated

        /// What the topic is the hash of.
        public var signature: StaticString {
            switch self {
            case .tokenCreated: "TokenCreated(address,address,string)"
            }
        }

        /// The first topic of its logs.
        @inlinable
        public var topic: Hash32 {
            switch self {
            case .tokenCreated:
                Hash32(
                    0xb51c_8cbe_199f_fe8b, 0x0d1d_39b6_2d47_3569,
                    0x7506_53cb_18b1_65f7, 0x7ae4_23b3_9001_80ad)
            }
        }
    }
}
