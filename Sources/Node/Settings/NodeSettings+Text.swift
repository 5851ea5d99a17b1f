import Gateway
import JSON
import Ledger
import Logging
import Peers

extension NodeSettings {
    /// Writes settings as ``parse(_:folder:)`` reads them, for people: indented, two spaces a level.
    ///
    /// Paths stand there as they are; what is left out has its default.
    public var text: String {
        var lines = [
            Self.line("data", data), Self.line("genesis", genesis), Self.line("keyFile", keyFile),
        ]
        if let bank { lines.append("\"bank\": \(bank)") }
        lines.append("\"rpc\": \(Self.object(rpc.lines))")
        if let peers { lines.append("\"peers\": \(Self.object(Self.lines(peers)))") }
        if let adminSocket { lines.append(Self.line("adminSocket", adminSocket)) }
        if let logLevel { lines.append(Self.line("logLevel", logLevel.rawValue)) }
        if let cacheCells { lines.append("\"cacheCells\": \(cacheCells)") }
        if let keepBlocks { lines.append("\"keepBlocks\": \(keepBlocks)") }
        return Self.object(lines, indent: "") + "\n"
    }

    private static func lines(_ peers: PeeringOptions) -> [String] {
        var lines = [
            line("listen", ListenAddress(host: peers.host, port: peers.port).description),
            line("certificate", peers.files.chain), line("key", peers.files.key),
            line("authorities", peers.files.authorities),
        ]
        let introductions = peers.introductions.peers.map { peer in
            """
            { "bank": \(peer.id), \(line("nodeKey", peer.nodeKey.checksummed)), \
            \(line("endpoint", peer.endpoint)) }
            """
        }
        if !introductions.isEmpty {
            let list = introductions.joined(separator: ",\n      ")
            lines.append("\"introductions\": [\n      \(list)\n    ]")
            lines.append("\"introducedAt\": \(peers.introductions.height)")
        }
        return lines
    }

    fileprivate static func line(_ name: String, _ value: String) -> String {
        "\"\(name)\": \(quoted(value))"
    }

    fileprivate static func quoted(_ text: String) -> String {
        var writer = JSONWriter(capacity: text.utf8.count + 2)
        writer.string(text)
        return writer.text
    }

    private static func object(_ lines: [String], indent: String = "  ") -> String {
        let list = lines.joined(separator: ",\n  \(indent)")
        return "{\n  \(indent)\(list)\n\(indent)}"
    }
}

extension NodeSettings.Door {
    fileprivate var lines: [String] {
        var lines = [NodeSettings.line("listen", listen.description)]
        if let certificate { lines.append(NodeSettings.line("certificate", certificate)) }
        if let key { lines.append(NodeSettings.line("key", key)) }
        if let tokens { lines.append(NodeSettings.line("tokens", tokens)) }
        let lists = [
            ("hosts", hosts), ("origins", origins), ("proxies", proxies.map(\.description)),
        ]
        for (name, texts) in lists where !texts.isEmpty {
            let list = texts.map(NodeSettings.quoted).joined(separator: ", ")
            lines.append("\"\(name)\": [\(list)]")
        }
        if let refusalsAtOnce { lines.append("\"refusalsAtOnce\": \(refusalsAtOnce)") }
        if let refusalsPerSecond { lines.append("\"refusalsPerSecond\": \(refusalsPerSecond)") }
        if isUnprotected { lines.append("\"unprotected\": true") }
        return lines
    }
}
