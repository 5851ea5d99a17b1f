/// A digest as the key of a table, for digests that no outsider can choose.
///
/// Its first eight bytes are as good as random already, and to find two digests that share them takes 2^32
/// hashes, so that only these go through the table's own hash.
public struct DigestKey: Hashable, Sendable {
    /// All of it; keys are equal only where digests are.
    public let digest: Hash32

    /// Makes a key of a digest that is a hash itself, not a word that somebody names freely.
    public init(_ digest: Hash32) { self.digest = digest }

    /// By the first eight bytes.
    public func hash(into hasher: inout Hasher) { hasher.combine(digest.parts.0) }
}
