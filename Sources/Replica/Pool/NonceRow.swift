/// What waits of one account, by nonce.
///
/// Nearly every account has one transaction on its way at a time: that one lies here, and only what is more
/// takes a table.
struct NonceRow {
    private var first: (nonce: UInt64, entry: Pool.Waiting)?
    private var more: [UInt64: Pool.Waiting] = [:]

    var count: Int { (first == nil ? 0 : 1) + more.count }

    var isEmpty: Bool { first == nil && more.isEmpty }

    /// All nonces, ascending.
    var nonces: [UInt64] { ((first.map { [$0.nonce] } ?? []) + more.keys).sorted() }

    subscript(nonce: UInt64) -> Pool.Waiting? {
        get {
            if let first, first.nonce == nonce { return first.entry }
            return more.isEmpty ? nil : more[nonce]
        }
        set {
            if first?.nonce == nonce || first == nil && (more.isEmpty || more[nonce] == nil) {
                first = newValue.map { (nonce, $0) }
            } else {
                more[nonce] = newValue
            }
        }
    }

    /// Takes out what waits under a nonce.
    @discardableResult
    mutating func remove(_ nonce: UInt64) -> Pool.Waiting? {
        guard first?.nonce == nonce else {
            return more.isEmpty ? nil : more.removeValue(forKey: nonce)
        }
        defer { first = nil }
        return first?.entry
    }
}
