import Ledger

extension Run {
    /// Opens orders by signed transactions of any accounts, none of which needs another one of them.
    ///
    /// A node may take transactions of several accounts in another order than they came, so the receipts
    /// say which number an order has, and whoever pledges to it opens in a later call.
    ///
    /// - Parameters:
    ///   - raws: the transactions, each of which opens one order.
    ///   - perRequest: how many of them go in one request.
    /// - Returns: the orders in the order of the transactions, and the seconds from the first byte sent to the last
    ///   receipt, without reading the numbers.
    /// - Throws: ``LoadFailure`` if the node refuses one, carries one out as failed, or does not answer.
    func openOrders(
        _ raws: [[UInt8]], perRequest: Int
    ) throws -> (orders: [UInt64], seconds: Double) {
        let seconds = try submit(raws, perRequest: perRequest)
        let socket = try Connection(port: node.port)
        let opened = "\"topics\":[\"\(IOrders.Event.opened.topic.hex)\",\"0x"
        let orders = try raws.map { raw -> UInt64 in
            let receipt = try receipt(of: raw, socket)
            guard let topic = Submitter.end(of: opened, in: receipt[...]),
                let order = UInt64(
                    String(decoding: receipt[topic...].prefix(64), as: UTF8.self), radix: 16)
            else { throw LoadFailure("a receipt does not say which order was opened") }
            return order
        }
        return (orders, seconds)
    }

    /// The receipt of a transaction that was carried out; a rate of what was refused would be of something else.
    func receipt(of raw: [UInt8], _ socket: Connection) throws -> [UInt8] {
        let receipt = try Submitter.wait(for: Keccak256.hash(raw), socket)
        guard Submitter.count(of: #""status":"0x1""#, in: receipt) == 1 else {
            throw LoadFailure(
                "a transaction failed: \(String(decoding: receipt.prefix(600), as: UTF8.self))")
        }
        return receipt
    }
}
