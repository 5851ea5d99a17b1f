import NIOCore

/// The answers of one connection in the order of its requests, each given at any time.
struct ResponseQueue {
    /// An answer.
    enum Message {
        /// The body of a successful JSON-RPC answer; nil if there was nothing to answer.
        case rpc(ByteBuffer?)
        /// Anything else, head and all.
        case whole(HTTPMessage)

        var bytes: Int {
            switch self {
            case .rpc(let body): body?.readableBytes ?? 0
            case .whole(let message): message.body?.readableBytes ?? 0
            }
        }
    }

    /// One request's place.
    struct Slot {
        let headers: [(String, String)]
        var closes: Bool
        var message: Message?
    }

    private var slots = CircularBuffer<Slot>(initialCapacity: 4)
    /// The tag of the first slot; of the next request when there is none.
    private var firstTag = 0
    /// Bytes of answers that wait for others before them.
    private(set) var bytes = 0

    var count: Int { slots.count }
    var isEmpty: Bool { slots.isEmpty }

    /// Makes a place for the next request; its answer is given under the tag returned.
    mutating func open(headers: [(String, String)], closes: Bool) -> Int {
        slots.append(Slot(headers: headers, closes: closes))
        return firstTag + slots.count - 1
    }

    /// Gives the answer for `tag`; nothing happens if it was given up meanwhile.
    mutating func fill(_ tag: Int, _ message: Message) {
        let place = tag - firstTag
        guard place >= 0, place < slots.count else { return }
        slots[slots.index(slots.startIndex, offsetBy: place)].message = message
        bytes += message.bytes
    }

    /// Takes the first answer if it is there.
    mutating func takeReady() -> Slot? {
        guard let message = slots.first?.message else { return nil }
        bytes -= message.bytes
        firstTag += 1
        return slots.removeFirst()
    }

    /// The connection ends after the last answer; false if none is outstanding.
    mutating func closeAfterLast() -> Bool {
        guard let last = slots.indices.last else { return false }
        slots[last].closes = true
        return true
    }

    /// Gives up what is outstanding.
    mutating func removeAll() {
        firstTag += slots.count
        slots.removeAll()
        bytes = 0
    }
}
