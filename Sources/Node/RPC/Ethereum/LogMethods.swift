import Gateway
import JSON
import Ledger

/// Logs, and filters for clients without WebSocket.
extension RPCMethods {
    mutating func addLogs(_ context: RPCContext) {
        let node = context.node
        offloaded("eth_getLogs", isLong: true) { (request, writer) throws(RPCError) in
            let parameter = try LogParameter(try request.params().need(0, "filter"), "filter")
            let range = try parameter.range(context)
            try context.writeLogs(parameter.filter, range, to: &writer)
        }
        value("eth_newFilter") { (request) throws(RPCError) in
            let parameter = try LogParameter(try request.params().need(0, "filter"), "filter")
            return .string(context.filters.add(.logs(parameter), from: node.head.header.height + 1))
        }
        value("eth_newBlockFilter") { _ in
            .string(context.filters.add(.blocks, from: node.head.header.height + 1))
        }
        value("eth_newPendingTransactionFilter") { (_) throws(RPCError) in
            throw .methodNotFound(
                "transactions do not stay in the pool long enough to be watched: use "
                    + "eth_newBlockFilter")
        }
        value("eth_uninstallFilter") { (request) throws(RPCError) in
            .bool(context.filters.remove(try request.params().string(0, "id")))
        }
        offloaded("eth_getFilterChanges", isLong: true) { (request, writer) throws(RPCError) in
            try context.writeChanges(try request.params().string(0, "id"), to: &writer)
        }
        offloaded("eth_getFilterLogs", isLong: true) { (request, writer) throws(RPCError) in
            let id = try request.params().string(0, "id")
            guard case .logs(let parameter) = context.filters.kind(of: id) else {
                throw RPCError(code: -32000, message: "filter not found")
            }
            let range = try parameter.range(context, isToCome: true)
            try context.writeLogs(parameter.filter, range, to: &writer)
        }
    }
}

extension RPCContext {
    fileprivate func writeLogs(
        _ filter: LogFilter, _ range: ClosedRange<UInt64>?, to writer: inout JSONWriter
    ) throws(RPCError) {
        let found =
            if let range { try LogQuery(context: self, filter: filter).all(in: range) } else {
                [FoundLog]()
            }
        writer.array(of: found) { $1.write(to: &$0) }
    }

    /// Writes what is new since the last time, and remembers how far it came.
    fileprivate func writeChanges(_ id: String, to writer: inout JSONWriter) throws(RPCError) {
        guard let (kind, next) = filters.use(id) else {
            throw RPCError(code: -32000, message: "filter not found")
        }
        let head = node.head.header.height
        guard next <= head else { return writer.array { _ in } }
        guard next >= node.oldestHeight else {
            // It can never go on, and clients that hear this install another.
            _ = filters.remove(id)
            throw RPCError(
                code: -32000,
                message: "filter not found: it was removed, because blocks from \(next) on that it "
                    + "has not given are not kept here any more; they are from "
                    + "\(node.oldestHeight) on")
        }
        let last = min(head, next + limits.rangeBlocks - 1)
        switch kind {
        case .blocks:
            let end = min(last, next + UInt64(limits.logs) - 1)
            var hashes: [Hash32] = []
            for height in next...end { hashes.append(try existing(.height(height)).hash) }
            filters.advance(id, to: end + 1)
            writer.array(of: hashes) { $0.hash($1) }
        case .logs(let parameter):
            guard let range = parameter.clamped(next...last) else {
                filters.advance(id, to: last + 1)
                return writer.array { _ in }
            }
            let (found, end) = try whole(parameter.filter, range)
            filters.advance(id, to: end < range.upperBound ? end + 1 : last + 1)
            writer.array(of: found) { $1.write(to: &$0) }
        }
    }

    /// The logs of as many whole blocks of a range as the limits allow, and the last of those blocks.
    private func whole(
        _ filter: LogFilter, _ range: ClosedRange<UInt64>
    ) throws(RPCError) -> ([FoundLog], UInt64) {
        var found: [FoundLog] = []
        let stopped = try LogQuery(context: self, filter: filter).visit(range) { log in
            // A block is given whole, so that the next request goes on behind it.
            if found.count >= limits.logs,
                log.block.header.height != found.last?.block.header.height
            {
                return false
            }
            found.append(log)
            return true
        }
        return (found, stopped.map { $0 - 1 } ?? range.upperBound)
    }
}
