extension BankSet {
    /// The longest encoding: 15 banks with the longest names and endpoints.
    public static let byteCountMax = 44 + banksMax * (8 + 4 + 64 + 20 + 20 + 4 + 255)

    /// The canonical bytes, at most ``byteCountMax``.
    ///
    /// - Source: `docs/formats/certificate.md`.
    public var bytes: [UInt8] {
        var writer = ByteWriter(capacity: 44 + banks.count * 128)
        writer.write(byte: 1)
        writer.write(ledger)
        writer.write(quorum)
        writer.write(nextID)
        writer.write(byte: UInt8(clamping: banks.count))
        for bank in banks {
            writer.write(bank.id)
            writer.write(text: bank.name)
            writer.write(bank.nodeKey)
            writer.write(bank.operator)
            writer.write(text: bank.endpoint)
        }
        return writer.bytes
    }

    /// The SHA-256 of the canonical bytes: what a header names the set by that signs it.
    public var hash: Hash32 { SHA256.hash(bytes) }

    /// Decodes a set.
    ///
    /// - Throws: ``DecodingFault``, also for banks that are no set; see ``BankSetFault``.
    /// - Source: `docs/formats/certificate.md`.
    public init(decoding bytes: some Collection<UInt8>) throws(DecodingFault) {
        guard bytes.count <= Self.byteCountMax else {
            throw DecodingFault("a set of banks has at most \(Self.byteCountMax) bytes")
        }
        var reader = ByteReader(Array(bytes))
        guard try reader.read(UInt8.self) == 1 else {
            throw DecodingFault("a set of banks of a version that this program does not know")
        }
        let ledger = try reader.readHash()
        let quorum: UInt16 = try reader.read()
        let nextID: UInt64 = try reader.read()
        var banks: [Bank] = []
        for _ in 0..<(try reader.read(UInt8.self)) {
            banks.append(
                Bank(
                    id: try reader.read(), name: try reader.readText(),
                    nodeKey: try reader.readAddress(), operator: try reader.readAddress(),
                    endpoint: try reader.readText()))
        }
        try reader.finish()
        do throws(BankSetFault) {
            try self.init(ledger: ledger, banks: banks, quorum: quorum, nextID: nextID)
        } catch {
            throw DecodingFault("\(error)")
        }
    }
}
