import Consensus
import Gateway
import JSON
import Logging
import Peers

extension NodeSettings {
    /// The largest file that is read, in bytes.
    public static let byteLimit = 1 << 20

    /// Reads settings.
    ///
    /// - Parameters:
    ///   - bytes: the file.
    ///   - folder: the folder that it lies in; paths in it that do not begin with `/` start there.
    /// - Returns: the settings, with all paths as the process can use them.
    /// - Throws: ``NodeFault/configuration(_:)`` naming the first bad member and what it should be.
    public static func parse(_ bytes: [UInt8], folder: String) throws(NodeFault) -> NodeSettings {
        guard bytes.count <= byteLimit else {
            throw .configuration("the file is larger than \(byteLimit >> 20) MiB")
        }
        let document: JSON
        do {
            document = try JSON(parsing: bytes)
        } catch {
            throw .configuration("the file is no JSON: \(error)")
        }
        var reader = SettingsReader(document, at: "", folder: folder)
        var settings = NodeSettings(
            data: try reader.file("data"), genesis: try reader.file("genesis"),
            keyFile: try reader.file("keyFile"), rpc: try door(reader.part("rpc")))
        if reader.has("bank") {
            settings.bank = UInt64(try reader.fields.number("bank", in: 1...UInt128(UInt64.max)))
        }
        if reader.has("peers") { settings.peers = try peering(reader.part("peers")) }
        settings.adminSocket = try reader.fileIfAny("adminSocket")
        if reader.has("logLevel") { settings.logLevel = try reader.logLevel("logLevel") }
        if reader.has("cacheCells") {
            settings.cacheCells = Int(try reader.fields.number("cacheCells", in: 1 << 12...1 << 32))
        }
        if reader.has("keepBlocks") {
            settings.keepBlocks = UInt64(
                try reader.fields.number("keepBlocks", in: 1...UInt128(UInt64.max)))
        }
        try reader.fields.finish()
        return settings
    }

    private static func door(_ part: SettingsReader) throws(NodeFault) -> Door {
        var reader = part
        var door = Door(listen: try reader.address("listen"))
        door.certificate = try reader.fileIfAny("certificate")
        door.key = try reader.fileIfAny("key")
        guard (door.certificate == nil) == (door.key == nil) else {
            throw reader.fields.fault("rpc: certificate and key go together")
        }
        door.tokens = try reader.fileIfAny("tokens")
        door.hosts = try reader.texts("hosts")
        door.origins = try reader.texts("origins")
        door.proxies = try reader.networks("proxies")
        door.refusalsAtOnce = try reader.count("refusalsAtOnce")
        door.refusalsPerSecond = try reader.count("refusalsPerSecond")
        door.isUnprotected = try reader.flag("unprotected")
        try reader.fields.finish()
        return door
    }

    private static func peering(_ part: SettingsReader) throws(NodeFault) -> PeeringOptions {
        var reader = part
        let listen = try reader.address("listen")
        var peering = PeeringOptions(
            host: listen.host, port: listen.port,
            files: CertificateFiles(
                chain: try reader.file("certificate"), key: try reader.file("key"),
                authorities: try reader.file("authorities")))
        for part in try reader.parts("introductions") {
            peering.introductions.peers.append(try introduction(part))
        }
        if reader.has("introducedAt") {
            peering.introductions.height = UInt64(
                try reader.fields.number("introducedAt", in: 0...UInt128(UInt64.max)))
        }
        try reader.fields.finish()
        return peering
    }

    private static func introduction(_ part: SettingsReader) throws(NodeFault) -> PeerAddress {
        var reader = part
        let bank = UInt64(try reader.fields.number("bank", in: 1...UInt128(UInt64.max)))
        let nodeKey = try reader.fields.address("nodeKey")
        let endpoint = try reader.fields.text("endpoint", bytes: 1...255)
        try reader.fields.finish()
        guard let address = PeerAddress(id: NodeID(bank), nodeKey: nodeKey, endpoint: endpoint)
        else {
            throw reader.fields.fault(
                "\(reader.fields.path("endpoint")): expected host:port, where the bank's node meets its peers"
            )
        }
        return address
    }
}

/// A ``FieldReader`` that also reads what settings have: paths, addresses, lists.
private struct SettingsReader {
    var fields: FieldReader
    private let folder: String

    init(_ value: JSON, at path: String, folder: String) {
        fields = FieldReader(value, at: path) { .configuration($0) }
        self.folder = folder
    }

    mutating func has(_ name: String) -> Bool { fields.has(name) }

    /// An object in this one.
    mutating func part(_ name: String) throws(NodeFault) -> SettingsReader {
        SettingsReader(try fields.field(name), at: fields.path(name), folder: folder)
    }

    /// The objects of a list that may be left out.
    mutating func parts(_ name: String) throws(NodeFault) -> [SettingsReader] {
        guard has(name) else { return [] }
        guard let list = try fields.field(name).array, list.count <= 1_000 else {
            throw fields.fault("\(fields.path(name)): expected an array of objects")
        }
        return list.enumerated().map { index, value in
            SettingsReader(value, at: "\(fields.path(name))[\(index)]", folder: folder)
        }
    }

    mutating func file(_ name: String) throws(NodeFault) -> String {
        guard let text = try fields.field(name).string, NodeSettings.isPath(text) else {
            throw fields.fault(
                "\(fields.path(name)): expected a path; one without / in front starts at the folder of this file"
            )
        }
        return text.hasPrefix("/") ? text : folder + "/" + text
    }

    mutating func fileIfAny(_ name: String) throws(NodeFault) -> String? {
        has(name) ? try file(name) : nil
    }

    mutating func address(_ name: String) throws(NodeFault) -> ListenAddress {
        guard let text = try fields.field(name).string, let address = ListenAddress(text) else {
            throw fields.fault(
                "\(fields.path(name)): expected host:port, such as 127.0.0.1:8545 or 0.0.0.0:7545")
        }
        return address
    }

    mutating func texts(_ name: String) throws(NodeFault) -> [String] {
        guard has(name) else { return [] }
        let list = try fields.field(name).array
        let texts = (list ?? []).compactMap(\.string)
        guard let list, texts.count == list.count else {
            throw fields.fault("\(fields.path(name)): expected an array of strings")
        }
        return texts
    }

    mutating func networks(_ name: String) throws(NodeFault) -> [AddressNetwork] {
        var networks: [AddressNetwork] = []
        for text in try texts(name) {
            guard let network = AddressNetwork(text) else {
                throw fields.fault(
                    "\(fields.path(name)): \(text.prefix(80).debugDescription) is neither an address nor \(AddressNetwork.form)"
                )
            }
            networks.append(network)
        }
        return networks
    }

    /// A number of things that may be left out.
    mutating func count(_ name: String) throws(NodeFault) -> Int? {
        has(name) ? Int(try fields.number(name, in: 1...1_000_000_000)) : nil
    }

    mutating func flag(_ name: String) throws(NodeFault) -> Bool {
        guard has(name) else { return false }
        guard let flag = try fields.field(name).bool else {
            throw fields.fault("\(fields.path(name)): expected true or false")
        }
        return flag
    }

    mutating func logLevel(_ name: String) throws(NodeFault) -> Logger.Level {
        guard let text = try fields.field(name).string, let level = Logger.Level(rawValue: text)
        else {
            let levels = Logger.Level.allCases.map(\.rawValue).joined(separator: ", ")
            throw fields.fault("\(fields.path(name)): expected one of \(levels)")
        }
        return level
    }
}
