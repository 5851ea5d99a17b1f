/// A file with one chain as a table, or one chain in each line as JSON.
public struct ChainFile: Sendable {
    /// The largest file that is read, in bytes.
    public static let maximumBytes = 64 << 20

    /// The chains in the order of the file, at least one.
    public let chains: [NamedChain]

    /// A chain and what a person may call it.
    public struct NamedChain: Sendable {
        /// The file's own name or number for it, else its place from 1.
        public let name: String
        /// The chain.
        public let chain: Chain
    }

    /// Reads a file; a `{` at the start says that it is JSON.
    ///
    /// - Parameters:
    ///   - bytes: the whole file, in UTF-8.
    ///   - file: its name, for faults.
    /// - Throws: ``ChainFault`` naming the line.
    public init(_ bytes: [UInt8], file: String) throws(ChainFault) {
        guard bytes.count <= Self.maximumBytes else {
            throw ChainFault(file: file, "the file is larger than \(Self.maximumBytes >> 20) MiB")
        }
        let first = bytes.first { !$0.isSpace }
        if first == UInt8(ascii: "{") {
            chains = try Self.lines(bytes, file: file)
        } else {
            let chain = try Chain(file: file, Self.table(bytes, file: file))
            chains = [NamedChain(name: "1", chain: chain)]
        }
    }

    /// The chain with this name, or at this place counted from 1; with nil the only one.
    ///
    /// - Throws: ``ChainFault`` that lists the choices.
    public func chain(_ selection: String?, file: String) throws(ChainFault) -> Chain {
        guard let selection else {
            if chains.count == 1 { return chains[0].chain }
            throw ChainFault(
                file: file, "it holds \(chains.count) chains; say which one: \(choices)")
        }
        if let named = chains.first(where: { $0.name == selection }) { return named.chain }
        if let place = Int(selection), chains.indices.contains(place - 1) {
            return chains[place - 1].chain
        }
        throw ChainFault(file: file, "it has no chain \(selection), only \(choices)")
    }

    private var choices: String {
        let names = chains.prefix(40).map(\.name).joined(separator: ", ")
        return chains.count > 40 ? names + ", …" : names
    }
}

extension UInt8 {
    var isSpace: Bool { self == 0x20 || (0x09...0x0d).contains(self) }
}
