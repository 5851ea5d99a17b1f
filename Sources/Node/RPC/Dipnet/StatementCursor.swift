import Ledger
import Tokens

/// One token's chain of blocks in a statement.
struct StatementWalk {
    /// The token.
    let token: TokenID
    /// Where it stands.
    var walk: CellWalk
    /// Whether genesis was passed.
    var isAtEnd = false

    /// The block that it looks at next; 0 at the end.
    var height: UInt64 { isAtEnd ? 0 : walk.height }

    init(_ token: TokenID, _ walk: CellWalk) {
        self.token = token
        self.walk = walk
    }

    /// Ends the chain where genesis gave the account nothing.
    mutating func endIfEmpty() {
        if walk.cell == Cell() { isAtEnd = true }
    }
}

/// Where a statement goes on: how many entries of the newest block were given, and each token's block.
struct StatementCursor {
    let skip: Int
    let places: [(token: UInt32, height: UInt64)]

    init(skip: Int, _ walks: [StatementWalk]) {
        self.skip = skip
        places = walks.filter { !$0.isAtEnd }.map { ($0.token.rawValue, $0.walk.height) }
    }

    /// Reads `skip.token:height.token:height…`; nil for anything else, and where a token is there twice: each
    /// is walked, so that a short request could keep a thread busy for long.
    init?(_ text: String) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard let first = parts.first, let skip = UInt32(first), parts.count <= 10_001 else {
            return nil
        }
        var places: [(token: UInt32, height: UInt64)] = []
        var tokens: Set<UInt32> = []
        for part in parts.dropFirst() {
            let pair = part.split(separator: ":", omittingEmptySubsequences: false)
            guard pair.count == 2, let token = UInt32(pair[0]), let height = UInt64(pair[1]),
                token < 1 << 31, tokens.insert(token).inserted
            else { return nil }
            places.append((token, height))
        }
        self.skip = Int(skip)
        self.places = places
    }

    /// As clients know it.
    var text: String {
        ([String(skip)] + places.map { "\($0.token):\($0.height)" }).joined(separator: ".")
    }
}
