import Testing

@testable import Gateway

/// What proxies say about whose a request is.
struct ForwardingTests {
    private static let proxies = ["10.0.0.0/8", "2001:db8:ffff::/48", "127.0.0.1"]

    private func client(
        forwarded: [String] = [], forwardedFor: [String] = []
    ) throws -> HostAddress? {
        let networks = try Self.proxies.map { try #require(AddressNetwork($0)) }
        return Forwarding(proxies: networks).client(
            forwarded: forwarded, forwardedFor: forwardedFor)
    }

    private func host(_ text: String?) throws -> HostAddress? {
        try text.map { try #require(HostAddress($0.utf8)) }
    }

    private static let long = String(repeating: "x", count: 300)

    static let lists: [(String, String?)] = [
        ("192.0.2.1", "192.0.2.1"), (" \t192.0.2.1 ", "192.0.2.1"),
        ("192.0.2.1:4711", "192.0.2.1"), ("[2001:db8::1]:443", "2001:db8::1"),
        ("[2001:db8::1]", "2001:db8::1"), ("2001:DB8::1", "2001:db8::1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        // The first from the right that is no proxy; whoever stands before may be invented.
        ("198.51.100.9, 192.0.2.1", "192.0.2.1"), ("192.0.2.1, 10.1.2.3,127.0.0.1", "192.0.2.1"),
        ("192.0.2.1, 2001:db8:ffff::7", "192.0.2.1"), ("rubbish, \"\\, 192.0.2.1", "192.0.2.1"),
        ("\(long), 192.0.2.1", "192.0.2.1"), (",, 192.0.2.1,,", "192.0.2.1"),
        ("for=198.51.100.9, 192.0.2.1", "192.0.2.1"),
        // Nothing that can be believed.
        ("", nil), (",", nil), ("10.1.2.3", nil), ("unknown", nil), ("192.0.2.1, unknown", nil),
        ("192.0.2.1, rubbish, 10.1.2.3", nil), ("192.0.2.256", nil), ("192.0.2", nil),
        ("192.0.2.01", nil), ("192.0.2.1:", nil), ("192.0.2.1:123456", nil),
        ("192.0.2.1:x", nil), ("192.0.2.1 198.51.100.9", nil), ("[192.0.2.1]", nil),
        ("[2001:db8::1", nil), ("[2001:db8::1]x", nil), ("[2001:db8::1]:", nil), ("[]", nil),
        ("2001:db8::1%eth0", nil), ("1:2:3:4:5:6:7:8:9", nil), (":::", nil), (":1", nil),
        ("\u{0}192.0.2.1", nil), ("192.0.2.1\u{0}", nil), ("192.0.2.1, \(long)", nil),
        (String(repeating: ",", count: 10_000), nil),
        ("192.0.2.1" + String(repeating: ",10.0.0.1", count: 16), nil),
    ]

    @Test(arguments: lists)
    func `the last address of X-Forwarded-For that is no proxy is the client`(
        text: String, expected: String?
    ) throws {
        #expect(try client(forwardedFor: [text]) == host(expected))
    }

    static let elements: [(String, String?)] = [
        ("for=192.0.2.1", "192.0.2.1"), ("For=\"192.0.2.1:4711\"", "192.0.2.1"),
        ("for=\"[2001:db8::1]:4711\"", "2001:db8::1"),
        ("for=\"192.0.\\2.1\"", "192.0.2.1"),
        ("proto=https;for=192.0.2.1;by=10.0.0.1", "192.0.2.1"),
        ("for=192.0.2.1; proto=https ;host=\"a;b=\\\"c\\\"\"", "192.0.2.1"),
        ("for=198.51.100.9, for=192.0.2.1, for=10.0.0.1;proto=http", "192.0.2.1"),
        // A client that opens a quotation mark does not hide what the proxy adds.
        ("for=\", for=192.0.2.1", "192.0.2.1"), ("for=192.0.2.1;", "192.0.2.1"),
        // A proxy quotes what its client called it: not as if a list went on there.
        ("for=192.0.2.1;host=\"a, for=198.51.100.9\"", nil),
        ("for=192.0.2.1;host=\"a, for=198.51.100.9;x=\";by=b", nil),
        ("for=192.0.2.1;host=\"a, for=198.51.100.9;x=\";by=\"b\"", nil),
        ("", nil), ("for", nil), ("for=", nil), ("for=\"\"", nil), ("for=unknown", nil),
        ("for=_hidden", nil), ("for=192.0.2.1;for=192.0.2.2", nil), ("proto=https", nil),
        ("for=192.0.2.1:80", nil), ("for=[2001:db8::1]", nil), ("for=192.0.2.1 x", nil),
        ("=192.0.2.1", nil), ("for =192.0.2.1", nil), ("for= 192.0.2.1", nil),
        ("for=\"192.0.2.1", nil), ("for=\"192.0.2.1\\", nil), ("for=\"192.0.2.1\"x", nil),
        (";for=192.0.2.1", nil), ("192.0.2.1", nil),
    ]

    @Test(arguments: elements)
    func `so is that of Forwarded`(text: String, expected: String?) throws {
        #expect(try client(forwarded: [text]) == host(expected))
    }

    @Test func `lines of one name are one list`() throws {
        let lines = ["198.51.100.9", "192.0.2.1"]
        #expect(try client(forwardedFor: lines) == host("192.0.2.1"))
        #expect(try client(forwardedFor: lines + ["10.0.0.1"]) == host("192.0.2.1"))
        #expect(try client(forwarded: lines.map { "for=" + $0 }) == host("192.0.2.1"))
        #expect(try client() == nil)
    }

    @Test func `where both names stand they have to agree`() throws {
        // Else who sends the one that its proxy does not write would be whom it likes.
        let usual = ["192.0.2.1"]
        #expect(
            try client(forwarded: ["for=192.0.2.1"], forwardedFor: usual) == host("192.0.2.1"))
        for other in ["for=198.51.100.9", "rubbish", ""] {
            #expect(try client(forwarded: [other], forwardedFor: usual) == nil)
        }
        #expect(try client(forwarded: ["for=192.0.2.1"], forwardedFor: ["rubbish"]) == nil)
    }

    @Test(arguments: [
        ("10.0.0.0/8", "10.255.255.255", "11.0.0.0"), ("192.0.2.1", "192.0.2.1", "192.0.2.2"),
        ("192.0.2.1/32", "192.0.2.1", "192.0.2.0"), ("128.0.0.0/1", "255.0.0.0", "127.0.0.1"),
        ("192.0.2.128/25", "192.0.2.200", "192.0.2.127"),
        ("2001:db8::/32", "2001:db8:ffff::1", "2001:db9::"), ("::1", "::1", "::2"),
        ("2001:db8:0:1::/64", "2001:db8:0:1::9", "2001:db8:0:2::9"),
        ("2001:db8::8/125", "2001:db8::f", "2001:db8::10"), ("8000::/1", "ffff::", "7fff::"),
        ("::ffff:10.0.0.1", "10.0.0.1", "10.0.0.2"), ("10.0.0.0/8", "10.0.0.1", "a00::1"),
    ])
    func `a network has the addresses that begin with its bits`(
        text: String, inside: String, outside: String
    ) throws {
        let network = try #require(AddressNetwork(text))
        #expect(network.description == text)
        #expect(network.contains(try #require(HostAddress(inside.utf8))))
        #expect(!network.contains(try #require(HostAddress(outside.utf8))))
    }

    @Test(arguments: [
        "", "/", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/0", "::/0", "::/129", "10.0.0.1/8",
        "2001:db8::1/64", "10.0.0.0/+8", "10.0.0.0/8/8", "10.0.0.0/8 ", "10.0.0/8", "localhost",
        "10.0.0.0-10.0.0.9", "[::1]", "10.0.0.0/255.0.0.0", "10.0.0.1\u{0}", "::ffff:10.0.0.0/104",
        "10.0.0.0/٨", "::ffff:10.0.0.0/8", "::ffff:a00:0/8", "0:0:0:0:0:FFFF:10.0.0.1/32",
    ])
    func `what is no network is refused`(text: String) {
        #expect(AddressNetwork(text) == nil)
    }
}
