import NIOCore
import NIOHTTP1
import NIOWebSocket

/// A part of what a client sends, as the decoder gives it.
protocol HeldPart {
    /// About what it takes while it waits.
    var heldBytes: Int { get }
}

/// What a connection has read but must not look at yet, in its order.
///
/// It is at most what one reading from the socket gives; but small parts take many times the bytes that came in, so
/// what they take is counted.
struct HeldParts<Part: HeldPart> {
    private var parts = CircularBuffer<Part>()
    /// How many there were since their room was made.
    private var most = 0
    /// About what they take.
    private(set) var bytes = 0

    var isEmpty: Bool { parts.isEmpty }
    var first: Part? { parts.first }

    mutating func append(_ part: Part) {
        bytes += part.heldBytes
        parts.append(part)
        most = max(most, parts.count)
    }

    /// Takes the first; there must be one.
    mutating func removeFirst() -> Part {
        let part = parts.removeFirst()
        bytes -= part.heldBytes
        // Room is for twice as many as there are, about; the room of a flood would stay otherwise, and for few.
        if most > 256, parts.count < most / 4 {
            parts = CircularBuffer(parts)
            most = parts.count
        }
        return part
    }
}

extension WebSocketFrame: HeldPart {
    /// A frame without data has an object of 80 bytes and its place; its data are a part of what was read.
    var heldBytes: Int { 128 + data.readableBytes + (extensionData?.readableBytes ?? 0) }
}

extension HTTPServerRequestPart: HeldPart {
    /// A head has two objects, for its line and its headers, and each header two texts.
    var heldBytes: Int {
        switch self {
        case .head(let head): 512 + head.uri.utf8.count + Self.size(of: head.headers)
        case .body(let bytes): 96 + bytes.readableBytes
        case .end(let trailers): 96 + (trailers.map(Self.size) ?? 0)
        }
    }

    private static func size(of headers: HTTPHeaders) -> Int {
        headers.reduce(0) { $0 + 64 + $1.name.utf8.count + $1.value.utf8.count }
    }
}
