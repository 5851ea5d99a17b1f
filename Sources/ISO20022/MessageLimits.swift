/// What a file may take; each limit is checked before the memory for it is.
public struct MessageLimits: Hashable, Sendable {
    /// Bytes of the file.
    public var bytes = 256 << 20
    /// Elements of the file.
    public var elements = 10_000_000
    /// Elements within one transaction, statement header or group header, which is what is in memory at a time.
    public var elementsAtOnce = 10_000
    /// Elements inside each other.
    public var depth = 64
    /// Bytes of UTF-8 in one text, comment or processing instruction.
    public var textBytes = 64 << 10
    /// Bytes of one tag with all its attributes.
    public var tagBytes = 8 << 10
    /// Attributes of one element, declarations of namespaces among them.
    public var attributes = 32

    /// The limits of a desk: files of 256 MiB, of which about 1 MiB is in memory.
    public init() {}
}
