import Ledger
import Tokens

/// A ledger with named accounts, whose contracts are called as clients call them: by bytes.
final class Desk {
    let store = MemoryStore()
    let state: State
    let tokens: TokenLedger
    private var names: [Address: String] = [:]
    private var height: UInt64 = 0

    init() {
        state = State(source: store)
        tokens = TokenLedger(state: state)
        for (name, address) in Self.contracts { names[address] = name }
        for name in Self.people { names[Self.person(name)] = name }
    }

    static let people = ["alice", "bob", "carol", "dave", "issuer", "bank"]
    static let contracts: [(String, Address)] = [
        ("zero", .zero), ("dip", .dip), ("tokens", .tokens), ("orders", .orders),
        ("treasury", .treasury), ("order7", .order(7)),
    ]

    private static let known = Dictionary(
        uniqueKeysWithValues: people.map { ($0, hashed($0)) })

    static func person(_ name: String) -> Address { known[name] ?? hashed(name) }

    private static func hashed(_ name: String) -> Address {
        let hash = Keccak256.hash(name)
        return Address(
            high: hash.parts.0, middle: hash.parts.1, low: UInt32(truncatingIfNeeded: hash.parts.2))
    }

    /// An account, a contract or, by its symbol, a token.
    func address(_ name: String) -> Address? {
        if let known = names.first(where: { $0.value == name }) { return known.key }
        return Address(hex: name)
    }

    func name(_ address: Address) -> String { names[address] ?? address.hex }

    func token(_ name: String) -> TokenID? { address(name).flatMap { tokens.find($0) } }

    /// Calls, and learns the names of tokens that are created.
    func call(
        _ sender: String, _ contract: Address, _ data: [UInt8], value: UInt128 = 0
    ) throws(Rejection) -> [UInt8] {
        let result = try tokens.call(
            Call(sender: Self.person(sender), to: contract, value: value, data: data[...]))
        if contract == .tokens, let word = Hash32(result), let address = word.address,
            let id = tokens.find(address)
        {
            names[address] = tokens.info(id).symbol
        }
        return result
    }

    /// Ends the block, gives what it changed, and begins the next.
    @discardableResult
    func endBlock() -> StateChanges {
        let changes = state.endBlock()
        store.apply(changes)
        _ = state.collectChanges()
        height += 1
        var next = state.block
        next.height = height
        state.beginBlock(next)
        return changes
    }

    /// The logs of all effects since the last time; they must be readable to the last byte.
    func takeLogs() -> [Log] {
        var logs: [Log] = []
        var reader = ByteReader(state.effects.bytes)
        while reader.remaining > 0 {
            guard let tag: UInt8 = try? reader.read(), let payload = try? reader.readCounted(),
                let some = try? TokenLedger.logs(tag: tag, payload: payload)
            else { fatalError("effects cannot be read") }
            logs += some
        }
        state.effects.removeAll()
        return logs
    }
}
