import Foundation
import Gateway
import Ledger
import Testing
import Wallet

@testable import Signing

@Suite struct SigningKeyTests {
    static let digits = String(repeating: "1f", count: 32) + String(repeating: "2e", count: 32)

    /// The key whose number is this.
    private func key(_ number: UInt8) -> PrivateKey {
        PrivateKey([UInt8](repeating: 0, count: 31) + [number])!
    }

    private func read(_ text: String) throws -> SigningKey {
        let path = FileManager.default.temporaryDirectory.path() + "/key-" + UUID().uuidString
        try PrivateFiles.write(SecretBytes(Array(text.utf8)), to: path)
        defer { try? FileManager.default.removeItem(atPath: path) }
        return try SigningKey.read(path)
    }

    @Test func `digits are a key that is here`() async throws {
        let read = try read(String(repeating: "0", count: 63) + "7\n")
        #expect(read.local?.address == key(7).address)
        let message = Array("Good morning".utf8)
        let signature = try await read.sign(message)
        #expect(signature == key(7).sign(Keccak256.hash(message)))
        let payment = Transaction(
            chainID: 5, nonce: 1, maxFeePerGas: 2, gasLimit: 21_000, to: key(9).address, value: 3)
        #expect(try await payment.sign(with: read) == payment.sign(with: key(7)))
    }

    @Test(arguments: [
        "zz", "", String(repeating: "0", count: 64), String(repeating: "f", count: 64),
    ])
    func `a file that holds no key is named`(text: String) {
        do {
            _ = try read(text)
            Issue.record("it was taken for a key")
        } catch {
            #expect("\(error)".contains("/key-") && "\(error)".contains("holds no private key"))
            #expect(text.isEmpty || !"\(error)".contains(text))
        }
    }

    @Test(arguments: [Transaction.Kind.legacy, .accessList, .dynamicFee], [0, 3355, 1 << 40])
    func `what a signer hashes is what is signed here`(kind: Transaction.Kind, chainID: UInt64)
        throws
    {
        let payment = Transaction(
            kind: kind, chainID: chainID, nonce: 1, maxFeePerGas: 2, gasLimit: 21_000,
            to: key(9).address, value: 3, data: [1, 2, 3])
        let signature = key(7).sign(Keccak256.hash(payment.signingPreimage))
        let decoded = try Transaction.decode(payment.raw(with: signature))
        #expect(decoded.recoverSender() == key(7).address)
    }

    @Test func `an object is a signer elsewhere`() throws {
        let address = key(7).address
        let text = #" {"signer": "https://signer.example", "address": "\#(address.checksummed)"}"#
        let read = try read(text)
        #expect(read.local == nil)
        #expect(read.address == address)
    }

    @Test func `every member has its place`() throws {
        let text = """
            {"signer": "https://[::1]:9", "address": "\(key(7).address)", "authority": "ca.pem",
             "certificate": "/etc/client.pem", "key": "client.key", "timeoutSeconds": 60}
            """
        let file = try SignerFile.read(Array(text.utf8), name: "n", folder: "/f")
        #expect(file.signer == "https://[::1]:9")
        #expect(file.authority == "/f/ca.pem")
        #expect(file.certificate?.certificateChain == "/etc/client.pem")
        #expect(file.certificate?.privateKey == "/f/client.key")
        #expect(file.timeoutSeconds == 60)
    }

    @Test(arguments: [
        (#"{"signer": 5"#, "no JSON"),
        (#"{}"#, "signer must be"),
        (#"{"signer": "https://a"}"#, "address must be"),
        (#"{"signer": "https://a", "address": "0x1"}"#, "address must be"),
        (#"{"signer": "ftp://a", "address": "ADDRESS"}"#, "no address"),
        (#"{"signer": "unix:/run/s", "address": "ADDRESS"}"#, "no address"),
        (#"{"signer": "/run/s", "address": "ADDRESS"}"#, "no address"),
        (#"{"signer": "wss://a", "address": "ADDRESS"}"#, "no address"),
        (#"{"signer": "http://[::1]", "address": "ADDRESS", "authority": "c"}"#, "do nothing"),
        (#"{"signer": "http://a:9000", "address": "ADDRESS"}"#, "beyond this machine"),
        (#"{"signer": "https://a/b", "address": "ADDRESS"}"#, "no address"),
        (#"{"signer": "https://a", "address": "ADDRESS", "key": "k"}"#, "go together"),
        (#"{"signer": "https://a", "address": "ADDRESS", "keys": "k"}"#, "keys is not known"),
        (#"{"signer": "https://a", "address": "ADDRESS", "timeoutSeconds": 0}"#, "1 to 60"),
        (#"{"signer": "https://a", "address": "ADDRESS", "authority": 7}"#, "path of a file"),
    ])
    func `a wrong file says which member is wrong`(text: String, words: String) {
        let whole = text.replacing("ADDRESS", with: key(7).address.checksummed)
        let fault = #expect(throws: WalletFault.self) { try read(whole) }
        #expect(fault?.description.contains(words) == true, "\(fault?.description ?? "")")
    }

    @Test func `files that are being renewed pass, a wrong signature does not`() {
        #expect(SignerFault.unreachable(.misconfigured("client.key")).passes)
        #expect(!SignerFault.wrongSignature(signer: "s", key(7).address).passes)
    }

    @Test func `plain HTTP goes to this machine alone`() throws {
        for host in ["127.0.0.1", "localhost", "[::1]"] {
            let text = #"{"signer": "http://\#(host):9", "address": "\#(key(7).address)"}"#
            #expect(throws: Never.self) { try read(text) }
        }
    }

    @Test func `a signer's answer is read with both forms of v, in quotes or not`() throws {
        for (v, parity) in [("00", 0), ("01", 1), ("1b", 0), ("1c", 1)] {
            for text in [
                "0x\(Self.digits)\(v)", "\(Self.digits)\(v)\n", "\"0x\(Self.digits)\(v)\"",
            ] {
                let signature = try #require(RemoteSigner.signature(in: Array(text.utf8)))
                #expect(signature.yParity == parity)
                #expect(signature.r == Hash32(hex: String(repeating: "1f", count: 32)))
            }
        }
    }

    @Test(arguments: [
        "", "0x", "null", "{}", digits, digits + "02", digits + "1d", digits + "25",
        digits + "1b00",
        "0x" + digits + "1", digits.dropLast() + "x1b",
        String(repeating: " ", count: 300) + digits + "1b",
        "\u{0}", "\"\"\"", "0x" + digits + "1b trailing", "0x" + digits + " 1b",
    ])
    func `what is no signature is none`(text: String) {
        #expect(RemoteSigner.signature(in: Array(text.utf8)) == nil)
    }
}
