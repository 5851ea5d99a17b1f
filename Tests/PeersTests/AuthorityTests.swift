import Consensus
import Files
import Glibc
import Ledger
import TestSupport
import Testing

@testable import Peers

struct AuthorityTests {
    @Test func `a certificate says whose it is, where and for which bank`() throws {
        let authority = try Authority.make(name: "Authority of the First Bank", now: 1_800_000_000)
        let own = try authority.facts()
        #expect(own.subject == "CN=Authority of the First Bank")
        #expect(own.issuer == own.subject)
        #expect(own.daysLeft(at: 1_800_000_000) == 3_652)
        let named = try authority.issue(
            name: "First Bank", host: "node.first.example", chainID: 7001, bank: NodeID(3),
            validDays: 10, now: 1_800_000_000)
        let facts = try named.facts()
        #expect(facts.subject == "CN=First Bank")
        #expect(facts.issuer == own.subject)
        #expect(facts.names == ["DNS:node.first.example", "URI:dipnet:7001:3"])
        #expect(facts.bank(chainID: 7001) == 3)
        #expect(facts.bank(chainID: 7002) == nil)
        #expect(facts.notBefore == 1_800_000_000 - 3_600)
        #expect(facts.notAfter == 1_800_000_000 + 864_000 - 1)
        #expect(facts.isValid(at: facts.notBefore) && facts.isValid(at: facts.notAfter))
        #expect(!facts.isValid(at: facts.notBefore - 1) && !facts.isValid(at: facts.notAfter + 1))
        #expect(facts.daysLeft(at: facts.notAfter) == 0)
        #expect(facts.daysLeft(at: facts.notAfter + 1) == -1)
        #expect(facts.daysLeft(at: facts.notAfter - 86_400) == 1)
    }

    @Test(arguments: [
        ("10.1.2.3", "IP:10.1.2.3"), ("::1", "IP:::1"), ("2001:db8::7", "IP:2001:db8::7"),
        ("localhost", "DNS:localhost"), ("1.2.3", "DNS:1.2.3"),
    ])
    func `a host is an address or a name`(_ host: String, _ name: String) throws {
        let authority = try Authority.make(name: "A")
        let facts = try authority.issue(name: "B", host: host, chainID: 1, bank: NodeID(1)).facts()
        #expect(facts.names.first == name)
    }

    @Test(arguments: [
        "", "a,DNS:b", "a b", "a:1", "a;b", "ä", "a/b", String(repeating: "a", count: 254),
    ])
    func `a host that would be read as something else is refused`(_ host: String) throws {
        let authority = try Authority.make(name: "A")
        let fault = #expect(throws: AuthorityFault.self) {
            try authority.issue(name: "B", host: host, chainID: 1, bank: NodeID(1))
        }
        guard case .unfit? = fault else { return #expect(Bool(false), "\(fault as Any)") }
    }

    @Test(arguments: ["", String(repeating: "a", count: 65), "a\nb", "ü"])
    func `a name that does not fit is refused`(_ name: String) throws {
        #expect(throws: AuthorityFault.self) { try Authority.make(name: name) }
    }

    @Test(arguments: [0, -1, 36_526])
    func `a certificate is valid for some days at least and a century at most`(
        _ days: Int
    ) throws {
        #expect(throws: AuthorityFault.self) { try Authority.make(name: "A", validDays: days) }
    }

    @Test func `files are written once, keys for their owner only, and read back`() throws {
        let consortium = try TestConsortium()
        let (certificate, key) = (consortium.folder + "/ca.pem", consortium.folder + "/ca.key")
        let authority = consortium.authorities[0]
        try authority.write(certificate: certificate, key: key)
        var facts = stat()
        #expect(stat(key, &facts) == 0 && facts.st_mode & 0o777 == 0o600)
        #expect(stat(certificate, &facts) == 0 && facts.st_mode & 0o777 == 0o644)
        #expect(throws: AuthorityFault.file(.system("write", key, EEXIST))) {
            try authority.write(certificate: certificate, key: key)
        }
        let read = try Authority.read(certificate: certificate, key: key)
        #expect(try read.facts() == authority.facts())
        #expect(try CertificateFacts.read(file: certificate) == [authority.facts()])
        let issued = try read.issue(name: "B", host: "b", chainID: 1, bank: NodeID(1))
        #expect(try issued.facts().issuer == authority.facts().subject)
        chmod(key, 0o604)
        #expect(throws: AuthorityFault.file(.notPrivate(key))) {
            try Authority.read(certificate: certificate, key: key)
        }
        chmod(key, 0o600)
        try consortium.authorities[1].write(
            certificate: certificate, key: consortium.folder + "/b.key", replacing: true)
        #expect(throws: AuthorityFault.foreignKey) {
            try Authority.read(certificate: certificate, key: key)
        }
        #expect(throws: AuthorityFault.self) {
            try Authority.read(certificate: key, key: key)
        }
    }

    @Test func `OpenSSL's own program finds nothing wrong`() throws {
        let consortium = try TestConsortium()
        let files = try consortium.issue(1)
        for purpose in ["sslserver", "sslclient"] {
            let status = try run([
                "openssl", "verify", "-x509_strict", "-purpose", purpose, "-CAfile",
                files.authorities, files.chain,
            ])
            #expect(status == 0)
        }
        // What a node's key signs is no authority.
        let forged = consortium.folder + "/forged.pem"
        let node = try Authority.read(certificate: files.chain, key: files.key)
        let below = try node.issue(name: "B", host: "b", chainID: 1, bank: NodeID(1))
        try below.write(certificate: forged, key: consortium.folder + "/forged.key")
        let status = try run([
            "openssl", "verify", "-CAfile", files.authorities, "-untrusted", files.chain, forged,
        ])
        #expect(status != 0)
    }

    @Test func `no bytes are taken for a certificate that are none`() throws {
        let der = try Authority.make(name: "A").certificate.der()
        #expect(try CertificateFacts(der: der).subject == "CN=A")
        for count in stride(from: 0, to: der.count, by: 7) {
            #expect(throws: AuthorityFault.self) {
                try CertificateFacts(der: Array(der.prefix(count)))
            }
        }
        var random = SeededNumbers(seed: 17)
        for _ in 0..<2_000 {
            var changed = der
            for _ in 0..<3 {
                changed[Int.random(in: 0..<der.count, using: &random)] =
                    UInt8.random(in: 0...255, using: &random)
            }
            // It may still be one; it must not stop the process.
            _ = try? CertificateFacts(der: changed)
        }
    }

    private func run(_ arguments: [String]) throws -> Int32 {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for (handle, mode) in [(Int32(0), O_RDONLY), (1, O_WRONLY), (2, O_WRONLY)] {
            posix_spawn_file_actions_addopen(&actions, handle, "/dev/null", mode, 0)
        }
        var words = arguments.map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        var process: pid_t = 0
        try #require(posix_spawnp(&process, arguments[0], &actions, nil, &words, environ) == 0)
        var status: Int32 = 0
        try #require(waitpid(process, &status, 0) == process)
        return status
    }
}
