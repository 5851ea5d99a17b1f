import JSON
import Ledger

/// An account's movements as the node tells them, the newest first; each payment of an order with the order's buyer.
struct Movements {
    /// The movements.
    let entries: [JSON]
    /// Whether these are all there are in that time.
    let isComplete: Bool

    /// Asks a node.
    ///
    /// - Parameters:
    ///   - session: where to ask.
    ///   - account: whose.
    ///   - token: in what; nil for all tokens.
    ///   - from: the first height or time, as the node takes it.
    ///   - to: the last.
    ///   - limit: the most movements.
    /// - Throws: what a call throws.
    init(
        _ session: Session, of account: Address, in token: Address?, from: JSON = .null,
        to: JSON = .null, atMost limit: Int
    ) async throws {
        var cursor: JSON?
        var entries: [JSON] = []
        repeat {
            let page = JSON.members([
                ("token", token.map { .string($0.hex) }),
                ("limit", .integer(min(1000, limit - entries.count))), ("cursor", cursor),
            ])
            let answer = try await session.call(
                "dip_statement", .string(account.hex), from, to, page)
            entries += answer["entries"]?.elements ?? []
            cursor = answer["next"]?.present
        } while cursor != nil && entries.count < limit
        isComplete = cursor == nil
        self.entries = try await Self.withBuyers(entries, session)
    }

    private static func withBuyers(_ entries: [JSON], _ session: Session) async throws -> [JSON] {
        var buyers: [UInt64: Address] = [:]
        for id in Set(entries.compactMap { $0["order"]?.whole64 }) {
            buyers[id] = try await session.call("dip_order", .integer(id))["buyer"]?.address
        }
        return entries.map { entry in
            guard let buyer = entry["order"]?.whole64.flatMap({ buyers[$0] }) else { return entry }
            return .object(
                (entry.object ?? []) + [JSON.Member("buyer", .string(buyer.checksummed))])
        }
    }
}
