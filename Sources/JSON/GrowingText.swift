import Glibc

/// Bytes that grow at their end.
///
/// They have one owner, so that nothing asks at each byte whether somebody else refers to them, and the
/// system enlarges their memory where it lies if it can: a large answer is not copied each time it doubles.
struct GrowingText: ~Copyable, @unchecked Sendable {
    // `@unchecked`: only the owner knows where the memory is.

    /// Of `capacity` bytes, of which `count` are written.
    private var memory: UnsafeMutableRawPointer
    private var capacity: Int
    private(set) var count = 0

    init(capacity: Int) {
        self.capacity = max(capacity, 16)
        memory = Self.checked(malloc(self.capacity))
    }

    deinit { free(memory) }

    var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: memory, count: count) }

    @inline(__always)
    mutating func append(_ byte: UInt8) {
        makeRoom(1)
        memory.storeBytes(of: byte, toByteOffset: count, as: UInt8.self)
        count += 1
    }

    @inline(__always)
    mutating func append(_ piece: UnsafeRawBufferPointer) {
        write(piece.count) { room in room.copyMemory(from: piece) }
    }

    /// Lets `body` write exactly `count` bytes.
    @inline(__always)
    mutating func write(_ count: Int, _ body: (UnsafeMutableRawBufferPointer) -> Void) {
        makeRoom(count)
        body(UnsafeMutableRawBufferPointer(start: memory + self.count, count: count))
        self.count += count
    }

    mutating func truncate(to count: Int) {
        precondition(count <= self.count, "what is kept was written")
        self.count = count
    }

    @inline(__always)
    private mutating func makeRoom(_ more: Int) {
        if capacity - count < more { grow(by: more) }
    }

    @inline(never)
    private mutating func grow(by more: Int) {
        capacity = max(2 * capacity, count + more)
        memory = Self.checked(realloc(memory, capacity))
    }

    private static func checked(_ memory: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer {
        guard let memory else { fatalError("the system gave no memory for a text") }
        return memory
    }
}
