/// Executed heights that a signer elsewhere is still to sign; some are certified meanwhile.
///
/// A signer may be slower than blocks come. It is given first what needs a certificate of its own, of which there
/// is little, then the newest, whose certificate stands for all blocks below.
struct SigningQueue {
    /// Rising.
    private var usual: [UInt64] = []
    /// Those that need a certificate of their own, rising.
    private var needed: [UInt64] = []
    /// How many of either are remembered for certain; the oldest go first.
    private let kept: Int

    /// Makes an empty queue.
    init(keeping kept: Int) { self.kept = kept }

    /// Adds a height, above all that were added before.
    mutating func add(_ height: UInt64, isNeeded: Bool) {
        if isNeeded { needed.append(height) } else { usual.append(height) }
        Self.forgetOldest(of: &usual, kept)
        Self.forgetOldest(of: &needed, kept)
    }

    /// Takes the height whose turn it is; nil if none waits.
    mutating func next() -> UInt64? { needed.popLast() ?? usual.popLast() }

    /// Takes back what the signer did not sign.
    ///
    /// From now on it has its turn by its height: a signer that refuses some of those that are needed first would
    /// be asked for nothing else.
    mutating func putBack(_ height: UInt64) {
        let place = usual.lastIndex { $0 < height }.map { $0 + 1 } ?? 0
        usual.insert(height, at: place)
    }

    /// Forgets a height and all above.
    mutating func drop(from height: UInt64) {
        usual.removeAll { $0 >= height }
        needed.removeAll { $0 >= height }
    }

    private static func forgetOldest(of heights: inout [UInt64], _ kept: Int) {
        // Now and then, since each time moves all of them.
        guard heights.count > 2 * kept else { return }
        heights.removeFirst(heights.count - kept)
    }
}
