/// Lends memory on the stack to a C function that wants a pointer.
@inlinable
@inline(__always)
func withScratch<Result>(
    _ byteCount: Int, _ body: (UnsafeMutablePointer<UInt8>, UnsafeMutableRawBufferPointer) -> Result
) -> Result {
    withUnsafeTemporaryAllocation(byteCount: byteCount, alignment: 8) { buffer in
        guard let base = buffer.baseAddress else {
            preconditionFailure("memory of \(byteCount) bytes has no address")
        }
        return body(base.assumingMemoryBound(to: UInt8.self), buffer)
    }
}
