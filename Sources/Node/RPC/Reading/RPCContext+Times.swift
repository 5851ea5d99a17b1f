import Gateway
import JSON
import Ledger

/// Blocks by their time.
extension RPCContext {
    /// A height as it is given: a block's name, or `{"time": seconds}`.
    ///
    /// Of a time the first block at or after it is meant if `roundingUp`, else the last at or before it.
    ///
    /// - Returns: nil where there is no block at or before the time, not even genesis. Of a time before the oldest block
    ///   that is kept it is the height below that one.
    func height(
        _ json: JSON, _ name: String, roundingUp: Bool
    ) throws(RPCError) -> UInt64? {
        if let number = json["time"].flatMap({ $0.quantity ?? $0.unsigned }),
            let time = UInt64(exactly: number)
        {
            return try height(atTime: time, roundingUp: roundingUp)
        }
        guard let selector = BlockSelector(json) else {
            throw .invalidParams("\(name): expected a height, a tag or {\"time\": seconds}")
        }
        return try height(selector)
    }

    /// The last block at or before a time where one is given as `{"time": seconds}`, else a block's name.
    ///
    /// - Throws: −32000 where there is no such block yet, or none that is kept.
    func block(
        _ params: RPCParams, _ index: Int, _ name: String = "block"
    ) throws(RPCError) -> BlockSelector {
        guard let json = params.find(index, name), let time = json["time"],
            let seconds = time.quantity ?? time.unsigned
        else {
            return try params.block(index, name)
        }
        guard let height = try height(json, name, roundingUp: false),
            try existing(.height(height)).header.timeMillis / 1000 <= seconds
        else {
            throw RPCError(code: -32000, message: "there is no block at or before that time")
        }
        return .height(height)
    }

    private func height(atTime time: UInt64, roundingUp: Bool) throws(RPCError) -> UInt64? {
        var low = node.oldestHeight
        var high = node.head.header.height + 1
        // The first block later than the time, or at it if rounding up.
        while low < high {
            let middle = low + (high - low) / 2
            guard let block = try block(at: middle) else {
                // Forgotten meanwhile, and all below it.
                low = max(middle + 1, node.oldestHeight)
                continue
            }
            let seconds = block.header.timeMillis / 1000
            if roundingUp ? seconds >= time : seconds > time {
                high = middle
            } else {
                low = middle + 1
            }
        }
        return roundingUp ? low : low > 0 ? low - 1 : nil
    }
}
