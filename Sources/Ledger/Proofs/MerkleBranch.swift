/// The way from a leaf to a root, each step with the side of its sibling.
///
/// A root does not say over how many leaves it is, so where no header says it either, a place and a count
/// would be words without proof. What is left here shows that the leaf is one of the root's: leaves and
/// nodes are hashed differently, so that a node cannot pass for a leaf.
public struct MerkleBranch: Hashable, Sendable {
    /// A sibling and the side on which it stands.
    public struct Step: Hashable, Sendable {
        /// The hash beside the one that goes up.
        public let sibling: Hash32
        /// Whether the sibling is the left one.
        public let isLeft: Bool

        /// Makes a step.
        public init(_ sibling: Hash32, isLeft: Bool) {
            self.sibling = sibling
            self.isLeft = isLeft
        }
    }

    /// The longest way: no tree has more than 2^64 leaves.
    public static let stepsMax = 64

    /// The steps, the lowest first; none for the only leaf.
    public let steps: [Step]

    /// Takes steps as they came.
    public init(steps: [Step]) { self.steps = steps }

    /// Adds the sides to a path as ``MerkleTree/proof(of:in:)`` gives it.
    ///
    /// - Parameters:
    ///   - path: the siblings, lowest first, as many as the place needs.
    ///   - index: the leaf's place, from 0.
    ///   - count: how many leaves there are.
    public init(path: [Hash32], index: UInt64, count: UInt64) {
        var position = index
        var last = max(count, 1) - 1
        var steps: [Step] = []
        for sibling in path {
            // An odd last one has no sibling until a level where it is a right child.
            while position == last, position & 1 == 0, last > 0 {
                position >>= 1
                last >>= 1
            }
            steps.append(Step(sibling, isLeft: position & 1 == 1))
            position >>= 1
            last >>= 1
        }
        self.steps = steps
    }

    /// The root that the way leads to.
    public func root(from leaf: Hash32) -> Hash32 {
        steps.reduce(leaf) { hash, step in
            step.isLeft
                ? MerkleTree.node(step.sibling, hash) : MerkleTree.node(hash, step.sibling)
        }
    }
}
