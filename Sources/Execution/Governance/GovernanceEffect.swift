import Ledger

/// The tags of this module's effects, 0x80 to 0x8f; `docs/formats/effects.md`.
public enum GovernanceEffectTag {
    static let proposed: UInt8 = 0x80
    static let voted: UInt8 = 0x81
    static let decided: UInt8 = 0x82
    static let enacted: UInt8 = 0x83
    static let failed: UInt8 = 0x84

    /// All of them, reserved ones included.
    public static let all: ClosedRange<UInt8> = 0x80...0x8f
}

/// What happened in governance, as its compact record says.
///
/// What a decided proposal did to money has effects of its own, before ``enacted(id:height:)``.
public enum GovernanceEffect: Hashable, Sendable {
    /// A bank proposed something.
    case proposed(id: UInt64, by: Address, kind: IGovernance.Kind, data: [UInt8])
    /// A bank said yes or no; the proposer's yes among them.
    case voted(id: UInt64, bank: Address, yes: Bool)
    /// A majority wants it, from this height on.
    case decided(id: UInt64, height: UInt64)
    /// It holds.
    case enacted(id: UInt64, height: UInt64)
    /// It could not be done.
    case failed(id: UInt64, height: UInt64, why: String)

    /// The kind of effect, as it stands before the payload.
    public var tag: UInt8 {
        switch self {
        case .proposed: GovernanceEffectTag.proposed
        case .voted: GovernanceEffectTag.voted
        case .decided: GovernanceEffectTag.decided
        case .enacted: GovernanceEffectTag.enacted
        case .failed: GovernanceEffectTag.failed
        }
    }

    /// Writes the payload.
    func write(to writer: inout ByteWriter) {
        switch self {
        case .proposed(let id, let by, let kind, let data):
            writer.write(id)
            writer.write(by)
            writer.write(byte: kind.rawValue)
            writer.write(raw: data)
        case .voted(let id, let bank, let yes):
            writer.write(id)
            writer.write(bank)
            writer.write(byte: yes ? 1 : 0)
        case .decided(let id, let height), .enacted(let id, let height):
            writer.write(id)
            writer.write(height)
        case .failed(let id, let height, let why):
            writer.write(id)
            writer.write(height)
            writer.write(raw: why.utf8)
        }
    }

    /// Reads the payload of an effect.
    ///
    /// - Parameters:
    ///   - tag: 0x80 to 0x8f.
    ///   - payload: all of it.
    /// - Throws: ``DecodingFault`` for bytes that this module did not record.
    public init(tag: UInt8, payload: ArraySlice<UInt8>) throws(DecodingFault) {
        var reader = ByteReader(payload)
        let id: UInt64 = try reader.read()
        switch tag {
        case GovernanceEffectTag.proposed:
            let by = try reader.readAddress()
            guard let kind = IGovernance.Kind(rawValue: try reader.read()) else {
                throw DecodingFault("no kind of proposal has this number", at: reader.offset - 1)
            }
            self = .proposed(
                id: id, by: by, kind: kind, data: Array(try reader.readRaw(reader.remaining)))
        case GovernanceEffectTag.voted:
            let bank = try reader.readAddress()
            let vote: UInt8 = try reader.read()
            guard vote < 2 else {
                throw DecodingFault("a vote is neither 0 nor 1", at: reader.offset - 1)
            }
            self = .voted(id: id, bank: bank, yes: vote == 1)
        case GovernanceEffectTag.decided: self = .decided(id: id, height: try reader.read())
        case GovernanceEffectTag.enacted: self = .enacted(id: id, height: try reader.read())
        case GovernanceEffectTag.failed:
            let height: UInt64 = try reader.read()
            guard let why = String(validating: try reader.readRaw(reader.remaining), as: UTF8.self)
            else { throw DecodingFault("text is not UTF-8", at: reader.offset) }
            self = .failed(id: id, height: height, why: why)
        default: throw DecodingFault("no effect of governance has the tag \(tag)")
        }
        try reader.finish()
    }

    /// The Ethereum logs that follow from it.
    public var logs: [Log] {
        switch self {
        case .proposed(let id, let by, let kind, let data):
            [
                Self.log(.proposed, id, Hash32(word: by), words: 2) {
                    $0.write(kind)
                    $0.write(bytes: data)
                }
            ]
        case .voted(let id, let bank, let yes):
            [Self.log(.voted, id, Hash32(word: bank), words: 1) { $0.write(yes) }]
        case .decided(let id, let height):
            [Self.log(.decided, id, words: 1) { $0.write(height) }]
        case .enacted(let id, let height):
            [Self.log(.enacted, id, words: 1) { $0.write(height) }]
        case .failed(let id, let height, let why):
            [
                Self.log(.failed, id, words: 2) {
                    $0.write(height)
                    $0.write(string: why)
                }
            ]
        }
    }

    private static func log(
        _ event: IGovernance.Event, _ id: UInt64, _ account: Hash32? = nil, words: Int,
        _ body: (inout ABIWriter) -> Void
    ) -> Log {
        var writer = ABIWriter(words: words)
        body(&writer)
        let topics = [event.topic, Hash32(0, 0, 0, id)] + (account.map { [$0] } ?? [])
        return Log(address: .treasury, topics: topics, data: writer.finish())
    }
}

extension Governance {
    /// Notes an effect of the running transaction or block.
    func record(_ effect: GovernanceEffect) {
        state.record(effect.tag) { effect.write(to: &$0) }
    }

    /// The Ethereum logs that follow from an effect as it was recorded.
    ///
    /// - Parameters:
    ///   - tag: 0x80 to 0x8f.
    ///   - payload: the effect's bytes, as this module recorded them.
    /// - Returns: one log.
    /// - Throws: ``DecodingFault`` for bytes that it did not.
    public static func logs(
        tag: UInt8, payload: ArraySlice<UInt8>
    ) throws(DecodingFault) -> [Log] {
        try GovernanceEffect(tag: tag, payload: payload).logs
    }
}
