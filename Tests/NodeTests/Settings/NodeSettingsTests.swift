import Consensus
import Gateway
import Logging
import Peers
import Testing

@testable import Node

struct NodeSettingsTests {
    private static let full = """
        {
          "data": "data",
          "genesis": "/etc/dipnet/genesis.json",
          "keyFile": "node.key",
          "bank": 4,
          "rpc": {
            "listen": "0.0.0.0:8545", "certificate": "rpc.pem", "key": "rpc.key",
            "tokens": "tokens", "hosts": ["ledger.example"], "origins": ["https://a.example"],
            "proxies": ["10.0.0.7", "2001:db8::/32"], "refusalsAtOnce": 50000,
            "refusalsPerSecond": 250, "unprotected": true
          },
          "peers": {
            "listen": "[::]:7545", "certificate": "tls/node.pem", "key": "tls/node.key",
            "authorities": "tls/authorities.pem",
            "introducedAt": 77, "introductions": [
              { "bank": 1, "nodeKey": "0xB4E61517893eb2Dd5501051c4889B04e324DA4d7",
                "endpoint": "a.example:7545" }
            ]
          },
          "adminSocket": "/run/dipnet/admin.sock",
          "logLevel": "info",
          "cacheCells": 65536,
          "keepBlocks": 500000
        }
        """
    private static let least = """
        { "data": "d", "genesis": "g", "keyFile": "k", "rpc": { "listen": "127.0.0.1:0" } }
        """

    /// The names of all members, of objects within others too.
    private func names(in text: String) -> Set<Substring> {
        Set(text.matches(of: /"(\w+)":/).map(\.1))
    }

    private func parse(_ text: String) throws(NodeFault) -> NodeSettings {
        try NodeSettings.parse(Array(text.utf8), folder: "/srv/bank")
    }

    @Test func `every member is read, and relative paths start at the file's folder`() throws {
        let settings = try parse(Self.full)
        #expect(settings.data == "/srv/bank/data")
        #expect(settings.genesis == "/etc/dipnet/genesis.json")
        #expect(settings.keyFile == "/srv/bank/node.key")
        #expect(settings.bank == 4)
        #expect(settings.rpc.listen == ListenAddress(host: "0.0.0.0", port: 8545))
        #expect(settings.rpc.certificate == "/srv/bank/rpc.pem")
        #expect(settings.rpc.hosts == ["ledger.example"])
        #expect(settings.rpc.origins == ["https://a.example"])
        #expect(settings.rpc.proxies.map(\.description) == ["10.0.0.7", "2001:db8::/32"])
        #expect(settings.rpc.refusalsAtOnce == 50_000)
        #expect(settings.rpc.refusalsPerSecond == 250)
        #expect(settings.rpc.isUnprotected)
        let peers = try #require(settings.peers)
        #expect((peers.host, peers.port) == ("::", 7545))
        #expect(peers.files.authorities == "/srv/bank/tls/authorities.pem")
        #expect(peers.introductions.peers.map(\.endpoint) == ["a.example:7545"])
        #expect(peers.introductions.peers.map(\.id.rawValue) == [1])
        #expect(peers.introductions.height == 77)
        #expect(settings.adminSocket == "/run/dipnet/admin.sock")
        #expect(settings.logLevel == .info)
        #expect(settings.cacheCells == 65536)
        #expect(settings.keepBlocks == 500_000)
    }

    @Test func `what may be left out is`() throws {
        let settings = try parse(Self.least)
        #expect(settings.bank == nil)
        #expect(settings.peers == nil)
        #expect(settings.adminSocket == nil)
        #expect(settings.rpc.tokens == nil)
    }

    @Test func `settings that are written are read again`() throws {
        for text in [Self.full, Self.least] {
            let settings = try parse(text)
            // Nothing that is said is left out.
            #expect(names(in: settings.text).isSuperset(of: names(in: text)))
            let again = try parse(settings.text)
            #expect(again.text == settings.text)
        }
    }

    @Test(arguments: [
        (#""data": "data","#, "", "data: missing"),
        (#""listen": "[::]:7545","#, "", "peers.listen: missing"),
        (#""[::]:7545""#, #""7545""#, "peers.listen: expected host:port"),
        (#""[::]:7545""#, #""::1:7545""#, "peers.listen: expected host:port"),
        (#""0.0.0.0:8545""#, #""0.0.0.0:66000""#, "rpc.listen: expected host:port"),
        (#""key": "rpc.key","#, "", "rpc: certificate and key go together"),
        (
            #"2001:db8::/32"#, #"2001:db8::1/32"#,
            #"rpc.proxies: "2001:db8::1/32" is neither an address nor a network such as"#
        ),
        (#"["10.0.0.7", "2001:db8::/32"]"#, "7", "rpc.proxies: expected an array of strings"),
        (
            #""refusalsPerSecond": 250"#, #""refusalsPerSecond": 0"#,
            "rpc.refusalsPerSecond: expected a whole number from 1"
        ),
        (#""tokens": "#, #""token": "#, "rpc.token: unknown; known here are listen"),
        (#""bank": 4"#, #""bank": 0"#, "bank: expected a whole number from 1"),
        (#""logLevel": "info""#, #""logLevel": "loud""#, "logLevel: expected one of trace"),
        (
            #""keepBlocks": 500000"#, #""keepBlocks": 0"#,
            "keepBlocks: expected a whole"
        ),
        (#""cacheCells""#, #""cacheCell""#, "cacheCell: unknown"),
        (#""a.example:7545""#, #""a.example""#, "peers.introductions[0].endpoint: expected"),
        (#""0xB4E6"#, #""0xB4E"#, "peers.introductions[0].nodeKey: expected an address"),
        (#""node.key","#, #"17,"#, "keyFile: expected a path"),
    ])
    func `the first bad member is named, with what it should be`(
        _ part: String, _ other: String, _ expected: String
    ) throws {
        let text = Self.full.replacing(part, with: other)
        try #require(text != Self.full)
        do {
            _ = try parse(text)
            Issue.record("read in spite of \(other)")
        } catch {
            #expect(error.description.hasPrefix(expected), "\(error)")
        }
    }

    @Test func `what is no object of settings is refused`() {
        #expect(throws: NodeFault.self) { try parse(#"{"data": "d", "rpc": 7}"#) }
        #expect(throws: NodeFault.self) { try parse("[]") }
        #expect(throws: NodeFault.self) { try parse("{") }
    }
}
