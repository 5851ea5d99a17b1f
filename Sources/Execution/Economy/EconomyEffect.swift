import Ledger

/// The tags of the economy's effects, 0x90 to 0x97; `docs/formats/effects.md`.
public enum EconomyEffectTag {
    static let epochPaid: UInt8 = 0x90

    /// All of them, reserved ones included.
    public static let all: ClosedRange<UInt8> = 0x90...0x97
}

/// What happened in the economy, as its compact record says.
public enum EconomyEffect: Hashable, Sendable {
    /// The nodes' part of an epoch's fees was shared; the payments have effects of their own, before.
    case epochPaid(epoch: UInt64, fees: UInt128, paid: UInt128)

    /// Reads the payload of an effect.
    ///
    /// - Parameters:
    ///   - tag: 0x90 to 0x97.
    ///   - payload: all of it.
    /// - Throws: ``DecodingFault`` for bytes that this module did not record.
    public init(tag: UInt8, payload: ArraySlice<UInt8>) throws(DecodingFault) {
        guard tag == EconomyEffectTag.epochPaid else {
            throw DecodingFault("no effect of the economy has the tag \(tag)")
        }
        var reader = ByteReader(payload)
        self = .epochPaid(
            epoch: try reader.read(), fees: try reader.read(), paid: try reader.read())
        try reader.finish()
    }

    /// The Ethereum logs that follow from it.
    public var logs: [Log] {
        switch self {
        case .epochPaid(let epoch, let fees, let paid):
            var writer = ABIWriter(words: 2)
            writer.write(fees)
            writer.write(paid)
            let topics = [IGovernance.Event.epochPaid.topic, Hash32(0, 0, 0, epoch)]
            return [Log(address: .treasury, topics: topics, data: writer.finish())]
        }
    }
}

extension Economy {
    /// Notes an effect of the running block.
    func record(_ effect: EconomyEffect) {
        switch effect {
        case .epochPaid(let epoch, let fees, let paid):
            state.record(EconomyEffectTag.epochPaid) {
                $0.write(epoch)
                $0.write(fees)
                $0.write(paid)
            }
        }
    }

    /// The Ethereum logs that follow from an effect as it was recorded.
    ///
    /// - Parameters:
    ///   - tag: 0x90 to 0x97.
    ///   - payload: the effect's bytes, as this module recorded them.
    /// - Returns: one log.
    /// - Throws: ``DecodingFault`` for bytes that it did not.
    public static func logs(
        tag: UInt8, payload: ArraySlice<UInt8>
    ) throws(DecodingFault) -> [Log] {
        try EconomyEffect(tag: tag, payload: payload).logs
    }
}
