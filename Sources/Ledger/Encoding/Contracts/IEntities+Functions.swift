extension IEntities {
    /// The functions; the raw value is the selector.
    public enum Function: UInt32, CaseIterable, Sendable {
        case attest = 0x4291_b6a6
        case revoke = 0x74a8_f103
        case entity = 0xd43f_a2c1

        /// What the selector is the hash of.
        public var signature: StaticString {
            switch self {
            case .attest: "attest(address,(bytes32,string,string,string,address,uint64,bool))"
            case .revoke: "revoke(address)"
            case .entity: "entity(address)"
            }
        }
    }

    /// The events.
    public enum Event: CaseIterable, Sendable {
        case attested
        case revoked

        /// What the topic is the hash of.
        public var signature: StaticString {
            switch self {
            case .attested: "Attested(address,address,bytes32)"
            case .revoked: "Revoked(address,address)"
            }
        }

        /// The first topic of its logs.
        @inlinable
        public var topic: Hash32 {
            switch self {
            case .attested:
                Hash32(
                    0xd038_5320_80ba_497c, 0x69f7_102b_5ecf_dd06,
                    0x028f_5390_c68e_0b79, 0x9fe1_d4a5_bc75_dfdd)
            case .revoked:
                Hash32(
                    0xc336_937d_058c_c0fc, 0x95b7_4913_90ff_cf12,
                    0x2da8_cf40_0512_d971, 0x4a76_f644_aa89_55b7)
            }
        }
    }
}
