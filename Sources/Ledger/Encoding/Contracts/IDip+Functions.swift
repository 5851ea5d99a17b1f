extension IDip {
    /// The functions; the raw value is the selector.
    public enum Function: UInt32, CaseIterable, Sendable {
        case name = 0x06fd_de03
        case symbol = 0x95d8_9b41
        case decimals = 0x313c_e567
        case totalSupply = 0x1816_0ddd
        case balanceOf = 0x70a0_8231
        case transfer = 0xa905_9cbb
        case allowance = 0xdd62_ed3e
        case approve = 0x095e_a7b3
        case transferFrom = 0x23b8_72dd
        case transferBatch = 0x3b3e_672f
        case permit = 0xd505_accf
        case nonces = 0x7ece_be00
        case domainSeparator = 0x3644_e515
        case eip712Domain = 0x84b0_196e
        case grantFees = 0xa379_0d73
        case feeGrant = 0x4cad_8325
        case feePayer = 0xa1f7_32c8
        case setFeePayer = 0x7c68_088c

        /// What the selector is the hash of.
        public var signature: StaticString {
            switch self {
            case .name: "name()"
            case .symbol: "symbol()"
            case .decimals: "decimals()"
            case .totalSupply: "totalSupply()"
            case .balanceOf: "balanceOf(address)"
            case .transfer: "transfer(address,uint256)"
            case .allowance: "allowance(address,address)"
            case .approve: "approve(address,uint256)"
            case .transferFrom: "transferFrom(address,address,uint256)"
            case .transferBatch: "transferBatch(address[],uint256[])"
            case .permit: "permit(address,address,uint256,uint256,uint8,bytes32,bytes32)"
            case .nonces: "nonces(address)"
            case .domainSeparator: "DOMAIN_SEPARATOR()"
            case .eip712Domain: "eip712Domain()"
            case .grantFees: "grantFees(address,uint256,uint64)"
            case .feeGrant: "feeGrant(address,address)"
            case .feePayer: "feePayer(address)"
            case .setFeePayer: "setFeePayer(address)"
            }
        }
    }

    /// The events.
    public enum Event: CaseIterable, Sendable {
        case transfer
        case approval
        case feeGranted
        case feePayerSet

        /// What the topic is the hash of.
        public var signature: StaticString {
            switch self {
            case .transfer: "Transfer(address,address,uint256)"
            case .approval: "Approval(address,address,uint256)"
            case .feeGranted: "FeeGranted(address,address,uint256,uint64)"
            case .feePayerSet: "FeePayerSet(address,address)"
            }
        }

        /// The first topic of its logs.
        @inlinable
        public var topic: Hash32 {
            switch self {
            case .transfer:
                Hash32(
                    0xddf2_52ad_1be2_c89b, 0x69c2_b068_fc37_8daa,
                    0x952b_a7f1_63c4_a116, 0x28f5_5a4d_f523_b3ef)
            case .approval:
                Hash32(
                    0x8c5b_e1e5_ebec_7d5b, 0xd14f_7142_7d1e_84f3,
                    0xdd03_14c0_f7b2_291e, 0x5b20_0ac8_c7c3_b925)
            case .feeGranted:
                Hash32(
                    0xa2c3_e8e3_9e8e_c724, 0xf9d4_1662_b143_58b4,
                    0xcbef_f664_841d_9425, 0x6acb_17a7_de9c_f3ac)
            case .feePayerSet:
                Hash32(
                    0x39d9_3f90_20e8_5521, 0x30b2_66ba_4853_019e,
                    0xe11a_ae77_18fa_e4f8, 0x029d_7e0d_fabe_57d4)
            }
        }
    }
}
