import Ledger

/// An attestation as it stands in the state.
struct StoredEntity: Hashable {
    /// The entity.
    let entity: LegalEntity
    /// The bank that says so, by its id: its operator's key may be rotated.
    let bank: UInt64
    /// Its operator then.
    let account: Address
    /// Since when, seconds.
    let since: UInt64
    /// Whether it was not revoked.
    var isActive = true

    init(_ entity: LegalEntity, by bank: Bank, since: UInt64) {
        self.entity = entity
        self.bank = bank.id
        account = bank.operator
        self.since = since
    }

    /// The canonical bytes; `docs/formats/state.md`.
    var bytes: [UInt8] {
        var writer = ByteWriter(capacity: 128)
        writer.write(bank)
        writer.write(account)
        writer.write(since)
        writer.write(byte: isActive ? 1 : 0)
        writer.write(entity.lei?.word ?? .zero)
        writer.write(text: entity.creditCode?.text ?? "")
        writer.write(text: entity.name)
        writer.write(text: entity.industry)
        return writer.bytes
    }

    /// Decodes an attestation.
    init(decoding bytes: [UInt8]) throws(DecodingFault) {
        var reader = ByteReader(bytes)
        bank = try reader.read()
        account = try reader.readAddress()
        since = try reader.read()
        isActive = try reader.read(UInt8.self) == 1
        let lei = try reader.readHash()
        let given = IEntities.Entity(
            lei: lei, creditCode: try reader.readText(), name: try reader.readText(),
            industry: try reader.readText(), bank: account, since: since, active: isActive)
        try reader.finish()
        do throws(IdentifierFault) {
            entity = try LegalEntity(given)
        } catch {
            throw DecodingFault(error.why)
        }
    }
}
