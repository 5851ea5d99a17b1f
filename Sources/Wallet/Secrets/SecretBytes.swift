import COpenSSL

/// Bytes that nobody else should see, in memory of their own that is wiped when the last holder lets go.
///
/// It has no description and no conformance that could print it.
public final class SecretBytes: Sendable {
    /// Written to in `init` and wiped in `deinit` only.
    private nonisolated(unsafe) let memory: UnsafeMutableRawBufferPointer

    /// How many bytes there are.
    public var count: Int { memory.count }

    /// Makes so many bytes and lets a closure fill them.
    ///
    /// - Parameters:
    ///   - count: how many.
    ///   - fill: gets the memory, all zero.
    /// - Throws: what `fill` throws.
    public init<Failure: Error>(
        count: Int, _ fill: (UnsafeMutableRawBufferPointer) throws(Failure) -> Void
    ) throws(Failure) {
        memory = UnsafeMutableRawBufferPointer.allocate(byteCount: max(1, count), alignment: 16)
            .rebased(to: count)
        memory.initializeMemory(as: UInt8.self, repeating: 0)
        try fill(memory)
    }

    /// Copies bytes; wiping where they came from is the caller's duty.
    public convenience init(_ bytes: some Collection<UInt8>) {
        self.init(count: bytes.count) { $0.copyBytes(from: bytes) }
    }

    deinit {
        OPENSSL_cleanse(memory.baseAddress, memory.count)
        memory.deallocate()
    }

    /// Lends the bytes; they must not be kept.
    public func withBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(UnsafeRawBufferPointer(memory))
    }
}

extension UnsafeMutableRawBufferPointer {
    /// The same memory, seen as fewer bytes.
    fileprivate func rebased(to count: Int) -> UnsafeMutableRawBufferPointer {
        UnsafeMutableRawBufferPointer(start: baseAddress, count: count)
    }
}
