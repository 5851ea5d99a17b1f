extension IToken {
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
        case permit = 0xd505_accf
        case nonces = 0x7ece_be00
        case domainSeparator = 0x3644_e515
        case eip712Domain = 0x84b0_196e
        case contractURI = 0xe8a3_d485
        case uri = 0xeac9_89f8
        case issuer = 0x1d14_3848
        case paused = 0x5c97_5abb
        case hasRole = 0x91d1_4854
        case getRoleAdmin = 0x248a_9ca3
        case grantRole = 0x2f2f_f15d
        case revokeRole = 0xd547_741f
        case renounceRole = 0x3656_8abe
        case supportsInterface = 0x01ff_c9a7
        case defaultAdminRole = 0xa217_fddf
        case minterRole = 0xd539_1393
        case pauserRole = 0xe63a_b1e9
        case freezerRole = 0x06a8_5f0f
        case clawbackRole = 0x2ea0_5e44
        case allowerRole = 0x1076_6f6f
        case transferBatch = 0x3b3e_672f
        case mint = 0x40c1_0f19
        case burn = 0x4296_6c68
        case burnFrom = 0x79cc_6790
        case pause = 0x8456_cb59
        case unpause = 0x3f4b_a83a
        case freeze = 0xbf12_0ae5
        case allow = 0x1104_96e5
        case clawback = 0xed5e_343a
        case controls = 0x8c87_8e52
        case cap = 0x3552_74ea
        case isFrozen = 0xe583_9836
        case isAllowed = 0xbabc_c539
        case heldOf = 0xd2ac_2d8a
        case releaseHeld = 0x6a0c_eb37

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
            case .permit: "permit(address,address,uint256,uint256,uint8,bytes32,bytes32)"
            case .nonces: "nonces(address)"
            case .domainSeparator: "DOMAIN_SEPARATOR()"
            case .eip712Domain: "eip712Domain()"
            case .contractURI: "contractURI()"
            case .uri: "uri()"
            case .issuer: "issuer()"
            case .paused: "paused()"
            case .hasRole: "hasRole(bytes32,address)"
            case .getRoleAdmin: "getRoleAdmin(bytes32)"
            case .grantRole: "grantRole(bytes32,address)"
            case .revokeRole: "revokeRole(bytes32,address)"
            case .renounceRole: "renounceRole(bytes32,address)"
            case .supportsInterface: "supportsInterface(bytes4)"
            case .defaultAdminRole: "DEFAULT_ADMIN_ROLE()"
            case .minterRole: "MINTER_ROLE()"
            case .pauserRole: "PAUSER_ROLE()"
            case .freezerRole: "FREEZER_ROLE()"
            case .clawbackRole: "CLAWBACK_ROLE()"
            case .allowerRole: "ALLOWER_ROLE()"
            case .transferBatch: "transferBatch(address[],uint256[])"
            case .mint: "mint(address,uint256)"
            case .burn: "burn(uint256)"
            case .burnFrom: "burnFrom(address,uint256)"
            case .pause: "pause()"
            case .unpause: "unpause()"
            case .freeze: "freeze(address,bool)"
            case .allow: "allow(address,bool)"
            case .clawback: "clawback(address,address,uint256,bytes32)"
            case .controls: "controls()"
            case .cap: "cap()"
            case .isFrozen: "isFrozen(address)"
            case .isAllowed: "isAllowed(address)"
            case .heldOf: "heldOf(address)"
            case .releaseHeld: "releaseHeld(address)"
            }
        }
    }

    /// The events.
    public enum Event: CaseIterable, Sendable {
        case transfer
        case approval
        case roleGranted
        case roleRevoked
        case paused
        case unpaused
        case freezeSet
        case allowSet
        case clawedBack
        case held
        case heldReleased

        /// What the topic is the hash of.
        public var signature: StaticString {
            switch self {
            case .transfer: "Transfer(address,address,uint256)"
            case .approval: "Approval(address,address,uint256)"
            case .roleGranted: "RoleGranted(bytes32,address,address)"
            case .roleRevoked: "RoleRevoked(bytes32,address,address)"
            case .paused: "Paused(address)"
            case .unpaused: "Unpaused(address)"
            case .freezeSet: "FreezeSet(address,bool,address)"
            case .allowSet: "AllowSet(address,bool,address)"
            case .clawedBack: "ClawedBack(address,address,uint256,bytes32)"
            case .held: "Held(address,uint256,uint64)"
            case .heldReleased: "HeldReleased(address,uint256)"
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
            case .roleGranted:
                Hash32(
                    0x2f87_8811_7e7e_ff1d, 0x82e9_26ec_7949_01d1,
                    0x7c78_024a_5027_0940, 0x3045_40a7_3365_6f0d)
            case .roleRevoked:
                Hash32(
                    0xf639_1f5c_32d9_c69d, 0x2a47_ea67_0b44_2974,
                    0xb539_35d1_edc7_fd64, 0xeb21_e047_a839_171b)
            case .paused:
                Hash32(
                    0x62e7_8cea_01be_e320, 0xcd4e_4202_70b5_ea74,
                    0x000d_11b0_c9f7_4754, 0xebdb_fc54_4b05_a258)
            case .unpaused:
                Hash32(
                    0x5db9_ee0a_495b_f2e6, 0xff9c_91a7_834c_1ba4,
                    0xfdd2_44a5_e8aa_4e53, 0x7bd3_8aea_e4b0_73aa)
            case .freezeSet:
                Hash32(
                    0x2a58_cec7_dc34_df1e, 0x0e63_e66f_32b8_b14e,
                    0x53bb_9f22_6899_e44e, 0x5123_3d41_e24b_8d47)
            case .allowSet:
                Hash32(
                    0x9b50_b27a_5c1e_2e87, 0xaf06_1ecb_9efe_6ff5,
                    0xc4f1_2ecc_5766_a8ea, 0x66d1_df6e_1529_e7bd)
            case .clawedBack:
                Hash32(
                    0xa713_7796_9726_bf10, 0xfa8f_431f_b818_6c9b,
                    0x65bf_891a_6cd0_8c60, 0x26dd_8a36_b535_8ebc)
            case .held:
                Hash32(
                    0x008d_de06_a08a_7abc, 0x1d1e_efda_8521_c5bc,
                    0x5c1c_e253_8a25_6b4d, 0x2a79_ee58_7f1a_4d36)
            case .heldReleased:
                Hash32(
                    0x0750_f639_0de6_fe27, 0x6003_9ac9_ecf7_e20f,
                    0x32bc_65b3_39b7_56a1, 0xe27e_cdf9_01cf_9d81)
            }
        }
    }
}
