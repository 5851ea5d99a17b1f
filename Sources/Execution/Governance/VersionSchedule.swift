import Ledger

/// Which protocol version holds from which height on.
public struct VersionSchedule: Hashable, Sendable {
    /// A version and the first height at which it holds.
    public struct Entry: Hashable, Sendable {
        /// The first height.
        public let height: UInt64
        /// The version.
        public let version: UInt16
    }

    /// The version from genesis on.
    public static let first: UInt16 = 1

    /// What comes after the first version, both height and version ascending.
    public private(set) var entries: [Entry] = []

    /// The first version, for ever.
    public init() {}

    /// The version that holds at a height.
    public func version(at height: UInt64) -> UInt16 {
        entries.last { $0.height <= height }?.version ?? Self.first
    }

    /// Why a version cannot be added, nil if it can.
    func refusal(of version: UInt16, from height: UInt64) -> String? {
        let last = entries.last ?? Entry(height: 0, version: Self.first)
        if version <= last.version {
            return "version \(last.version) is the last one that was activated"
        }
        if height <= last.height {
            return "version \(last.version) is to hold from height \(last.height) on"
        }
        return nil
    }

    /// Adds a version that is not refused.
    mutating func add(_ version: UInt16, from height: UInt64) {
        precondition(refusal(of: version, from: height) == nil, "a version that was not checked")
        entries.append(Entry(height: height, version: version))
    }

    /// The canonical bytes: for each entry height and version, 10 bytes.
    var bytes: [UInt8] {
        var writer = ByteWriter(capacity: 10 * entries.count)
        for entry in entries {
            writer.write(entry.height)
            writer.write(entry.version)
        }
        return writer.bytes
    }

    /// Decodes a schedule.
    init(decoding bytes: [UInt8]) throws(DecodingFault) {
        var reader = ByteReader(bytes)
        while reader.remaining > 0 {
            let height: UInt64 = try reader.read()
            let version: UInt16 = try reader.read()
            guard refusal(of: version, from: height) == nil else {
                throw DecodingFault("versions do not ascend", at: reader.offset)
            }
            add(version, from: height)
        }
    }
}
