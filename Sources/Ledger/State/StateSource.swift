/// Where state is read from that is not in memory.
///
/// Owned by the core, implemented by the store.
///
/// A read that fails answers as if nothing were there and remembers the fault; whoever drives the core
/// asks ``fault`` before it adopts a block, so that no result of a failed read is ever kept.
public protocol StateSource: AnyObject {
    /// The stored cell, or nil if none was ever written.
    func cell(_ key: CellKey) -> Cell?
    /// The stored object, or nil if there is none.
    func object(_ key: [UInt8]) -> [UInt8]?
    /// Calls `body` with each stored object whose key starts with `prefix`, in byte order, until it
    /// answers false. For use when nothing has been executed yet: changes in memory are not seen.
    func scan(prefix: [UInt8], _ body: (_ key: [UInt8], _ value: [UInt8]) -> Bool)
    /// The first fault that a read met, or nil.
    var fault: String? { get }
}

/// A source with nothing in it, for a ledger that lives in memory only.
public final class EmptySource: StateSource {
    /// Makes the source.
    public init() {}
    /// Nothing.
    public func cell(_ key: CellKey) -> Cell? { nil }
    /// Nothing.
    public func object(_ key: [UInt8]) -> [UInt8]? { nil }
    /// Calls nothing.
    public func scan(prefix: [UInt8], _ body: ([UInt8], [UInt8]) -> Bool) {}
    /// No fault.
    public var fault: String? { nil }
}
