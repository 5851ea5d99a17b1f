import Foundation
import Ledger
import Testing
import Wallet

@Suite struct KeystoreTests {
    private func keystore(
        _ folder: String, _ keys: [(UInt8, String?)]
    ) throws -> Keystore {
        let keystore = Keystore(folder: folder + "/keys")
        for (number, label) in keys {
            _ = try keystore.add(
                key(number), password: secret("pw\(number)"), label: label, time: 1_714_564_800,
                derivation: cheap)
        }
        return keystore
    }

    @Test func `a new key lies in a file of mode 0600 with the usual name`() throws {
        try withFolder { folder in
            let keystore = try keystore(folder, [(1, "treasury")])
            let entry = try keystore.entry("treasury")
            let address = Hex.encode(key(1).address.bytes)
            #expect(entry.path.hasSuffix("/UTC--2024-05-01T12-00-00.000000000Z--\(address)"))
            #expect(try mode(entry.path) == 0o600)
            #expect(try mode(keystore.folder) == 0o700)
            #expect(try FileManager.default.contentsOfDirectory(atPath: keystore.folder).count == 1)
            #expect(try keystore.key(of: entry, password: secret("pw1")).hex == key(1).hex)
        }
    }

    @Test func `an account has three kinds of names`() throws {
        try withFolder { folder in
            let keystore = try keystore(folder, [(1, "Treasury of A"), (2, nil)])
            let address = key(2).address
            for name in [
                address.hex, address.checksummed, String(address.hex.dropFirst(2)),
                String(address.hex.prefix(6)), String(address.hex.dropFirst(2).prefix(3)),
            ] {
                #expect(try keystore.entry(name).address == address)
            }
            #expect(try keystore.entry("Treasury of A").address == key(1).address)
            for name in ["treasury of a", "0x", "12", String(repeating: "f", count: 41), ""] {
                #expect(
                    walletFault { _ = try keystore.entry(name) }
                        == .unknownAccount(name, folder: keystore.folder))
            }
        }
    }

    @Test func `no name means the only account`() throws {
        try withFolder { folder in
            let empty = Keystore(folder: folder + "/keys")
            #expect(try empty.entries().isEmpty)
            #expect(walletFault { _ = try empty.entry(nil) } != nil)
            let one = try keystore(folder, [(1, nil)])
            #expect(try one.entry(nil).address == key(1).address)
            let two = try keystore(folder, [(2, nil)])
            #expect(
                walletFault { _ = try two.entry(nil) }
                    == .ambiguousAccount("", [key(2).address, key(1).address].sorted()))
        }
    }

    @Test func `a beginning that two accounts share is refused`() throws {
        try withFolder { folder in
            // The first pair of small keys whose addresses begin with the same three digits.
            var seen: [String: UInt8] = [:]
            for number in UInt8(1)...255 {
                let start = String(key(number).address.hex.dropFirst(2).prefix(3))
                if let first = seen.updateValue(number, forKey: start) {
                    let keystore = try keystore(folder, [(first, nil), (number, nil)])
                    #expect(
                        walletFault { _ = try keystore.entry(start) }
                            == .ambiguousAccount(
                                start, [key(first).address, key(number).address].sorted()))
                    return
                }
            }
            Issue.record("no two keys share a beginning")
        }
    }

    @Test func `neither a key nor a label is kept twice`() throws {
        try withFolder { folder in
            let keystore = try keystore(folder, [(1, "a bank")])
            #expect(
                walletFault { _ = try self.keystore(folder, [(1, nil)]) }
                    == .alreadyThere(key(1).address.checksummed))
            #expect(
                walletFault { _ = try self.keystore(folder, [(2, "a bank")]) }
                    == .alreadyThere("the label 'a bank'"))
            #expect(try keystore.entries().count == 1)
        }
    }

    @Test(arguments: [
        "", "0xyz", "abc", "DEADBEEF", "a/b", "a\nb", String(repeating: "x", count: 65),
    ])
    func `a label that is no plain name is refused`(label: String) throws {
        try withFolder { folder in
            #expect(
                walletFault { _ = try keystore(folder, [(1, label)]) } == .badLabel(label))
        }
    }

    @Test func `a label can be changed and taken away`() throws {
        try withFolder { folder in
            let keystore = try keystore(folder, [(1, "old name"), (2, "taken")])
            let entry = try keystore.entry("old name")
            try keystore.label(entry, as: "工厂 7")
            #expect(try keystore.entry("工厂 7").address == key(1).address)
            #expect(walletFault { try keystore.label(entry, as: "taken") } != nil)
            try keystore.label(entry, as: nil)
            #expect(try keystore.entries().compactMap(\.label) == ["taken"])
            #expect(try mode(entry.path) == 0o600)
            #expect(try keystore.key(of: entry, password: secret("pw1")).hex == key(1).hex)
        }
    }

    @Test func `other files in the folder are passed over`() throws {
        try withFolder { folder in
            let keystore = try keystore(folder, [(1, nil)])
            try Data("{}".utf8).write(to: URL(filePath: keystore.folder + "/notes.json"))
            try FileManager.default.createDirectory(
                atPath: keystore.folder + "/old", withIntermediateDirectories: false)
            #expect(try keystore.entries().count == 1)
        }
    }
}
