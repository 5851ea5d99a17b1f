import Ledger
import Testing
import Wallet

@testable import dip

struct NamesTests {
    @Test func `an account is an address or the number of a published key`() throws {
        #expect(try names.address("dev:3") == account(3))
        let address = account(3)
        for text in [address.hex, address.checksummed, String(address.hex.dropFirst(2))] {
            #expect(try names.address(text) == address)
        }
    }

    @Test func `a mistyped address is noticed`() {
        var typed = Array(account(3).checksummed)
        let place = typed.indices.last { typed[$0].isLetter } ?? 0
        typed[place] = typed[place].isUppercase ? "a" : "A"
        let told = failure { _ = try names.address(String(typed)) } ?? ""
        #expect(told.contains("checksum"), "\(told)")
    }

    @Test(arguments: ["", "0x", "0x12", "mill", "dev:x", "dev:-1", "0xzz"])
    func `what names nobody is refused`(text: String) {
        #expect(failure { _ = try names.address(text) } != nil)
    }

    @Test func `published keys and contracts are called by name`() {
        #expect(names.short(account(3)) == "dev:3")
        #expect(names.text(.orders) == "orders")
        #expect(names.text(.order(7)) == "order 7")
        #expect(names.text(Address(high: 9, middle: 0, low: 0)).hasPrefix("0x"))
    }
}
