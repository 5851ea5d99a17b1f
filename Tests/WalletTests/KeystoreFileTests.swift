import Foundation
import JSON
import Ledger
import Testing
import Wallet

@Suite struct KeystoreFileTests {
    private static let vectors: JSON = {
        let path = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "Vectors/keystore.json")
        return try! JSON(parsing: [UInt8](Data(contentsOf: path)))
    }()

    @Test(arguments: vectors.object!.map(\.name))
    func `files of other programs open`(name: String) throws {
        let vector = try #require(Self.vectors[name])
        let json = try #require(vector["json"])
        let file = try KeystoreFile(parsing: bytes(json), file: name)
        let password = try #require(vector["password"]?.string)
        let opened = try file.open(secret(password), file: name)
        #expect(opened.hex == vector["priv"]?.string)
        // What is written again says the same.
        let again = try KeystoreFile(parsing: bytes(file.json), file: name)
        #expect(again == file)
    }

    @Test func `a key comes back with the password and with no other`() throws {
        let file = try KeystoreFile(key(7), password: secret("open"), derivation: cheap)
        let read = try KeystoreFile(parsing: bytes(file.json), file: "f")
        #expect(try read.open(secret("open"), file: "f").hex == key(7).hex)
        #expect(
            walletFault { _ = try read.open(secret("Open"), file: "f") }
                == .wrongPassword(file: "f"))
        #expect(
            walletFault { _ = try read.open(secret(""), file: "f") } == .wrongPassword(file: "f"))
    }

    @Test func `two files of one key share neither salt nor counter`() throws {
        let one = try KeystoreFile(key(7), password: secret("open"), derivation: cheap)
        let two = try KeystoreFile(key(7), password: secret("open"), derivation: cheap)
        for path in [["kdfparams", "salt"], ["cipherparams", "iv"], ["ciphertext"], ["mac"]] {
            let crypto = try #require(one.json["crypto"])
            let other = try #require(two.json["crypto"])
            #expect(path.reduce(crypto) { $0[$1]! } != path.reduce(other) { $0[$1]! })
        }
        #expect(one.id != two.id)
    }

    @Test(arguments: ["ciphertext", "mac"])
    func `a changed byte is noticed`(member: String) throws {
        let file = try KeystoreFile(key(7), password: secret("open"), derivation: cheap)
        let text = try #require(file.json["crypto"]?[member]?.string)
        let flipped = (text.hasPrefix("0") ? "1" : "0") + text.dropFirst()
        let changed = changing(file.json, ["crypto", member], to: .string(String(flipped)))
        let read = try KeystoreFile(parsing: bytes(changed), file: "f")
        #expect(
            walletFault { _ = try read.open(secret("open"), file: "f") }
                == .wrongPassword(file: "f"))
    }

    @Test func `a file for another address is refused`() throws {
        let file = try KeystoreFile(key(7), password: secret("open"), derivation: cheap)
        let changed = changing(
            file.json, ["address"], to: .string(Hex.encode(key(8).address.bytes)))
        let read = try KeystoreFile(parsing: bytes(changed), file: "f")
        #expect(
            walletFault { _ = try read.open(secret("open"), file: "f") }
                == .addressMismatch(file: "f", stated: key(8).address, actual: key(7).address))
    }

    @Test func `the address may be missing and the letters large`() throws {
        let file = try KeystoreFile(key(7), password: secret("open"), derivation: cheap)
        let bare = changing(file.json, ["address"], to: nil)
        #expect(try KeystoreFile(parsing: bytes(bare), file: "f").address == nil)
        let old = String(decoding: bytes(file.json), as: UTF8.self)
            .replacing("\"crypto\"", with: "\"Crypto\"")
        #expect(
            try KeystoreFile(parsing: Array(old.utf8), file: "f")
                .open(secret("open"), file: "f").hex == key(7).hex)
    }

    static let broken: [([String], JSON?, String)] = [
        (["version"], nil, "'version' is not there"),
        (["version"], 1, "its version is 1; 3 is known"),
        (["crypto"], nil, "'crypto' is not there"),
        (["address"], "0x12", "'address' is no address"),
        (["crypto", "cipher"], "aes-256-gcm", "its cipher is not aes-128-ctr"),
        (["crypto", "cipherparams", "iv"], "00", "'iv' must be 16 bytes"),
        (["crypto", "cipherparams"], nil, "'iv' must be 16 bytes"),
        (["crypto", "ciphertext"], "zz", "'ciphertext' must be 32 bytes"),
        (["crypto", "ciphertext"], .string(String(repeating: "0", count: 66)), "'ciphertext'"),
        (["crypto", "mac"], 5, "'mac' must be 32 bytes"),
        (["crypto", "kdf"], "argon2", "its 'kdf' is neither"),
        (["crypto", "kdf"], nil, "'kdf' is not there"),
        (["crypto", "kdfparams"], nil, "'dklen' must be a whole number"),
        (["crypto", "kdfparams", "dklen"], 64, "its 'dklen' is not 32"),
        (["crypto", "kdfparams", "salt"], "", "'salt' must be 1 to 256 bytes"),
        (["crypto", "kdfparams", "n"], 3, "n must be a power of two"),
        (["crypto", "kdfparams", "n"], 0, "n must be a power of two"),
        (["crypto", "kdfparams", "n"], -2, "'n' must be a whole number"),
        (["crypto", "kdfparams", "r"], 0, "r and p must be at least 1"),
        (["crypto", "kdfparams", "n"], 1_073_741_824, "more than 1 GiB or a minute"),
        (["crypto", "kdfparams", "n"], .number("9223372036854775807"), "n must be a power of two"),
        (["crypto", "kdfparams", "n"], .number("4611686018427387904"), "more than 1 GiB"),
        (["crypto", "kdfparams", "r"], .number("4611686018427387904"), "more than 1 GiB"),
        (["crypto", "kdfparams", "p"], .number("9223372036854775807"), "more than 1 GiB"),
    ]

    @Test(arguments: broken.indices)
    func `a hostile file is refused before any work`(index: Int) throws {
        let (path, value, expected) = Self.broken[index]
        let file = try KeystoreFile(key(7), password: secret("open"), derivation: cheap)
        let changed = bytes(changing(file.json, path, to: value))
        let fault = walletFault { _ = try KeystoreFile(parsing: changed, file: "f") }
        #expect(fault?.description.contains(expected) == true, "\(fault as Any)")
    }

    @Test func `too many rounds of PBKDF2 are refused`() throws {
        let vector = try #require(Self.vectors["test1"]?["json"])
        let changed = bytes(changing(vector, ["crypto", "kdfparams", "c"], to: 20_000_001))
        let fault = walletFault { _ = try KeystoreFile(parsing: changed, file: "f") }
        #expect(fault?.description.contains("would take more than a minute") == true)
    }

    @Test func `what is no JSON or too large is refused`() {
        for text in ["", "[]", "{", "nonsense", String(repeating: " ", count: 70_000)] {
            #expect(
                walletFault { _ = try KeystoreFile(parsing: Array(text.utf8), file: "f") } != nil)
        }
    }

    @Test func `random damage never traps`() throws {
        let whole = bytes(
            try KeystoreFile(key(7), password: secret("open"), derivation: cheap).json)
        var seed: UInt64 = 0x5eed
        for _ in 0..<2_000 {
            var damaged = whole
            for _ in 0..<3 {
                seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                let place = Int(seed >> 33) % damaged.count
                damaged[place] = UInt8(truncatingIfNeeded: seed >> 17)
            }
            _ = try? KeystoreFile(parsing: damaged, file: "f")
        }
    }
}
