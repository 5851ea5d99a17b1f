import Foundation
import Glibc
import Ledger
import Testing
import Wallet

@Suite struct SecretTests {
    @Test func `a key's text is read with and without 0x and white space`() throws {
        let digits = String(repeating: "0", count: 63) + "7"
        for text in [digits, "0x" + digits, " \(digits)\n", "\t0x\(digits)\r\n"] {
            #expect(try PrivateKey.read(hexText: secret(text)).hex == key(7).hex)
        }
        #expect(try PrivateKey.read(hexText: key(7).hexText).hex == key(7).hex)
        #expect(key(7).hexText.withBytes { String(decoding: $0, as: UTF8.self) } == digits + "\n")
    }

    @Test(arguments: [
        "", "0x", String(repeating: "0", count: 64), String(repeating: "f", count: 64),
        String(repeating: "0", count: 63), String(repeating: "0", count: 62) + "7x",
        String(repeating: "0", count: 30) + " " + String(repeating: "0", count: 33),
    ])
    func `what is no key is refused and not repeated`(text: String) {
        let fault = walletFault { _ = try PrivateKey.read(hexText: secret(text)) }
        #expect(fault != nil)
        if !text.isEmpty { #expect(fault?.description.contains(text) == false) }
    }

    @Test func `random keys differ`() throws {
        #expect(try PrivateKey.random().address != PrivateKey.random().address)
    }

    @Test func `a password file must be its owner's alone`() throws {
        try withFolder { folder in
            let path = folder + "/password"
            try Data("correct horse\r\nsecond line\n".utf8).write(to: URL(filePath: path))
            chmod(path, 0o600)
            let source = PasswordSource.file(path)
            #expect(
                try source.read("").withBytes { String(decoding: $0, as: UTF8.self) }
                    == "correct horse")
            for mode in [0o640, 0o604, 0o644] as [mode_t] {
                chmod(path, mode)
                #expect(
                    walletFault { _ = try source.read("") }
                        == .notPrivate(file: path, mode: UInt16(mode)))
            }
            #expect(walletFault { _ = try PasswordSource.file(folder).read("") } != nil)
            #expect(walletFault { _ = try PasswordSource.file(path + "x").read("") } != nil)
        }
    }

    @Test func `a new password is not empty`() throws {
        try withFolder { folder in
            let path = folder + "/password"
            try Data("\n".utf8).write(to: URL(filePath: path))
            chmod(path, 0o600)
            #expect(try PasswordSource.file(path).read("").count == 0)
            #expect(walletFault { _ = try PasswordSource.file(path).readNew("") } != nil)
        }
    }

    @Test func `each password takes one line of a descriptor`() throws {
        var ends: [Int32] = [0, 0]
        #expect(pipe(&ends) == 0)
        let text = "first\nsecond\n"
        #expect(Glibc.write(ends[1], text, text.utf8.count) == text.utf8.count)
        close(ends[1])
        defer { close(ends[0]) }
        let source = PasswordSource.descriptor(ends[0])
        for expected in ["first", "second", ""] {
            #expect(
                try source.read("").withBytes { String(decoding: $0, as: UTF8.self) } == expected)
        }
    }

    @Test func `a file is written once, whole and private`() throws {
        try withFolder { folder in
            let path = folder + "/key.hex"
            func write(_ text: String, replacing: Bool) throws {
                try PrivateFiles.write(secret(text), to: path, replacing: replacing)
            }
            try write("one", replacing: false)
            #expect(try mode(path) == 0o600)
            #expect(walletFault { try write("two", replacing: false) } != nil)
            #expect(try String(contentsOfFile: path, encoding: .utf8) == "one")
            try write("three", replacing: true)
            #expect(try String(contentsOfFile: path, encoding: .utf8) == "three")
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["key.hex"])
            #expect(
                walletFault { _ = try PrivateFiles.read(path, atMost: 4) }
                    == .unreadable(file: path, reason: "it has more than 4 bytes"))
            #expect(try PrivateFiles.read(path, atMost: 5).count == 5)
        }
    }

    @Test func `a folder that others may write to keeps no keys`() throws {
        try withFolder { folder in
            chmod(folder, 0o777)
            #expect(
                walletFault { try PrivateFiles.makeFolder(folder) }
                    == .notPrivate(file: folder, mode: 0o777))
            chmod(folder, 0o700)
            try PrivateFiles.makeFolder(folder + "/a/b")
            #expect(try mode(folder + "/a/b") == 0o700)
        }
    }
}
