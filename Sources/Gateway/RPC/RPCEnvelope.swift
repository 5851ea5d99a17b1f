import JSON

/// One request object as it stands in a body: where its parts are.
///
/// All places are byte offsets from the start of the body.
struct RPCEnvelope {
    /// The id's text; nil if there is none.
    var id: Range<Int>?
    var method: JSONReader.Text?
    var params: Range<Int>?
    /// What is wrong with it, if it is JSON but no request.
    var fault: RPCError?

    private static let idLimit = 256

    /// Reads one element that may or may not be a request object.
    init(_ reader: inout JSONReader, depth: Int) throws(JSONFault) {
        guard reader.current == UInt8(ascii: "{") else {
            try reader.skipValue(depth: depth)
            fault = .invalidRequest("a request is an object")
            return
        }
        var isVersion2 = false
        var found = RPCEnvelope()
        try reader.forEachMember(depth: depth) { (reader, name) throws(JSONFault) in
            let start = reader.position
            let first = reader.current
            if first == UInt8(ascii: "\"") {
                let text = try reader.readText()
                if reader.equals(name, "method") {
                    found.method = text
                } else if reader.equals(name, "jsonrpc") {
                    isVersion2 = reader.equals(text, "2.0")
                } else if reader.equals(name, "id") {
                    found.id = start..<reader.position
                } else if reader.equals(name, "params") {
                    found.fault = .invalidRequest("params is an array or object")
                }
                return
            }
            try reader.skipValue(depth: depth + 1)
            if reader.equals(name, "params") {
                switch first {
                case UInt8(ascii: "["), UInt8(ascii: "{"):
                    found.params = start..<reader.position
                case UInt8(ascii: "n"): break  // Some clients write null where there are none.
                default: found.fault = .invalidRequest("params is an array or object")
                }
            } else if reader.equals(name, "id") {
                switch first {
                case UInt8(ascii: "n"), UInt8(ascii: "-"), 0x30...0x39:
                    found.id = start..<reader.position
                default: found.fault = .invalidRequest("id is a string, a number or null")
                }
            }
        }
        if !isVersion2 {
            found.fault = .invalidRequest("jsonrpc must be \"2.0\"")
        } else if found.method == nil {
            found.fault = .invalidRequest("method must be a string")
        } else if let id = found.id, id.count > Self.idLimit {
            found.id = nil
            found.fault = .invalidRequest("id has more than \(Self.idLimit) bytes")
        }
        self = found
    }

    private init() {}
}
