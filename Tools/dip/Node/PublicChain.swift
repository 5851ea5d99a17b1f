/// Chains of other people's, whose ids a new ledger does not take.
///
/// Transactions are bound to a ledger by its chain id alone, permits and attestations by that and by the contract's
/// address, which two ledgers may share: what somebody signs for one of two ledgers with one id, anybody can bring to
/// the other.
enum PublicChain {
    /// Well-known ones, by their ids.
    ///
    /// - Source: EIP-155, and the list at `chainid.network`.
    private static let names: [UInt64: String] = [
        1: "Ethereum", 5: "Goerli", 10: "OP Mainnet", 56: "BNB Smart Chain", 61: "Ethereum Classic",
        97: "BNB Smart Chain's test network", 100: "Gnosis", 137: "Polygon", 250: "Fantom",
        324: "zkSync Era", 1337: "local Ethereum test chains", 8453: "Base", 10200: "Chiado",
        17_000: "Holesky", 31_337: "Hardhat's and Foundry's test chains", 42_161: "Arbitrum One",
        42_220: "Celo", 43_114: "Avalanche", 59_144: "Linea", 80_002: "Amoy",
        84_532: "Base Sepolia",
        421_614: "Arbitrum Sepolia", 534_352: "Scroll", 560_048: "Hoodi", 11_155_111: "Sepolia",
        11_155_420: "OP Sepolia",
    ]

    /// What is wrong with a chain id for a ledger of one's own, nil if nothing is known.
    static func fault(_ chainID: UInt64) -> String? {
        names[chainID].map {
            "chain id \(chainID) is \($0)'s: what is signed for that chain would count on this ledger, and the other "
                + "way round; take a number that nobody else uses"
        }
    }
}
