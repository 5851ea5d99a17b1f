import Gateway
import JSON
import Ledger

/// How a client names a block.
enum BlockSelector: Hashable, Sendable {
    /// The last executed block.
    case latest
    /// The last executed block and what the pool has.
    case pending
    /// The last certified block: `safe` and `finalized`.
    case certified
    /// The oldest block that is kept.
    case earliest
    /// By height.
    case height(UInt64)
    /// By hash.
    case hash(Hash32)

    /// Reads a tag, a height, a hash, or the object of EIP-1898; nil for anything else.
    init?(_ json: JSON) {
        if let number = json.quantity ?? json.unsigned {
            guard let height = UInt64(exactly: number) else { return nil }
            self = .height(height)
            return
        }
        if let text = json.string {
            switch text {
            case "latest": self = .latest
            case "pending": self = .pending
            case "safe", "finalized": self = .certified
            case "earliest": self = .earliest
            default:
                guard let hash = json.data.flatMap({ Hash32($0) }) else { return nil }
                self = .hash(hash)
            }
            return
        }
        if let hash = json["blockHash"]?.data.flatMap({ Hash32($0) }) {
            self = .hash(hash)
        } else if let height = json["blockNumber"], height["blockNumber"] == nil {
            self.init(height)
        } else {
            return nil
        }
    }
}

extension RPCParams {
    /// A block's name; `absent` if it is not there.
    func block(
        _ index: Int, _ name: String = "block", absent: BlockSelector = .latest
    ) throws(RPCError) -> BlockSelector {
        guard let json = find(index, name) else { return absent }
        guard let selector = BlockSelector(json) else {
            throw wrong(
                index, name,
                "a height, a hash, or one of latest, safe, finalized, pending, earliest")
        }
        return selector
    }

    /// An address.
    func address(_ index: Int, _ name: String) throws(RPCError) -> Address {
        guard let address = try need(index, name).address else {
            throw wrong(index, name, "an address, 0x and 40 hexadecimal digits")
        }
        return address
    }

    /// 32 bytes.
    func hash(_ index: Int, _ name: String) throws(RPCError) -> Hash32 {
        guard let hash = try need(index, name).hash else {
            throw wrong(index, name, "a hash, 0x and 64 hexadecimal digits")
        }
        return hash
    }

    /// A count with a default, at most a limit.
    func limit(
        _ index: Int, _ name: String = "limit", absent: Int, most: Int
    ) throws(RPCError) -> Int {
        guard find(index, name) != nil else { return absent }
        let number = try quantity64(index, name)
        guard number > 0, number <= UInt64(most) else {
            throw wrong(index, name, "a number from 1 to \(most)")
        }
        return Int(number)
    }

    /// Where a page begins; 0 if absent.
    func start(_ index: Int, _ name: String = "from") throws(RPCError) -> UInt64 {
        find(index, name) == nil ? 0 : try quantity64(index, name)
    }
}

extension JSON {
    /// An address, else nil.
    var address: Address? { data.flatMap { Address($0) } }

    /// 32 bytes, else nil.
    var hash: Hash32? { data.flatMap { Hash32($0) } }
}
