import Ledger
import Testing
import Wallet

@testable import BankDesk

/// References, account numbers, encrypted fields.
@Suite("Customers")
struct CustomerTests {
    @Test("a reference is one of ISO 11649, and says what it is for")
    func references() {
        for number in [1, 42, 97, 12_345, 99_999_999_999_999_999] as [UInt64] {
            let reference = PaymentReference.order(number)
            #expect(PaymentReference(reference.text) == reference)
            #expect(CheckDigits.remainder(rotated(reference.text)) == 1)
        }
        // Computed by hand as the standard says: DIPO42RF00 modulo 97.
        #expect(PaymentReference.order(42).text.hasSuffix("DIPO42"))
        #expect(PaymentReference("RF00DIPO42") == nil)
        #expect(PaymentReference("RF18539007547034") == nil)
        #expect(PaymentReference(PaymentReference.order(42).text.lowercased()) == .order(42))
    }

    private func rotated(_ text: String) -> [UInt8] {
        let bytes = Array(text.utf8)
        return Array(bytes[4...] + bytes[..<4])
    }

    @Test("one mistyped digit is noticed", arguments: 0..<10)
    func mistyped(digit: Int) {
        var text = Array(PaymentReference.order(123_456).text)
        for place in 8..<text.count where text[place] != Character("\(digit)") {
            let right = text[place]
            text[place] = Character("\(digit)")
            #expect(PaymentReference(String(text)) == nil)
            text[place] = right
        }
    }

    @Test("references are found in what people write")
    func found() {
        let one = PaymentReference.order(42).text
        #expect(PaymentReference.all(in: "pay \(one), please") == [.order(42)])
        let grouped = "\(one.prefix(4)) \(one.dropFirst(4).prefix(4)) \(one.dropFirst(8))"
        #expect(PaymentReference.all(in: "ref \(grouped).") == [.order(42)])
        #expect(PaymentReference.all(in: "nothing here, RF12 nor here").isEmpty)
        #expect(
            Set(PaymentReference.all(in: "\(one) and \(PaymentReference.customer(7).text)"))
                == [.order(42), .customer(7)])
    }

    @Test("a field is read back under its own name and key only")
    func cipher() throws {
        let key = try PrivateKey.random()
        let cipher = FieldCipher(key)
        let sealed = try cipher.seal("DE02120300000000202051", .accountNumber)
        #expect(try cipher.text(sealed, .accountNumber) == "DE02120300000000202051")
        #expect(try FieldCipher(key).text(sealed, .accountNumber) == "DE02120300000000202051")
        #expect(throws: DeskFault.self) { try cipher.open(sealed, .customerName) }
        #expect(throws: DeskFault.self) {
            try FieldCipher(try PrivateKey.random()).open(sealed, .accountNumber)
        }
        for place in sealed.indices {
            var changed = sealed
            changed[place] ^= 1
            #expect(throws: DeskFault.self) { try cipher.open(changed, .accountNumber) }
        }
        #expect(try cipher.seal("a", .payout) != cipher.seal("a", .payout))
        #expect(try cipher.open(cipher.seal([UInt8](), .payout), .payout).isEmpty)
    }

    @Test("HMAC-SHA-256 is that of RFC 4231")
    func hmac() {
        let digest = HMAC.sha256(
            key: Array("Jefe".utf8), Array("what do ya want for nothing?".utf8))
        #expect(
            digest.hex == "0x5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
    }

    @Test("customers are told apart, and those whom nobody could pay are refused")
    func refused() throws {
        let bench = try Bench()
        let mill = try bench.customer("Mill", account: "1234", virtual: Bench.virtual)
        #expect(throws: DeskFault.self) {
            try bench.customer("Other", account: "12", virtual: Bench.virtual)
        }
        for (name, account) in [
            ("", "1"), ("Mill", ""), ("Mill", "DE02120300000000202052"), ("工厂", "1234"),
        ] {
            #expect(throws: DeskFault.self) { try bench.customer(name, account: account) }
        }
        #expect(throws: DeskFault.self) {
            try bench.journal.add(
                NewCustomer(address: .orders, isKept: false, name: "X", account: "1"),
                bench.settings, at: 0)
        }
        bench.settings.takesAllCharacters = true
        #expect(try bench.customer("工厂", account: "1234").name == "工厂")
        #expect(try bench.journal.customer(at: mill.address) == mill)
        #expect(throws: DeskFault.self) {
            try bench.journal.update(mill.id, fundsOrders: true)
        }
    }

    @Test("an address that is another customer's is refused by saying whose it is")
    func taken() throws {
        let bench = try Bench()
        let mill = try bench.customer("Mill", account: "1234")
        let shop = try bench.customer("Shop", account: "5678")
        let refusal = DeskFault.refused("customer \(mill.id) has this address")
        #expect(throws: refusal) { try bench.journal.update(shop.id, address: mill.address) }
        #expect(throws: refusal) {
            try bench.journal.add(
                NewCustomer(address: mill.address, isKept: false, name: "X", account: "1"),
                bench.settings, at: 0)
        }
        try bench.journal.update(mill.id, address: mill.address)
        #expect(throws: DeskFault.self) { try bench.journal.update(shop.id, address: .zero) }
    }

    @Test("an address finds a customer only with its checksum")
    func addresses() throws {
        let text = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"
        var details = EntryDetails()
        details.remittance = ["to \(text)."]
        #expect(PayerMatching.addresses(in: details).map(\.checksummed) == [text])
        for wrong in [text.lowercased(), text.replacing("Aed", with: "aed")] {
            details.remittance = [wrong]
            #expect(PayerMatching.addresses(in: details).isEmpty)
        }
    }

    @Test("no account number leads payers to two customers, or to one what is the bank's")
    func clashes() throws {
        let bench = try Bench()
        let mill = try bench.customer("Mill", account: "1234", virtual: Bench.virtual)
        // What comes into the bank's own account would all be one customer's.
        #expect(throws: DeskFault.refused(Journal.ownAccount)) {
            try bench.customer("Shop", account: "5678", virtual: Bench.account)
        }
        #expect(throws: DeskFault.refused(Journal.ownAccount)) {
            try bench.customer("Shop", account: Bench.account)
        }
        // What it is paid out would come in again.
        #expect(throws: DeskFault.self) {
            try bench.customer("Shop", account: "5678", virtual: "5678")
        }
        #expect(throws: DeskFault.self) {
            try bench.customer("Shop", account: "5678", virtual: mill.account)
        }
        #expect(throws: DeskFault.self) { try bench.customer("Shop", account: Bench.virtual) }
        #expect(try bench.journal.customers() == [mill])
        // One firm may have several accounts on the ledger.
        _ = try bench.customer("Mill", account: "1234")
    }

    @Test("a customer that moved is given its address again, not added a second time")
    func moved() throws {
        let bench = try Bench()
        let mill = try bench.customer("Mill", account: "1234")
        try bench.journal.update(mill.id, address: try PrivateKey.random().address)
        let again = NewCustomer(
            address: mill.address, isKept: false, name: "Mill", account: "1234")
        let fault = #expect(throws: DeskFault.self) {
            try bench.journal.add(again, bench.settings, at: 0)
        }
        #expect(fault?.description.contains("customer \(mill.id) had this address") == true)
    }
}
