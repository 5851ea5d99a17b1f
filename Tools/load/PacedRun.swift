import Foundation
import Ledger

/// Signed transfers that come at an even pace, whether the node keeps up or not.
struct PacedRun {
    let port: Int
    /// Transfers a second.
    let rate: Double
    /// Transfers that come together, in one request.
    let group: Int
    /// Groups that may be under way together: far more than an answer in time needs, for a caller who waits
    /// would hide how long the others behind it waited.
    var connections = 48

    /// Sends transactions at the pace, from `connections` clients.
    ///
    /// - Returns: for each group, sorted, the milliseconds from when it was due to be sent, whenever it was sent,
    ///   to the receipt of its last transaction.
    /// - Throws: ``LoadFailure`` if the node refuses one or does not answer.
    func run(_ raws: [[UInt8]]) throws -> [Double] {
        var submitter = Submitter(port: port)
        submitter.perRequest = group
        let requests = submitter.requests(raws)
        let sockets = try (0..<connections).map { _ in try Connection(port: port) }
        let interval = Double(group) / rate
        let begin = now() + 0.1
        let failure = Box<String?>(nil)
        let times = Box([Double]())
        let threads = sockets.enumerated().map { worker, socket in
            // Each socket is used by one thread.
            nonisolated(unsafe) let socket = socket
            return onThread {
                var mine: [Double] = []
                do {
                    for index in stride(from: worker, to: requests.count, by: connections) {
                        let due = begin + Double(index) * interval
                        let early = due - now()
                        if early > 0 { usleep(UInt32(early * 1e6)) }
                        try Submitter.pay(requests[index], socket)
                        mine.append((now() - due) * 1000)
                    }
                } catch {
                    failure.set("\(error)")
                }
                times.change { $0 += mine }
            }
        }
        for thread in threads { thread.wait() }
        if let failure = failure.get() { throw LoadFailure(failure) }
        return times.get().sorted()
    }
}
