import Glibc

/// A file as libxml2 gets it: in UTF-8, looked through beforehand, a piece at a time.
///
/// A class because libxml2 keeps a pointer to it for its callbacks.
final class ByteSource {
    private enum Origin {
        case descriptor(Int32)
        case memory(ArraySlice<UInt8>)
    }

    private var origin: Origin
    private var decoder: TextDecoder?
    private var markup: MarkupGuard
    /// What is ready and not yet taken.
    private var text: [UInt8] = []
    private var taken = 0
    private var isAtEnd = false
    private var bytesRead = 0
    private let limits: MessageLimits

    /// What stopped the file, and at which line: told only after libxml2 has had everything before.
    private(set) var stop: MarkupGuard.Stop?
    /// The first thing that libxml2 objected to.
    var parserError: (number: Int32, line: Int)?

    /// The line up to which the file was looked through.
    var line: Int { markup.line }
    /// Whether the file had no element at all.
    var isEmpty: Bool { isAtEnd && markup.elements == 0 && !markup.isInside }
    /// Whether the file ended within an element or a tag.
    var isTruncated: Bool { isAtEnd && markup.isInside }

    private static let pieceSize = 32 << 10

    /// Reads from a descriptor, which is closed in the end.
    init(descriptor: Int32, limits: MessageLimits) {
        origin = .descriptor(descriptor)
        self.limits = limits
        markup = MarkupGuard(limits)
    }

    /// Reads from memory.
    init(bytes: [UInt8], limits: MessageLimits) {
        origin = .memory(bytes[...])
        self.limits = limits
        markup = MarkupGuard(limits)
    }

    deinit {
        if case .descriptor(let descriptor) = origin { close(descriptor) }
    }

    /// Copies up to `count` bytes of UTF-8.
    ///
    /// - Returns: how many; 0 at the end, −1 where the file was stopped.
    func read(into buffer: UnsafeMutablePointer<CChar>, count: Int) -> Int {
        while taken == text.count, !isAtEnd, stop == nil { fill() }
        guard taken < text.count else { return stop == nil ? 0 : -1 }
        let length = min(count, text.count - taken)
        text.withUnsafeBytes { bytes in
            UnsafeMutableRawPointer(buffer).copyMemory(
                from: bytes.baseAddress.unsafelyUnwrapped + taken, byteCount: length)
        }
        taken += length
        return length
    }

    private func fill() {
        text.removeAll(keepingCapacity: true)
        taken = 0
        do throws(MarkupGuard.Stop) {
            let piece = try nextPiece()
            bytesRead += piece.count
            guard bytesRead <= limits.bytes else {
                throw .init(
                    code: .fileTooLong, why: "the file is longer than \(limits.bytes) bytes")
            }
            isAtEnd = piece.isEmpty
            if isAtEnd, decoder?.isInsideCharacter == true {
                throw .init(code: .truncated, why: "the file ends in the middle of a character")
            }
            // What comes before a fault may go on, so that the place of the fault is known.
            let fault = decode(piece)
            do throws(MarkupGuard.Stop) {
                try markup.check(text[...])
            } catch {
                text.removeLast(text.count - markup.accepted)
                throw error
            }
            stop = fault
        } catch {
            stop = error
        }
    }

    /// Appends a piece to the text, up to the first byte that is wrong.
    private func decode(_ piece: [UInt8]) -> MarkupGuard.Stop? {
        guard !piece.isEmpty else { return nil }
        do throws(EncodingFault) {
            var skip = 0
            if decoder == nil {
                let found = try TextEncoding.detect(Array(piece.prefix(512)))
                decoder = TextDecoder(found.0)
                skip = found.skip
            }
            try decoder?.decode(piece[skip...], into: &text)
            return nil
        } catch {
            return switch error {
            case .unknown:
                .init(
                    code: .unknownEncoding,
                    why: "the file is in none of UTF-8, UTF-16, ISO-8859-1 and ASCII, or is no XML")
            case .notAsDeclared:
                .init(
                    code: .wrongEncoding,
                    why: "the file has bytes that its encoding, declared or supposed, does not have"
                )
            }
        }
    }

    private func nextPiece() throws(MarkupGuard.Stop) -> [UInt8] {
        switch origin {
        case .memory(let bytes):
            let piece = bytes.prefix(Self.pieceSize)
            origin = .memory(bytes.dropFirst(Self.pieceSize))
            return Array(piece)
        case .descriptor(let descriptor):
            var result = 0
            let piece = [UInt8](unsafeUninitializedCapacity: Self.pieceSize) { buffer, count in
                repeat {
                    result = Glibc.read(descriptor, buffer.baseAddress, Self.pieceSize)
                } while result < 0 && errno == EINTR
                count = max(0, result)
            }
            guard result >= 0 else {
                throw .init(
                    code: .unreadable, why: "reading failed: " + String(cString: strerror(errno)))
            }
            return piece
        }
    }
}
