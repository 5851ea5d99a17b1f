extension IBanks {
    /// The functions; the raw value is the selector.
    public enum Function: UInt32, CaseIterable, Sendable {
        case setBic = 0x7740_53e1
        case setDepositToken = 0xe0e8_5cb2
        case setChecker = 0xcf88_0f4c
        case approve = 0xa53a_1adf
        case setIssueLimit = 0x1e8f_9130
        case setOperator = 0xb3ab_15fb
        case issue = 0x5ff0_6ccf
        case issueBatch = 0x1725_ab66
        case redeem = 0x992c_3e4b
        case setAutoRedeem = 0x7ce4_5b8a
        case instruct = 0xdd62_b17a
        case settle = 0x212e_78ad
        case reject = 0xd997_1e92
        case attestReserve = 0x3ace_cdd0
        case acceptAtPar = 0xc37a_aef3
        case setPayoutToken = 0xf02a_e48f
        case recover = 0xdc5e_8efc
        case bank = 0x529a_1baf
        case checker = 0x016c_683c
        case approved = 0xfac7_fc38
        case depositToken = 0x2fd5_5265
        case depositTokens = 0x56bc_cf91
        case count = 0x0666_1abd
        case at = 0xe088_6f90
        case autoRedeem = 0xa8cb_9e85
        case issueLimit = 0xe96a_0b42
        case issuedAt = 0xc683_220a
        case reserve = 0xe751_79a4
        case redemption = 0x0a66_24ae
        case redemptions = 0x76a9_f3fb
        case accepted = 0x2b34_af70
        case acceptance = 0x5ed1_179f
        case payoutTokens = 0x1568_fa7d

        /// What the selector is the hash of.
        public var signature: StaticString {
            switch self {
            case .setBic: "setBic(string)"
            case .setDepositToken: "setDepositToken(address,bytes3)"
            case .setChecker: "setChecker(address)"
            case .approve: "approve(bytes32)"
            case .setIssueLimit: "setIssueLimit(address,uint256)"
            case .setOperator: "setOperator(address)"
            case .issue: "issue(address,address,uint256,bytes32)"
            case .issueBatch: "issueBatch(address,address[],uint256[],bytes32[])"
            case .redeem: "redeem(address,uint256,bytes32)"
            case .setAutoRedeem: "setAutoRedeem(address,bytes32,uint256)"
            case .instruct: "instruct(uint64,bytes32)"
            case .settle: "settle(uint64,bytes32)"
            case .reject: "reject(uint64,string)"
            case .attestReserve: "attestReserve(address,uint256,bytes32,uint64)"
            case .acceptAtPar: "acceptAtPar(address,uint256)"
            case .setPayoutToken: "setPayoutToken(address)"
            case .recover: "recover(address,address,bytes32)"
            case .bank: "bank(address)"
            case .checker: "checker(address)"
            case .approved: "approved(address,bytes32)"
            case .depositToken: "depositToken(address)"
            case .depositTokens: "depositTokens(address)"
            case .count: "count()"
            case .at: "at(uint256)"
            case .autoRedeem: "autoRedeem(address,address)"
            case .issueLimit: "issueLimit(address)"
            case .issuedAt: "issuedAt(address,bytes32)"
            case .reserve: "reserve(address)"
            case .redemption: "redemption(uint64)"
            case .redemptions: "redemptions(address,uint64,uint16)"
            case .accepted: "accepted(address)"
            case .acceptance: "acceptance(address,address)"
            case .payoutTokens: "payoutTokens(address)"
            }
        }
    }

    /// The events.
    public enum Event: CaseIterable, Sendable {
        case bankAdmitted
        case depositTokenSet
        case checkerSet
        case callApproved
        case issueLimitSet
        case operatorChanged
        case issued
        case redemptionRequested
        case redemptionInstructed
        case redemptionSettled
        case redemptionRejected
        case redemptionReturned
        case autoRedeemSet
        case reserveAttested
        case acceptedAtPar
        case payoutTokenSet
        case converted
        case recovered

        /// What the topic is the hash of.
        public var signature: StaticString {
            switch self {
            case .bankAdmitted: "BankAdmitted(address,string)"
            case .depositTokenSet: "DepositTokenSet(address,address,bytes3)"
            case .checkerSet: "CheckerSet(address,address)"
            case .callApproved: "CallApproved(address,bytes32,address,uint64)"
            case .issueLimitSet: "IssueLimitSet(address,uint256)"
            case .operatorChanged: "OperatorChanged(address,address)"
            case .issued: "Issued(address,address,uint256,bytes32)"
            case .redemptionRequested: "RedemptionRequested(uint64,address,address,uint256,bytes32)"
            case .redemptionInstructed: "RedemptionInstructed(uint64,bytes32)"
            case .redemptionSettled: "RedemptionSettled(uint64,bytes32)"
            case .redemptionRejected: "RedemptionRejected(uint64,string)"
            case .redemptionReturned: "RedemptionReturned(uint64)"
            case .autoRedeemSet: "AutoRedeemSet(address,address,bytes32,uint256)"
            case .reserveAttested: "ReserveAttested(address,uint256,uint256,bytes32,uint64)"
            case .acceptedAtPar: "AcceptedAtPar(address,address,uint256)"
            case .payoutTokenSet: "PayoutTokenSet(address,address)"
            case .converted: "Converted(address,address,address,uint256)"
            case .recovered: "Recovered(address,address,bytes32,uint64)"
            }
        }

        /// The first topic of its logs.
        @inlinable
        public var topic: Hash32 {
            switch self {
            case .bankAdmitted:
                Hash32(
                    0x8a97_4af2_6900_7049, 0x4425_4867_6a02_e13c,
                    0x728f_3057_e018_5b4d, 0x668d_2b70_14c2_d933)
            case .depositTokenSet:
                Hash32(
                    0xfef6_bbd0_768f_7c34, 0xb96c_8bd4_984b_0445,
                    0x21c0_50cb_c9cb_ebd5, 0x2404_9d91_2598_6fe7)
            case .checkerSet:
                Hash32(
                    0x7bc4_9866_65f9_fa91, 0x138c_299b_bc53_0132,
                    0xb671_edb9_84b9_995f, 0xb09f_bfda_1f9a_65f7)
            case .callApproved:
                Hash32(
                    0x2c21_559e_275a_3452, 0xd96f_d291_378c_62d2,
                    0xaf16_fb34_d3db_ccff, 0x7798_d396_28da_5038)
            case .issueLimitSet:
                Hash32(
                    0x047a_ffb1_bf3b_39f7, 0x3909_5de0_c865_de19,
                    0x6018_46ec_143d_927b, 0x81c4_dd7b_4d66_7d1f)
            case .operatorChanged:
                Hash32(
                    0xd582_99b7_1289_1143, 0xe763_10d5_e664_c420,
                    0x3c94_0a67_db37_cf85, 0x6bda_a3c5_c76a_802c)
            case .issued:
                Hash32(
                    0x98ed_0c91_7d67_0d1a, 0xce6a_f4fd_cdcb_02f0,
                    0x30b4_7356_ff81_dffb, 0x145c_79cb_abb6_ad7c)
            case .redemptionRequested:
                Hash32(
                    0x45f9_cf9a_11c0_52bc, 0xd607_17ce_ecd9_9c30,
                    0xe784_e9ee_bf8e_b2b6, 0xcd0e_07db_4128_8a51)
            case .redemptionInstructed:
                Hash32(
                    0xf7e1_8b03_2e79_1207, 0x9bac_286b_dc49_ee5e,
                    0x7651_3c76_c4a8_1724, 0xe387_7d0a_fc9a_f98e)
            case .redemptionSettled:
                Hash32(
                    0x29c8_e334_bb18_af8c, 0xd3d6_06c2_2a19_c7bb,
                    0xb2d0_a401_a0dd_53f5, 0xe79c_6a9f_e66e_81d2)
            case .redemptionRejected:
                Hash32(
                    0x3ed2_49e7_bc36_8516, 0x2c24_5f30_35c2_70c0,
                    0xfdb3_ed53_e20e_500c, 0x50ab_399c_157e_0769)
            case .redemptionReturned:
                Hash32(
                    0xd342_a7c5_c99a_7ccf, 0x129e_0fc4_8145_d93a,
                    0xbd31_7963_f116_0d2f, 0xa221_d360_99e8_a305)
            case .autoRedeemSet:
                Hash32(
                    0x563c_d82e_9d84_614e, 0x8f25_7006_0350_e09f,
                    0x3d99_4ed9_82f5_c092, 0xfd44_f50d_d159_17ea)
            case .reserveAttested:
                Hash32(
                    0x6786_5dd6_c081_1a0d, 0x5d3d_a908_9ad4_cb6f,
                    0x1c98_2638_0421_728f, 0x95d7_f629_bb82_dffb)
            case .acceptedAtPar:
                Hash32(
                    0x2a88_a6b3_448c_7daa, 0x23d6_8323_9df4_aafc,
                    0x4ab9_c18b_31e5_8ea3, 0x5f9d_1355_ad3c_532c)
            case .payoutTokenSet:
                Hash32(
                    0x29f5_0f23_88c4_698f, 0xf371_414e_e8eb_b86e,
                    0x9908_6bbf_4fed_cf3d, 0xfa4c_e39e_d37b_14ec)
            case .converted:
                Hash32(
                    0xf985_22c4_d7cc_b9de, 0x6d7b_b839_5a56_7bd9,
                    0x0003_fe87_6d57_7e4d, 0x0fd4_b53e_1ddf_edf8)
            case .recovered:
                Hash32(
                    0x1886_4de1_b926_c44e, 0x9866_55e3_7b91_791d,
                    0x3493_3d09_3389_1f33, 0xc5a9_0f00_d074_35c5)
            }
        }
    }
}
