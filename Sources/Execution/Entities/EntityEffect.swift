import Ledger

/// The tags of the effects of legal entities, 0x98 to 0x9f; `docs/formats/effects.md`.
public enum EntityEffectTag {
    static let attested: UInt8 = 0x98
    static let revoked: UInt8 = 0x99

    /// All of them, reserved ones included.
    public static let all: ClosedRange<UInt8> = 0x98...0x9f
}

/// What a bank said of an account, as its compact record says.
public enum EntityEffect: Hashable, Sendable {
    /// Who is behind it.
    case attested(account: Address, bank: Address, LegalEntity)
    /// That it no longer says so.
    case revoked(account: Address, bank: Address)

    /// The kind of effect, as it stands before the payload.
    public var tag: UInt8 {
        switch self {
        case .attested: EntityEffectTag.attested
        case .revoked: EntityEffectTag.revoked
        }
    }

    /// Writes the payload.
    func write(to writer: inout ByteWriter) {
        switch self {
        case .attested(let account, let bank, let entity):
            writer.write(account)
            writer.write(bank)
            writer.write(entity.lei?.word ?? .zero)
            writer.write(text: entity.creditCode?.text ?? "")
            writer.write(text: entity.name)
            writer.write(text: entity.industry)
        case .revoked(let account, let bank):
            writer.write(account)
            writer.write(bank)
        }
    }

    /// Reads the payload of an effect.
    ///
    /// - Parameters:
    ///   - tag: 0x98 to 0x9f.
    ///   - payload: all of it.
    /// - Throws: ``DecodingFault`` for bytes that this module did not record.
    public init(tag: UInt8, payload: ArraySlice<UInt8>) throws(DecodingFault) {
        var reader = ByteReader(payload)
        let account = try reader.readAddress()
        let bank = try reader.readAddress()
        switch tag {
        case EntityEffectTag.attested:
            let given = IEntities.Entity(
                lei: try reader.readHash(), creditCode: try reader.readText(),
                name: try reader.readText(), industry: try reader.readText(), bank: bank,
                since: 0, active: true)
            do throws(IdentifierFault) {
                self = .attested(account: account, bank: bank, try LegalEntity(given))
            } catch {
                throw DecodingFault(error.why)
            }
        case EntityEffectTag.revoked: self = .revoked(account: account, bank: bank)
        default: throw DecodingFault("no effect of legal entities has the tag \(tag)")
        }
        try reader.finish()
    }

    /// The Ethereum log that follows from it.
    public var log: Log {
        switch self {
        case .attested(let account, let bank, let entity):
            Log(
                address: .entities,
                topics: [
                    IEntities.Event.attested.topic, Hash32(word: account), Hash32(word: bank),
                ], data: (entity.lei?.word ?? .zero).bytes)
        case .revoked(let account, let bank):
            Log(
                address: .entities,
                topics: [
                    IEntities.Event.revoked.topic, Hash32(word: account), Hash32(word: bank),
                ], data: [])
        }
    }
}

extension EntityRegistry {
    /// Notes an effect of the running transaction.
    func record(_ effect: EntityEffect) {
        state.record(effect.tag) { effect.write(to: &$0) }
    }
}
