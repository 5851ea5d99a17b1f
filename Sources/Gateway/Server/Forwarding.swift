/// For whom a proxy passes requests on, from what it writes into their heads.
///
/// `Forwarded` (RFC 7239) and `X-Forwarded-For` are lists that each proxy on the way adds to at the
/// right: the address that the request came to it from. Whatever stands further to the left than the
/// first address that is no proxy of ours was written by somebody who is not trusted, so nobody reads it.
struct Forwarding: Sendable {
    /// Steps of the way that are looked at, and bytes of each: what one request can cost.
    private static let stepLimit = 16
    private static let stepBytes = 256

    private let proxies: [AddressNetwork]

    init(proxies: [AddressNetwork]) { self.proxies = proxies }

    /// Whether connections from an address are believed what they say.
    func isProxy(_ host: HostAddress) -> Bool { proxies.contains { $0.contains(host) } }

    /// Whose a proxy's request is.
    ///
    /// - Parameters:
    ///   - forwarded: the lines of `Forwarded`, in their order.
    ///   - forwardedFor: the lines of `X-Forwarded-For`.
    /// - Returns: nil where they do not say it, or not in a form that leaves no doubt; the request is then the
    ///   proxy's own.
    func client(forwarded: [String], forwardedFor: [String]) -> HostAddress? {
        let usual = nearest(in: forwardedFor) { HostAddress(withPort: $0) }
        guard !forwarded.isEmpty else { return usual }
        let client = nearest(in: forwarded) { ForwardedElement.address(in: $0) }
        // A proxy writes one of them, and may have let the other pass as the client wrote it.
        return forwardedFor.isEmpty || usual == client ? client : nil
    }

    /// The last address of a list that is no proxy of ours.
    ///
    /// The list is taken apart from its end, whatever its beginning looks like: a quotation mark that a
    /// client opens there would else swallow what the proxy adds. A comma between quotation marks leaves
    /// two pieces of which neither can be read.
    private func nearest(
        in lines: [String], _ read: (Substring.UTF8View) -> HostAddress?
    ) -> HostAddress? {
        var steps = 0
        for line in lines.reversed() {
            var rest = line[...].utf8
            while true {
                let comma = rest.lastIndex(of: UInt8(ascii: ","))
                let step = comma.map { rest[rest.index(after: $0)...] } ?? rest
                steps += 1
                guard steps <= Self.stepLimit, step.count <= Self.stepBytes else { return nil }
                let text = step.trimmed
                // A list may have empty places.
                if !text.isEmpty {
                    guard let host = read(text) else { return nil }
                    guard isProxy(host) else { return host }
                }
                guard let comma else { break }
                rest = rest[..<comma]
            }
        }
        return nil
    }
}

/// One step of the way in `Forwarded`: `for="[2001:db8::1]:4711";proto=https`.
private struct ForwardedElement {
    private var rest: Substring.UTF8View

    /// What stands at `for`; nil if nothing does, something twice, or if the element has another form.
    static func address(in text: Substring.UTF8View) -> HostAddress? {
        var reader = ForwardedElement(rest: text)
        var node: [UInt8]?
        while !reader.rest.isEmpty {
            guard let (name, value) = reader.pair() else { return nil }
            guard name.elementsEqual("for".utf8, by: { $0 | 0x20 == $1 }) else { continue }
            guard node == nil else { return nil }
            node = value
        }
        return node.flatMap { HostAddress(withPort: $0) }
    }

    /// The next name with its value, and the semicolon after it.
    private mutating func pair() -> (name: Substring.UTF8View, value: [UInt8])? {
        let name = token()
        guard !name.isEmpty, rest.popFirst() == UInt8(ascii: "=") else { return nil }
        var value: [UInt8]?
        if rest.first == UInt8(ascii: "\"") {
            value = quoted()
        } else {
            value = Array(token())
            if value?.isEmpty == true { return nil }
        }
        rest = rest.trimmed
        guard let value, rest.isEmpty || rest.popFirst() == UInt8(ascii: ";") else { return nil }
        rest = rest.trimmed
        return (name, value)
    }

    private mutating func token() -> Substring.UTF8View {
        let token = rest.prefix(while: Self.isTokenByte)
        rest = rest[token.endIndex...]
        return token
    }

    /// A text between quotation marks; nil if it does not end.
    private mutating func quoted() -> [UInt8]? {
        rest.removeFirst()
        var text: [UInt8] = []
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "\""): return text
            case UInt8(ascii: "\\"):
                guard let escaped = rest.popFirst() else { return nil }
                text.append(escaped)
            default: text.append(byte)
            }
        }
        return nil
    }

    /// RFC 9110, 5.6.2.
    private static func isTokenByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "a")...UInt8(ascii: "z"):
            true
        default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
    }
}

extension Substring.UTF8View {
    /// Without spaces and tabs at both ends.
    fileprivate var trimmed: Substring.UTF8View {
        func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }
        let start = drop(while: isSpace)
        guard let last = start.lastIndex(where: { !isSpace($0) }) else { return start }
        return start[...last]
    }
}
