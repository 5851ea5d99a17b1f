extension IClaims {
    /// The functions; the raw value is the selector.
    public enum Function: UInt32, CaseIterable, Sendable {
        case balanceOf = 0x00fd_d58e
        case balanceOfBatch = 0x4e12_73f4
        case setApprovalForAll = 0xa22c_b465
        case isApprovedForAll = 0xe985_e9c5
        case safeTransferFrom = 0xf242_432a
        case safeBatchTransferFrom = 0x2eb2_c2d6
        case supportsInterface = 0x01ff_c9a7
        case transfer = 0xaf55_8963
        case pledge = 0x23e8_3c91
        case holders = 0xd12b_6811
        case offer = 0xebb9_5088
        case buy = 0x215a_dc4a
        case withdraw = 0x750f_0acc
        case offers = 0x2ebb_620c
        case claimsOf = 0x53d4_2182

        /// What the selector is the hash of.
        public var signature: StaticString {
            switch self {
            case .balanceOf: "balanceOf(address,uint256)"
            case .balanceOfBatch: "balanceOfBatch(address[],uint256[])"
            case .setApprovalForAll: "setApprovalForAll(address,bool)"
            case .isApprovedForAll: "isApprovedForAll(address,address)"
            case .safeTransferFrom: "safeTransferFrom(address,address,uint256,uint256,bytes)"
            case .safeBatchTransferFrom:
                "safeBatchTransferFrom(address,address,uint256[],uint256[],bytes)"
            case .supportsInterface: "supportsInterface(bytes4)"
            case .transfer: "transfer(uint64,uint16,address,uint256)"
            case .pledge: "pledge(uint64,uint16,uint64,uint256)"
            case .holders: "holders(uint64,uint16)"
            case .offer: "offer(uint64,uint16,uint256,uint256,uint256,address,uint64)"
            case .buy: "buy(uint64)"
            case .withdraw: "withdraw(uint64)"
            case .offers: "offers(uint64)"
            case .claimsOf: "claimsOf(address,uint64,uint16)"
            }
        }
    }

    /// The events.
    public enum Event: CaseIterable, Sendable {
        case transferSingle
        case transferBatch
        case approvalForAll
        case offered
        case bought
        case withdrawn

        /// What the topic is the hash of.
        public var signature: StaticString {
            switch self {
            case .transferSingle: "TransferSingle(address,address,address,uint256,uint256)"
            case .transferBatch: "TransferBatch(address,address,address,uint256[],uint256[])"
            case .approvalForAll: "ApprovalForAll(address,address,bool)"
            case .offered: "Offered(uint64,address,uint64,uint16,uint256,uint256)"
            case .bought: "Bought(uint64,address)"
            case .withdrawn: "Withdrawn(uint64)"
            }
        }

        /// The first topic of its logs.
        @inlinable
        public var topic: Hash32 {
            switch self {
            case .transferSingle:
                Hash32(
                    0xc3d5_8168_c5ae_7397, 0x731d_063d_5bbf_3d65,
                    0x7854_4273_43f4_c083, 0x240f_7aac_aa2d_0f62)
            case .transferBatch:
                Hash32(
                    0x4a39_dc06_d4c0_dbc6, 0x4b70_af90_fd69_8a23,
                    0x3a51_8aa5_d07e_595d, 0x983b_8c05_26c8_f7fb)
            case .approvalForAll:
                Hash32(
                    0x1730_7eab_39ab_6107, 0xe889_9845_ad3d_59bd,
                    0x9653_f200_f220_9204, 0x89ca_2b59_3769_6c31)
            case .offered:
                Hash32(
                    0xce79_7ad2_73e1_80db, 0x04ef_5b99_7d7d_36ce,
                    0x7f62_bdaa_333c_3050, 0x7185_6049_d658_f326)
            case .bought:
                Hash32(
                    0x1ba5_a5a1_f755_e33b, 0x9ff8_ab83_d1c8_5bf6,
                    0x8a02_eb89_a8ae_054e, 0xcbb2_5c5a_f4aa_b5ba)
            case .withdrawn:
                Hash32(
                    0x9691_da51_7a04_4dbd, 0x9387_ad21_71c5_1521,
                    0x298b_367b_e8b4_b9d1, 0xaec7_8fb5_13b6_1a2c)
            }
        }
    }
}
