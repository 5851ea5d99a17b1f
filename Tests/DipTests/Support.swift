import JSON
import Ledger
import Wallet

@testable import dip

/// A token with two decimal places.
let cents = Currency(address: Address(high: 1, middle: 2, low: 3), symbol: "EBD", decimals: 2)

/// Names without a keystore.
let names = Names(Keystore(folder: "/nonexistent"))

func account(_ number: UInt32) -> Address { PrivateKey.development(number).address }

/// What a command would tell of a failure; nil where there is none.
func failure(_ body: () throws -> Void) -> String? {
    do {
        try body()
        return nil
    } catch {
        return "\(error)"
    }
}
