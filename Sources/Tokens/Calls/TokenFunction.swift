/// Functions of ERC-20 tokens, which DIP and issued tokens have; the raw value is the selector.
enum MoneyFunction: UInt32, CaseIterable {
    case name = 0x06fd_de03
    case symbol = 0x95d8_9b41
    case decimals = 0x313c_e567
    case totalSupply = 0x1816_0ddd
    case balanceOf = 0x70a0_8231
    case transfer = 0xa905_9cbb
    case approve = 0x095e_a7b3
    case allowance = 0xdd62_ed3e
    case transferFrom = 0x23b8_72dd
    case transferBatch = 0x3b3e_672f
    case permit = 0xd505_accf
    case nonces = 0x7ece_be00
    case domainSeparator = 0x3644_e515
    case eip712Domain = 0x84b0_196e
}

/// Functions of 0x…d100 about who pays fees.
enum FeeFunction: UInt32, CaseIterable {
    case grantFees = 0xa379_0d73
    case feeGrant = 0x4cad_8325
    case feePayer = 0xa1f7_32c8
    case setFeePayer = 0x7c68_088c
}

/// Functions of the factory, 0x…d101.
enum FactoryFunction: UInt32, CaseIterable {
    case create = 0x20cf_d903
    case count = 0x0666_1abd
    case at = 0xe088_6f90
}

/// What holders of roles, and holders of an issued token, can do with it beyond ERC-20.
enum ControlFunction: UInt32, CaseIterable {
    case mint = 0x40c1_0f19
    case burn = 0x4296_6c68
    case burnFrom = 0x79cc_6790
    case pause = 0x8456_cb59
    case unpause = 0x3f4b_a83a
    case freeze = 0xbf12_0ae5
    case allow = 0x1104_96e5
    case clawback = 0xed5e_343a
    case releaseHeld = 0x6a0c_eb37
    case grantRole = 0x2f2f_f15d
    case revokeRole = 0xd547_741f
    case renounceRole = 0x3656_8abe
}

/// What can be asked of an issued token beyond ERC-20.
enum ControlView: UInt32, CaseIterable {
    case paused = 0x5c97_5abb
    case controls = 0x8c87_8e52
    case cap = 0x3552_74ea
    case isFrozen = 0xe583_9836
    case isAllowed = 0xbabc_c539
    case uri = 0xeac9_89f8
    case contractURI = 0xe8a3_d485
    case issuer = 0x1d14_3848
    case heldOf = 0xd2ac_2d8a
    case hasRole = 0x91d1_4854
    case getRoleAdmin = 0x248a_9ca3
    case adminRole = 0xa217_fddf
    case minterRole = 0xd539_1393
    case pauserRole = 0xe63a_b1e9
    case freezerRole = 0x06a8_5f0f
    case clawbackRole = 0x2ea0_5e44
    case allowerRole = 0x1076_6f6f
    case supportsInterface = 0x01ff_c9a7
}
