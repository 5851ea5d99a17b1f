import Ledger

/// The keys of deposits, redemptions and what goes with them: 0x48 to 0x4e; `docs/formats/state.md`.
enum DepositKey {
    /// How many redemptions there were.
    static let count: [UInt8] = [0x49]
    static let deadlinePrefix: UInt8 = 0x4b
    /// The value of an object that says all by being there.
    static let present: [UInt8] = [1]

    /// The height at which a payment reference was used for a token.
    static func reference(_ token: TokenID, _ reference: Hash32) -> [UInt8] {
        objectKey(0x48, 37) {
            $0.write(token.rawValue)
            $0.write(reference)
        }
    }

    /// A redemption.
    static func redemption(_ id: UInt64) -> [UInt8] { objectKey(0x4a, 9) { $0.write(id) } }

    /// That a redemption returns by itself; in byte order they return in their order.
    static func deadline(_ timer: RedemptionTimer) -> [UInt8] {
        objectKey(deadlinePrefix, 17) {
            $0.write(timer.deadline)
            $0.write(timer.id)
        }
    }

    /// That payouts to an account turn into redemptions.
    static func autoRedeem(_ token: TokenID, _ account: Address) -> [UInt8] {
        objectKey(0x4c, 25) {
            $0.write(token.rawValue)
            $0.write(account)
        }
    }

    /// The last redemption of an account.
    static func lastRedemption(_ owner: Address) -> [UInt8] {
        objectKey(0x4d, 21) { $0.write(owner) }
    }

    /// To which tokens payouts to an account are converted.
    static func payoutTokens(_ account: Address) -> [UInt8] {
        objectKey(0x4e, 21) { $0.write(account) }
    }
}
