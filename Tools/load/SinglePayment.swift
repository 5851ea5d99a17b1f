import JSON
import Ledger

/// One payment as a client makes it, written out before its time is taken.
struct SinglePayment {
    /// How it is asked for.
    enum Way {
        /// `eth_sendRawTransactionSync`: its answer is the receipt.
        case oneRequest
        /// `eth_sendRawTransaction`, then `dip_waitForReceipt`.
        case twoRequests
    }

    private let way: Way
    private let request: [UInt8]
    private let hash: Hash32

    init(_ raw: [UInt8], _ way: Way) {
        self.way = way
        hash = Keccak256.hash(raw)
        let data = Hex.encode(raw)
        let call =
            way == .oneRequest
            ? #""eth_sendRawTransactionSync","params":["0x\#(data)",60000]"#
            : #""eth_sendRawTransaction","params":["0x\#(data)"]"#
        request = Connection.request(
            Array(#"{"jsonrpc":"2.0","id":1,"method":\#(call)}"#.utf8))
    }

    /// Sends it and waits until it is executed.
    ///
    /// - Throws: ``LoadFailure`` if the node refuses it or does not answer.
    func make(_ socket: Connection) throws {
        try socket.send(request)
        let answer = try socket.receive()
        switch way {
        case .oneRequest: try Submitter.checkReceipt(answer)
        case .twoRequests:
            try Submitter.check(answer)
            try Submitter.wait(for: hash, socket)
        }
    }
}
