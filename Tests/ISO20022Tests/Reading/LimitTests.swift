import Glibc
import ISO20022
import Testing

@Suite("Limits")
struct LimitTests {
    static let definition = MessageDefinition(.notification, version: 8)
    static let message = Messages.text(definition)

    static func limited(_ text: String, _ change: (inout MessageLimits) -> Void) -> MessageFault
        .Code?
    {
        var limits = MessageLimits()
        change(&limits)
        return fault(text, limits: limits)?.code
    }

    @Test("a file is taken up to each limit and refused beyond it")
    func exact() {
        let bytes = Self.message.utf8.count
        #expect(Self.limited(Self.message) { $0.bytes = bytes } == nil)
        #expect(Self.limited(Self.message) { $0.bytes = bytes - 1 } == .fileTooLong)
        let elements = Self.message.count { $0 == "<" } - Self.message.split(separator: "</").count
        #expect(Self.limited(Self.message) { $0.elements = elements } == nil)
        #expect(Self.limited(Self.message) { $0.elements = elements - 1 } == .tooManyElements)
        #expect(Self.limited(Self.message) { $0.depth = 10 } == nil)
        #expect(Self.limited(Self.message) { $0.depth = 9 } == .tooDeep)
        #expect(Self.limited(Self.message) { $0.elementsAtOnce = 30 } == nil)
        #expect(Self.limited(Self.message) { $0.elementsAtOnce = 10 } == .transactionTooLarge)
    }

    @Test("endless markup is refused without being taken into memory")
    func endless() {
        let long = String(repeating: "x", count: 1 << 20)
        for (text, code) in [
            ("<a>" + long, MessageFault.Code.textTooLong), ("<a b='" + long, .tagTooLong),
            ("<" + long, .tagTooLong), ("<!--" + long, .textTooLong), ("<?x " + long, .textTooLong),
            ("<a><![CDATA[" + long, .textTooLong), ("<a></" + long, .tagTooLong),
            ("<a " + (0..<100).map { "a\($0)='' " }.joined() + ">", .tagTooLong),
            (String(repeating: "<a>", count: 1000), .tooDeep),
            (String(repeating: "<a b='>'>", count: 1000), .tooDeep),
        ] {
            #expect(fault(text)?.code == code)
        }
    }

    @Test("a text in many pieces is limited as a whole")
    func pieces() {
        let long = String(repeating: "x<!-- -->", count: 100_000)
        #expect(
            fault(Self.message.replacing("ORDER 42 LINE 3", with: long))?.code == .textTooLong)
    }

    @Test("one transaction does not take memory without end")
    func transaction() {
        let text = Self.message.replacing(
            "<Ustrd>ORDER 42 LINE 3</Ustrd>",
            with: String(repeating: "<Ustrd>x</Ustrd>", count: 20_000))
        #expect(fault(text)?.code == .transactionTooLarge)
    }

    /// A file that is made while it is read, through a pipe.
    struct Endless: Sendable {
        let head: String
        let piece: String
        let count: Int
        let tail: String

        /// Reads it and gives how many parts there were, and by how many KiB the process has grown.
        func read(_ limits: MessageLimits) throws -> (parts: Int, grownKiB: Int, bytes: Int) {
            var ends: [Int32] = [0, 0]
            try #require(pipe(&ends) == 0)
            let writer = ends[1]
            let bytes = head.utf8.count + piece.utf8.count * count + tail.utf8.count
            let text = self
            var thread = pthread_t()
            let box = Unmanaged.passRetained(Box(text, writer))
            pthread_create(
                &thread, nil,
                { context in
                    guard let context else { return nil }
                    let box = Unmanaged<Box>.fromOpaque(context).takeRetainedValue()
                    box.write()
                    return nil
                }, box.toOpaque())
            defer { pthread_join(thread, nil) }
            var reader = try MessageReader(descriptor: ends[0], limits: limits)
            var parts = 0
            var before = 0
            while try reader.next() != nil {
                parts += 1
                // After the first thousand, all buffers have their size.
                if parts == 1000 { before = Self.peakKiB() }
            }
            return (parts, Self.peakKiB() - before, bytes)
        }

        static func peakKiB() -> Int {
            var usage = rusage()
            getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
            return usage.ru_maxrss
        }

        final class Box: Sendable {
            let text: Endless
            let descriptor: Int32

            init(_ text: Endless, _ descriptor: Int32) {
                self.text = text
                self.descriptor = descriptor
            }

            func write() {
                send(text.head)
                var block = ""
                for index in 0..<text.count {
                    block += text.piece
                    if block.utf8.count > 1 << 20 || index == text.count - 1 {
                        send(block)
                        block = ""
                    }
                }
                send(text.tail)
                close(descriptor)
            }

            private func send(_ text: String) {
                var bytes = Array(text.utf8)[...]
                while !bytes.isEmpty {
                    let sent = bytes.withUnsafeBytes {
                        Glibc.write(descriptor, $0.baseAddress, $0.count)
                    }
                    guard sent > 0 else { return }
                    bytes = bytes.dropFirst(sent)
                }
            }
        }
    }

    @Test("memory does not grow with the number of payments in one entry")
    func oneEntry() throws {
        let transaction = Messages.transaction(version: 8, amount: "0.01", reference: "R")
        let entry = Messages.entry(version: 8, details: "<NtryDtls>@</NtryDtls>")
        let pieces = Messages.report(Self.definition, entries: entry).split(separator: "@")
        let count = 40_000
        let file = Endless(
            head: String(pieces[0]), piece: transaction, count: count, tail: String(pieces[1]))
        let result = try file.read(MessageLimits())
        #expect(result.parts == count + 5)
        #expect(result.bytes > 16_000_000)
        // Other tests run beside it and take 20 MiB at times; the file as a tree, or its parts, would take more
        // than 80.
        #expect(result.grownKiB < 48 << 10)
    }
}
