/// Goes through effects as ``State/record(_:_:)`` framed them: tag, length in four bytes, payload.
///
/// Ends early where a frame is cut off; what came before it stands.
@frozen
public struct EffectReader: Sequence, IteratorProtocol, Sendable {
    @usableFromInline var rest: ArraySlice<UInt8>

    /// Starts at the first effect.
    @inlinable
    public init(_ effects: ArraySlice<UInt8>) { rest = effects }

    /// The next effect, nil at the end.
    @inlinable
    public mutating func next() -> (tag: UInt8, payload: ArraySlice<UInt8>)? {
        guard rest.count >= 5 else { return nil }
        let start = rest.startIndex
        let length = (1...4).reduce(0) { $0 << 8 | Int(rest[start + $1]) }
        guard length <= rest.count - 5 else { return nil }
        let tag = rest[start]
        let payload = rest[(start + 5)..<(start + 5 + length)]
        rest = rest[payload.endIndex...]
        return (tag, payload)
    }
}
