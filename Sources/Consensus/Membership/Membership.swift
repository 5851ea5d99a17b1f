import Ledger

/// Who belongs to the group, and with which rights.
public struct Membership: Equatable, Sendable {
    /// What a member may do.
    public enum Role: UInt8, Sendable {
        /// Keeps the log, does not vote.
        case standby = 0
        /// Keeps the log and votes.
        case voter = 1
        /// Neither; a member that is being added or taken out.
        case spare = 2
    }

    /// One member.
    public struct Member: Equatable, Sendable {
        /// The member's identity; not 0.
        public let id: NodeID
        /// What it may do.
        public let role: Role
        /// Where peers reach it, in the transport's own form; at most 255 bytes.
        public let address: String

        /// Describes a member.
        public init(id: NodeID, role: Role = .voter, address: String = "") {
            self.id = id
            self.role = role
            self.address = address
        }
    }

    /// The members in ascending order of their identities.
    public let members: [Member]

    /// The largest number of members that is accepted from outside.
    public static let memberLimit = 1_000

    /// Makes a group.
    /// - Returns: nil if it is empty or too large, an identity is 0 or double, or an address too long.
    public init?(_ members: [Member]) {
        let sorted = members.sorted { $0.id < $1.id }
        guard !sorted.isEmpty, sorted.count <= Self.memberLimit, sorted[0].id.rawValue != 0,
            sorted.allSatisfy({ $0.address.utf8.count <= 255 }),
            zip(sorted, sorted.dropFirst()).allSatisfy({ $0.id < $1.id })
        else { return nil }
        self.members = sorted
    }

    /// Makes a group of one voter.
    public init(onlyVoter id: NodeID) {
        precondition(id.rawValue != 0, "a node's identity is not 0")
        members = [Member(id: id)]
    }

    /// The identities of those who vote, ascending.
    public var voters: [NodeID] { members.filter { $0.role == .voter }.map(\.id) }

    /// Whether this node alone decides.
    public func isOnlyVoter(_ id: NodeID) -> Bool { voters == [id] }
}

// MARK: Bytes; `docs/formats/raft-log.md`, "Membership".

extension Membership {
    /// The canonical bytes.
    public var bytes: [UInt8] {
        var writer = ByteWriter(capacity: 5 + members.count * 32)
        writer.write(byte: 1)
        writer.write(UInt32(members.count))
        for member in members {
            writer.write(member.id.rawValue)
            writer.write(byte: member.role.rawValue)
            writer.write(text: member.address)
        }
        return writer.bytes
    }

    /// Reads the canonical bytes.
    /// - Throws: ``DecodingFault`` for any other bytes.
    public init(_ bytes: [UInt8]) throws(DecodingFault) {
        var reader = ByteReader(bytes)
        guard try reader.read(UInt8.self) == 1 else {
            throw DecodingFault("membership is of an unknown version")
        }
        let count: UInt32 = try reader.read()
        guard count <= UInt32(Self.memberLimit) else {
            throw DecodingFault("\(count) members are too many", at: 1)
        }
        var members: [Member] = []
        for _ in 0..<count {
            let id = NodeID(try reader.read())
            guard let role = Role(rawValue: try reader.read()) else {
                throw DecodingFault("unknown role of member \(id)", at: reader.offset - 1)
            }
            members.append(Member(id: id, role: role, address: try reader.readText()))
        }
        try reader.finish()
        guard let membership = Membership(members), membership.members == members else {
            throw DecodingFault("members are empty, double, unsorted or have bad addresses", at: 5)
        }
        self = membership
    }
}
