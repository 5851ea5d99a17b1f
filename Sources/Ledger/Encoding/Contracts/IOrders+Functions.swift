extension IOrders {
    /// The functions; the raw value is the selector.
    public enum Function: UInt32, CaseIterable, Sendable {
        case open = 0xa53f_169e
        case openFrom = 0x7933_9dbe
        case accept = 0x938d_af46
        case decline = 0x3bbe_8ccc
        case consent = 0x72c4_ac4f
        case consents = 0x3607_e084
        case fund = 0x5c53_ba26
        case attest = 0xdc26_b023
        case attestBySig = 0x23a2_2a85
        case dispute = 0x531a_a16d
        case resolve = 0xd1aa_e46e
        case waive = 0x1eb0_a02d
        case guarantee = 0xc594_d252
        case setOff = 0xf88e_e492
        case order = 0xa0b9_4e0b
        case lines = 0xdda1_2969
        case gates = 0x333a_85ce
        case count = 0x0666_1abd
        case ordersOf = 0x5217_2acc

        /// What the selector is the hash of.
        public var signature: StaticString {
            switch self {
            case .open:
                "open((address,address,address,uint64,bytes32,(uint16,address,uint256,uint8)[],(address[],uint8,uint64,uint64,uint8,uint8,bool,uint64)[]))"
            case .openFrom:
                "openFrom((address,address,address,uint64,bytes32,(uint16,address,uint256,uint8)[],(address[],uint8,uint64,uint64,uint8,uint8,bool,uint64)[]),(uint64,uint16,uint256)[])"
            case .accept: "accept(uint64)"
            case .decline: "decline(uint64)"
            case .consent: "consent(bool)"
            case .consents: "consents(address)"
            case .fund: "fund(uint64,uint256)"
            case .attest: "attest(uint64,uint8,uint16,bytes32)"
            case .attestBySig: "attestBySig(uint64,uint8,uint16,bytes32,uint64,address,bytes)"
            case .dispute: "dispute(uint64,uint8,bytes32)"
            case .resolve: "resolve(uint64,uint8,uint16)"
            case .waive: "waive(uint64,uint16,uint256)"
            case .guarantee: "guarantee(uint64,uint256)"
            case .setOff: "setOff(uint64[],uint256[])"
            case .order: "order(uint64)"
            case .lines: "lines(uint64,uint16,uint16)"
            case .gates: "gates(uint64)"
            case .count: "count()"
            case .ordersOf: "ordersOf(address,uint64,uint16)"
            }
        }
    }

    /// The events.
    public enum Event: CaseIterable, Sendable {
        case opened
        case accepted
        case declined
        case consentSet
        case funded
        case attested
        case gateClosed
        case paid
        case voided
        case refunded
        case disputed
        case resolved
        case pledged
        case guaranteeReturned
        case guaranteed
        case guaranteeDrawn
        case setOff
        case closed

        /// What the topic is the hash of.
        public var signature: StaticString {
            switch self {
            case .opened: "Opened(uint64,address,address,uint256,bytes32)"
            case .accepted: "Accepted(uint64)"
            case .declined: "Declined(uint64,address)"
            case .consentSet: "ConsentSet(address,bool)"
            case .funded: "Funded(uint64,address,uint256,uint64)"
            case .attested: "Attested(uint64,uint8,address,uint16,bytes32)"
            case .gateClosed: "GateClosed(uint64,uint8,uint8,uint16)"
            case .paid: "Paid(uint64,uint16,address,uint64,uint256)"
            case .voided: "Voided(uint64,uint16,uint256)"
            case .refunded: "Refunded(uint64,address,uint64,uint256)"
            case .disputed: "Disputed(uint64,uint8,address,bytes32)"
            case .resolved: "Resolved(uint64,uint8,uint16)"
            case .pledged: "Pledged(uint64,uint16,uint64,uint256)"
            case .guaranteeReturned: "GuaranteeReturned(uint64,address,uint256)"
            case .guaranteed: "Guaranteed(uint64,address,uint256)"
            case .guaranteeDrawn: "GuaranteeDrawn(uint64,address,uint256,uint64)"
            case .setOff: "SetOff(uint64,uint256)"
            case .closed: "Closed(uint64)"
            }
        }

        /// The first topic of its logs.
        @inlinable
        public var topic: Hash32 {
            switch self {
            case .opened:
                Hash32(
                    0x4154_f4e6_e649_e75e, 0xefae_25f2_3f0a_ca27,
                    0x15fd_17dc_eb27_83b5, 0x1c26_ef38_2e77_62dd)
            case .accepted:
                Hash32(
                    0x3d6a_d1bc_d449_3c77, 0xe8f7_37f0_ad1d_4922,
                    0x84a5_e9f9_710a_2a3e, 0x0d1d_4b67_b162_b800)
            case .declined:
                Hash32(
                    0x9d5f_0bba_0e07_60f0, 0x8465_198e_d33d_3c72,
                    0xeed2_1f53_ea9d_019c, 0x8b1d_2223_6cd7_e66d)
            case .consentSet:
                Hash32(
                    0x8f18_79b2_654b_5e37, 0xdacf_aa0a_8ff4_7c11,
                    0x1488_c78f_00c2_b760, 0x760b_37f5_fb63_d455)
            case .funded:
                Hash32(
                    0xec12_9e86_6195_621c, 0xa497_07ca_d923_f688,
                    0x7785_d39b_a03f_dfc1, 0xfbae_09c0_3beb_8d8a)
            case .attested:
                Hash32(
                    0x9d0d_9b03_38ea_d77e, 0x7b13_089b_d3b1_8942,
                    0x9570_f569_310e_bec8, 0xac9f_416a_132d_9f1e)
            case .gateClosed:
                Hash32(
                    0xb1cb_360b_faa1_16c7, 0xb27d_431e_fb26_aeb0,
                    0xb233_d816_a512_bab0, 0xd1ee_9b72_e66d_07c6)
            case .paid:
                Hash32(
                    0x6980_27d3_41a4_926b, 0x1b9a_2537_6a4f_6761,
                    0x7052_89f4_2813_c58c, 0x75ca_be67_a727_308f)
            case .voided:
                Hash32(
                    0x9df7_edfa_3472_dce5, 0x83da_7663_1ffd_56ec,
                    0x3bc7_3dda_bd96_eb71, 0x8d7e_9639_713c_08c1)
            case .refunded:
                Hash32(
                    0x145f_fac7_65ad_489a, 0x97de_5f6c_a3b7_23d1,
                    0xc984_64cc_e0c9_811d, 0x791c_6225_797c_c07b)
            case .disputed:
                Hash32(
                    0x35ef_4576_9c0e_b1e8, 0x425e_e2f5_1859_c022,
                    0x4de7_4e4b_9eba_f57a, 0x49a4_a103_5834_9e2d)
            case .resolved:
                Hash32(
                    0x26fa_639f_e1a5_cd27, 0x5691_c2bc_1727_b489,
                    0x380d_7997_2343_7d92, 0xf326_61dc_036c_d8c7)
            case .pledged:
                Hash32(
                    0xc5e4_e41e_b637_03c2, 0x2bfd_a2ba_1b73_b2be,
                    0xdc7b_7a10_a6bd_e359, 0x22f8_fc73_22bc_54d0)
            case .guaranteeReturned:
                Hash32(
                    0x5676_8321_d3b6_6575, 0x9910_ad38_c1fe_500d,
                    0x3435_675f_0a5d_1a6b, 0x23fd_b414_2cf5_199f)
            case .guaranteed:
                Hash32(
                    0x4ccb_a1c7_ae3b_fb0a, 0xcd1c_f201_9d55_78fd,
                    0xeca8_1f05_b32e_5b46, 0xe815_a2f0_2c2e_52b9)
            case .guaranteeDrawn:
                Hash32(
                    0x1f72_b003_c2fd_ee92, 0xc4b3_8315_42ec_7f63,
                    0xe27a_621d_68d9_39a7, 0xdcc0_c624_6c25_4313)
            case .setOff:
                Hash32(
                    0x1756_d5fd_5415_6471, 0x1b24_e2a6_369e_51a1,
                    0xfea5_fed6_ae37_20c6, 0x2c7f_8a50_fd65_9b79)
            case .closed:
                Hash32(
                    0x0122_56f1_8e81_8008, 0x2425_6a54_8c2f_d15f,
                    0x0473_69a7_c744_6d9b, 0xeaa3_dd6a_67aa_4ef8)
            }
        }
    }
}
