import JSON
import NIOCore

/// One call as a method sees it.
public struct RPCRequest: Sendable {
    let entry: RPCMethodEntry
    /// The whole body that the call came in.
    let body: ByteBuffer
    /// Where the parameters stand in `body`, by absolute index; nil when there are none.
    let paramsRange: Range<Int>?
    /// Counts the bodies of a connection.
    let tag: Int
    /// The connection that the call came on.
    public let session: RPCSession

    /// The method's name.
    public var method: String { entry.method.name }

    /// The parameters as a tree.
    ///
    /// - Throws: −32602 when there are more values than a tree may have.
    public func params() throws(RPCError) -> RPCParams {
        guard paramsRange != nil else { return RPCParams(.array([])) }
        return RPCParams(
            try reading { (reader) throws(JSONFault) in try reader.readValue(depth: 1) })
    }

    /// The one parameter of `eth_sendRawTransaction`: data, decoded without a tree between.
    ///
    /// - Throws: −32602 unless the parameters are one string of `0x` and hexadecimal digits, or if
    ///   it has more than `limit` bytes.
    public func rawTransaction(limit: Int = 512 * 1024) throws(RPCError) -> [UInt8] {
        let found = try reading { (reader) throws(JSONFault) in
            try reader.dataElements(depth: 1, byteLimit: limit, countLimit: 1)
        }
        guard case .data(let list) = found, let only = list.first, list.count == 1 else {
            throw found.error(
                wanted: "one signed transaction as 0x and hexadecimal digits", limit, 1)
        }
        return only
    }

    /// The one parameter of `dip_sendTransactions`: an array of data.
    ///
    /// - Parameters:
    ///   - limit: bytes of one.
    ///   - count: how many there may be here.
    ///   - whole: how many all calls of a body may have, for the message.
    /// - Returns: the bytes of each.
    /// - Throws: −32602 unless the parameters are one array of at most `count` strings of `0x` and
    ///   hexadecimal digits with at most `limit` bytes each.
    func rawTransactions(limit: Int, count: Int, ofBody whole: Int) throws(RPCError) -> [[UInt8]] {
        let found = try reading { (reader) throws(JSONFault) in
            var found = JSONReader.DataList.notData
            var elements = 0
            try reader.forEachElement(depth: 1) { (reader) throws(JSONFault) in
                elements += 1
                found = try reader.dataElements(depth: 2, byteLimit: limit, countLimit: count)
            }
            return elements == 1 ? found : .notData
        }
        guard case .data(let list) = found else {
            throw found.error(
                wanted: "one array of signed transactions, each 0x and hexadecimal digits", limit,
                whole)
        }
        return list
    }

    /// Reads the parameters, which are known to be well formed.
    private func reading<Value>(
        _ read: (inout JSONReader) throws(JSONFault) -> Value
    ) throws(RPCError) -> Value {
        guard let range = paramsRange else {
            throw .invalidParams("\(method) needs parameters")
        }
        do throws(JSONFault) {
            let start = range.lowerBound - body.readerIndex
            return try body.withUnsafeReadableBytes { raw throws(JSONFault) in
                let bytes = UnsafeBufferPointer(
                    rebasing: raw.bindMemory(to: UInt8.self)[start..<(start + range.count)])
                var reader = JSONReader(bytes)
                return try read(&reader)
            }
        } catch {
            throw .invalidParams("parameters of \(method): \(error)")
        }
    }
}

extension JSONReader {
    /// What an array of hexadecimal data turned out to be.
    enum DataList {
        case data([[UInt8]])
        case notData
        case tooLong
        case tooMany

        func error(wanted: String, _ limit: Int, _ count: Int) -> RPCError {
            switch self {
            case .tooLong: .invalidParams("a transaction has at most \(limit) bytes")
            case .tooMany where count > 1:
                .invalidParams(
                    "the lists of one body have at most \(count) transactions together; send several"
                )
            case .data, .notData, .tooMany: .invalidParams("expected \(wanted)")
            }
        }
    }

    /// Reads an array of strings of hexadecimal data straight into bytes.
    mutating func dataElements(
        depth: Int, byteLimit: Int, countLimit: Int
    ) throws(JSONFault) -> DataList {
        guard current == UInt8(ascii: "[") else {
            try skipValue(depth: depth)
            return .notData
        }
        var list: [[UInt8]] = []
        var trouble: DataList?
        try forEachElement(depth: depth) { (reader) throws(JSONFault) in
            guard trouble == nil, reader.current == UInt8(ascii: "\"") else {
                trouble = trouble ?? .notData
                return try reader.skipValue(depth: depth + 1)
            }
            let text = try reader.readText()
            if list.count == countLimit {
                trouble = .tooMany
            } else if text.end - text.start > 2 + 2 * byteLimit {
                trouble = .tooLong
            } else if let data = HexText.data(reader.raw(text)) {
                list.append(data)
            } else {
                trouble = .notData
            }
        }
        return trouble ?? .data(list)
    }
}
