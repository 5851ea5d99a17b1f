import Ledger

/// The keys of the module's objects, 0x02 to 0x0f in their first byte; `docs/formats/state.md`.
enum TokenKey {
    /// What never changes of a token.
    static func token(_ id: TokenID) -> [UInt8] { objectKey(0x02, 5) { $0.write(id.rawValue) } }
    /// A token's supply and whether it is paused.
    static func supply(_ id: TokenID) -> [UInt8] { objectKey(0x03, 5) { $0.write(id.rawValue) } }
    /// How many tokens were issued.
    static let count: [UInt8] = [0x05]

    /// What a spender may take from an owner.
    static func allowance(_ id: TokenID, owner: Address, spender: Address) -> [UInt8] {
        objectKey(0x06, 45) {
            $0.write(id.rawValue)
            $0.write(owner)
            $0.write(spender)
        }
    }

    /// How many permits of an owner were used.
    static func permitNonce(_ id: TokenID, owner: Address) -> [UInt8] {
        objectKey(0x07, 25) {
            $0.write(id.rawValue)
            $0.write(owner)
        }
    }

    /// That an account has a role.
    static func role(_ id: TokenID, _ role: Hash32, _ account: Address) -> [UInt8] {
        objectKey(0x08, 57) {
            $0.write(id.rawValue)
            $0.write(role)
            $0.write(account)
        }
    }

    /// What one account lets another spend on fees.
    static func feeGrant(from: Address, to: Address) -> [UInt8] {
        objectKey(0x09, 41) {
            $0.write(from)
            $0.write(to)
        }
    }

    /// Whom an account wants to pay its fees.
    static func feePayer(_ account: Address) -> [UInt8] {
        objectKey(0x0a, 21) { $0.write(account) }
    }
}

/// The value of a small object.
func bytes(_ body: (inout ByteWriter) -> Void) -> [UInt8] {
    var writer = ByteWriter(capacity: 32)
    body(&writer)
    return writer.bytes
}
