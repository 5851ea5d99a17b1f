import Gateway
import JSON

extension MethodDescription {
    /// Every method of a node, those on its socket file included.
    public static let all: [MethodDescription] =
        chain + blocks + transactions + state + logs + ledger + administration

    /// The OpenRPC document, also in `Genesis/openrpc.json`.
    public static var document: JSON {
        [
            "openrpc": "1.3.2",
            "info": [
                "title": "Dipnet node", "version": "0.1.0",
                "description":
                    "Settles supply chains. eth_* is Ethereum's; dip_* is explained in docs/rpc.md.",
                "license": ["name": "Apache-2.0"],
            ],
            "methods": .array(all.map(\.json)),
            "components": [
                "schemas": .object(
                    Schema.allCases.map { JSON.Member($0.rawValue, $0.definition) })
            ],
        ]
    }
}

extension RPCMethods {
    mutating func addDiscovery() {
        // Written once: it is long, and easily asked for a thousand times in one body.
        var text = JSONWriter(capacity: 32 << 10)
        text.value(MethodDescription.document)
        let document = text.bytes
        immediate("rpc.discover") { (_, writer) throws(RPCError) in
            writer.raw(document)
        }
    }
}
