import Ledger

/// The tags of the effects of templates, 0xa0 to 0xaf; `docs/formats/effects.md`.
public enum TemplateEffectTag {
    static let published: UInt8 = 0xa0
    static let reviewed: UInt8 = 0xa1
    static let statusChanged: UInt8 = 0xa2
    static let royaltyPaid: UInt8 = 0xa3

    /// All of them, reserved ones included.
    public static let all: ClosedRange<UInt8> = 0xa0...0xaf
}

/// What happened to a template, as its compact record says.
///
/// What moved DIP has effects of its own, those of transfers.
public enum TemplateEffect: Hashable, Sendable {
    /// A template was published.
    case published(id: Hash32, developer: Address, replaces: Hash32, name: String)
    /// A reviewer was for or against it.
    case reviewed(id: Hash32, reviewer: Address, approved: Bool, report: Hash32)
    /// It stands otherwise than before.
    case statusChanged(id: Hash32, status: ITemplates.Status)
    /// An order was opened from it, and this was paid for that.
    case royaltyPaid(id: Hash32, order: UInt64, amount: UInt128)

    /// The kind of effect, as it stands before the payload.
    public var tag: UInt8 {
        switch self {
        case .published: TemplateEffectTag.published
        case .reviewed: TemplateEffectTag.reviewed
        case .statusChanged: TemplateEffectTag.statusChanged
        case .royaltyPaid: TemplateEffectTag.royaltyPaid
        }
    }

    /// Writes the payload.
    func write(to writer: inout ByteWriter) {
        switch self {
        case .published(let id, let developer, let replaces, let name):
            writer.write(id)
            writer.write(developer)
            writer.write(replaces)
            writer.write(raw: name.utf8)
        case .reviewed(let id, let reviewer, let approved, let report):
            writer.write(id)
            writer.write(reviewer)
            writer.write(byte: approved ? 1 : 0)
            writer.write(report)
        case .statusChanged(let id, let status):
            writer.write(id)
            writer.write(byte: status.rawValue)
        case .royaltyPaid(let id, let order, let amount):
            writer.write(id)
            writer.write(order)
            writer.write(amount)
        }
    }

    /// Reads the payload of an effect.
    ///
    /// - Parameters:
    ///   - tag: 0xa0 to 0xaf.
    ///   - payload: all of it.
    /// - Throws: ``DecodingFault`` for bytes that this module did not record.
    public init(tag: UInt8, payload: ArraySlice<UInt8>) throws(DecodingFault) {
        var reader = ByteReader(payload)
        let id = try reader.readHash()
        switch tag {
        case TemplateEffectTag.published:
            let developer = try reader.readAddress()
            let replaces = try reader.readHash()
            guard let name = String(validating: try reader.readRaw(reader.remaining), as: UTF8.self)
            else { throw DecodingFault("text is not UTF-8", at: reader.offset) }
            self = .published(id: id, developer: developer, replaces: replaces, name: name)
        case TemplateEffectTag.reviewed:
            let reviewer = try reader.readAddress()
            let voice: UInt8 = try reader.read()
            guard voice < 2 else {
                throw DecodingFault("a review is neither 0 nor 1", at: reader.offset - 1)
            }
            self = .reviewed(
                id: id, reviewer: reviewer, approved: voice == 1, report: try reader.readHash())
        case TemplateEffectTag.statusChanged:
            guard let status = ITemplates.Status(rawValue: try reader.read()) else {
                throw DecodingFault("no status has this number", at: reader.offset - 1)
            }
            self = .statusChanged(id: id, status: status)
        case TemplateEffectTag.royaltyPaid:
            self = .royaltyPaid(id: id, order: try reader.read(), amount: try reader.read())
        default: throw DecodingFault("no effect of templates has the tag \(tag)")
        }
        try reader.finish()
    }

    /// The Ethereum log that follows from it.
    public var log: Log {
        switch self {
        case .published(let id, let developer, let replaces, let name):
            Self.log(.published, id, Hash32(word: developer), words: 2) {
                $0.write(string: name)
                $0.write(word: replaces)
            }
        case .reviewed(let id, let reviewer, let approved, let report):
            Self.log(.reviewed, id, Hash32(word: reviewer), words: 2) {
                $0.write(approved)
                $0.write(word: report)
            }
        case .statusChanged(let id, let status):
            Self.log(.statusChanged, id, words: 1) { $0.write(status) }
        case .royaltyPaid(let id, let order, let amount):
            Self.log(.royaltyPaid, id, Hash32(0, 0, 0, order), words: 1) { $0.write(uint: amount) }
        }
    }

    private static func log(
        _ event: ITemplates.Event, _ id: Hash32, _ second: Hash32? = nil, words: Int,
        _ body: (inout ABIWriter) -> Void
    ) -> Log {
        var writer = ABIWriter(words: words)
        body(&writer)
        let topics = [event.topic, id] + (second.map { [$0] } ?? [])
        return Log(address: .templates, topics: topics, data: writer.finish())
    }
}
