import Ledger
import Tokens

/// The keys of banks and their deposit tokens in the state, 0x40 to 0x47 and 0x4f to 0x51; `docs/formats/state.md`.
enum BankingKey {
    /// The deposit tokens of all banks, in the order in which they became some.
    static let tokens: [UInt8] = [0x46]

    /// A bank, ``BankRecord``.
    static func bank(_ id: UInt64) -> [UInt8] { objectKey(0x40, 9) { $0.write(id) } }
    /// The bank that an account operates.
    static func `operator`(_ account: Address) -> [UInt8] {
        objectKey(0x41, 21) { $0.write(account) }
    }
    /// The bank whose checker an account is.
    static func checker(_ account: Address) -> [UInt8] { objectKey(0x42, 21) { $0.write(account) } }
    /// A deposit token, ``DepositRecord``.
    static func deposit(_ token: TokenID) -> [UInt8] {
        objectKey(0x44, 5) { $0.write(token.rawValue) }
    }
    /// What a bank attested last of a token's reserve, ``ReserveAttestation``.
    static func reserve(_ token: TokenID) -> [UInt8] {
        objectKey(0x45, 5) { $0.write(token.rawValue) }
    }

    /// What a bank takes at par for a deposit token of its own, ``ParAcceptance``.
    static func acceptances(_ token: TokenID) -> [UInt8] {
        objectKey(0x47, 5) { $0.write(token.rawValue) }
    }

    /// A call that a bank's checker approved, ``CallApproval``.
    static func approval(_ bank: UInt64, _ call: Hash32) -> [UInt8] {
        objectKey(0x43, 41) {
            $0.write(bank)
            $0.write(call)
        }
    }

    /// A recovery that is not finished, ``Recovery``.
    static func recovery(_ bank: UInt64, _ from: Address) -> [UInt8] {
        objectKey(0x4f, 29) {
            $0.write(bank)
            $0.write(from)
        }
    }

    /// Whose redemptions of a token those of a former operator are, ``Succession``.
    static func successions(of account: Address, in token: TokenID) -> [UInt8] {
        objectKey(0x50, 25) {
            $0.write(account)
            $0.write(token.rawValue)
        }
    }

    /// Who has what an account that a customer of a bank lost had asked for, ``Following``.
    static func following(_ bank: UInt64, _ account: Address) -> [UInt8] {
        objectKey(0x51, 29) {
            $0.write(bank)
            $0.write(account)
        }
    }
}
