import Foundation
import JSON
import Ledger

/// Hands signed transactions to the node, many a request, over several connections.
struct Submitter {
    let port: Int
    /// Transactions in one `dip_sendTransactions`.
    var perRequest = 250
    var connections = 4

    /// A request made before the clock starts.
    struct Submission: Sendable {
        let bytes: [UInt8]
        /// The hash of its last transaction.
        let last: Hash32
    }

    /// Bytes of transactions in one request; it takes twice that, and the node takes 16 MiB.
    private static let bytesMax = 4 << 20

    /// Requests around raw transactions, in order.
    func requests(_ raws: [[UInt8]]) -> [Submission] {
        var groups: [Range<Int>] = []
        var (start, bytes) = (0, 0)
        for (index, raw) in raws.enumerated() {
            if index > start, index - start == perRequest || bytes + raw.count > Self.bytesMax {
                groups.append(start..<index)
                (start, bytes) = (index, 0)
            }
            bytes += raw.count
        }
        if start < raws.count { groups.append(start..<raws.count) }
        let fixed = groups
        return inParallel(fixed.count) { index in
            let group = raws[fixed[index]]
            return Submission(
                bytes: Self.request(group), last: Keccak256.hash(raws[fixed[index].upperBound - 1]))
        }
    }

    private static func request(_ raws: ArraySlice<[UInt8]>) -> [UInt8] {
        var body = Array(
            #"{"jsonrpc":"2.0","id":1,"method":"dip_sendTransactions","params":[["#.utf8)
        for (index, raw) in raws.enumerated() {
            if index > 0 { body.append(UInt8(ascii: ",")) }
            body.append(UInt8(ascii: "\""))
            body.append(contentsOf: "0x".utf8)
            body.append(contentsOf: Hex.encode(raw).utf8)
            body.append(UInt8(ascii: "\""))
        }
        body.append(contentsOf: "]]}".utf8)
        return Connection.request(body)
    }

    /// Sends everything and waits until the last transaction of each connection is executed.
    ///
    /// - Returns: the seconds from the first byte sent to the last receipt.
    /// - Throws: ``LoadFailure`` if the node refuses one or does not answer.
    func run(_ requests: [Submission]) throws -> Double {
        let failure = Box<String?>(nil)
        let begin = now()
        let share = connections
        let port = port
        // A thread each: all must be under way at once, since one may carry the nonce that the
        // transactions of another wait for.
        let threads = (0..<share).map { connection in
            onThread {
                do {
                    let socket = try Connection(port: port)
                    // Two requests are under way, so that the node need not wait for this process.
                    let mine = stride(from: connection, to: requests.count, by: share).map { $0 }
                    for (place, index) in mine.enumerated() {
                        try socket.send(requests[index].bytes)
                        if place > 0 { try Self.check(try socket.receive()) }
                    }
                    if !mine.isEmpty { try Self.check(try socket.receive()) }
                    if let index = mine.last { try Self.wait(for: requests[index].last, socket) }
                } catch {
                    failure.set("\(error)")
                }
            }
        }
        for thread in threads { thread.wait() }
        if let failure = failure.get() { throw LoadFailure(failure) }
        return now() - begin
    }

    /// Submits one transaction and waits until it is executed.
    static func pay(_ raw: [UInt8], _ socket: Connection) throws {
        try SinglePayment(raw, .oneRequest).make(socket)
    }

    /// Sends a request made before and waits until the transaction that ends it is executed.
    static func pay(_ request: Submission, _ socket: Connection) throws {
        try socket.send(request.bytes)
        try check(try socket.receive())
        try wait(for: request.last, socket)
    }

    /// Waits for a transaction; the answer with its receipt.
    @discardableResult
    static func wait(for hash: Hash32, _ socket: Connection) throws -> [UInt8] {
        let answer = try socket.call(
            #"{"jsonrpc":"2.0","id":1,"method":"dip_waitForReceipt","params":["\#(hash.hex)","executed",60000]}"#
        )
        try checkReceipt(answer)
        return answer
    }

    /// - Throws: ``LoadFailure`` unless the answer has a receipt.
    static func checkReceipt(_ answer: [UInt8]) throws {
        guard end(of: #""blockNumber""#, in: answer[...]) != nil else {
            throw LoadFailure("no receipt: \(String(decoding: answer.prefix(300), as: UTF8.self))")
        }
    }

    /// - Throws: ``LoadFailure`` if the answer refuses a transaction.
    static func check(_ answer: [UInt8]) throws {
        if let place = end(of: #""error":"#, in: answer[...]) {
            let text = String(decoding: answer[place...].prefix(300), as: UTF8.self)
            throw LoadFailure("a transaction was refused: \(text)")
        }
    }

    /// How often a text is in an answer.
    static func count(of text: String, in answer: [UInt8]) -> Int {
        var (count, rest) = (0, answer[...])
        while let end = end(of: text, in: rest) {
            count += 1
            rest = rest[end...]
        }
        return count
    }

    /// Where a text ends in an answer, the first time; a receipt of a cascade has megabytes.
    static func end(of text: String, in answer: ArraySlice<UInt8>) -> Int? {
        let text = Array(text.utf8)
        return answer.withUnsafeBytes { bytes in
            var rest = bytes[...]
            while rest.count >= text.count, let place = rest.firstIndex(of: text[0]) {
                rest = rest[place...]
                guard !rest.starts(with: text) else {
                    return answer.startIndex + place + text.count
                }
                rest = rest.dropFirst()
            }
            return nil
        }
    }
}

/// A value behind a lock.
final class Box<Value>: @unchecked Sendable {
    // `@unchecked`: the lock guards the value.
    private let lock = NSLock()
    private var value: Value
    init(_ value: Value) { self.value = value }
    func get() -> Value { lock.withLock { value } }
    func set(_ new: Value) { lock.withLock { value = new } }
    func change(_ body: (inout Value) -> Void) { lock.withLock { body(&value) } }
}

/// Runs a body on a thread of its own; the semaphore tells of its end.
func onThread(_ body: @escaping @Sendable () -> Void) -> DispatchSemaphore {
    let done = DispatchSemaphore(value: 0)
    Thread.detachNewThread {
        body()
        done.signal()
    }
    return done
}
