import Ledger

/// What governance can set: prices and limits.
///
/// Part of the state, so that every node applies the same.
public struct Rules: Hashable, Sendable {
    /// DIP units a unit of gas costs.
    ///
    public var gasPrice: UInt128
    /// The gas that the transactions of a block may ask for together.
    public var blockGasLimit: UInt64
    /// The size that a leader cuts bodies to, in bytes.
    public var blockByteLimit: UInt32
    /// Payments that one transaction makes inline before its cascade goes on in later blocks.
    public var stepLimit: UInt32

    /// Makes rules.
    ///
    /// - Parameters:
    ///   - gasPrice: 10^9 units by default: sending DIP costs 0.000021 DIP.
    ///   - blockGasLimit: by default enough for a hundred batches of 1,000 payments.
    ///   - blockByteLimit: from 1 MiB, since a transaction may have 512 KiB, to 64 MiB.
    ///   - stepLimit: at least 1.
    public init(
        gasPrice: UInt128 = 1_000_000_000, blockGasLimit: UInt64 = 1_000_000_000,
        blockByteLimit: UInt32 = 8 << 20, stepLimit: UInt32 = 20_000
    ) {
        self.gasPrice = gasPrice
        self.blockGasLimit = blockGasLimit
        self.blockByteLimit = blockByteLimit
        self.stepLimit = stepLimit
    }

    /// What the price may be: above 2^64 a full block's fee could not be counted.
    public static let gasPriceRange: ClosedRange<UInt128> = 0...(1 << 64)
    /// What the gas limit may be.
    public static let blockGasLimitRange: ClosedRange<UInt128> = 1_000_000...1_000_000_000_000
    /// What the size may be.
    public static let blockByteLimitRange: ClosedRange<UInt128> = (1 << 20)...(64 << 20)
    /// What the step limit may be.
    public static let stepLimitRange: ClosedRange<UInt128> = 1...10_000_000

    /// The rules with another value of one of them.
    ///
    /// - Returns: nil if none of them has this name.
    /// - Throws: ``RuleFault`` if the value is out of its range.
    func setting(_ name: String, to value: UInt128) throws(RuleFault) -> Rules? {
        var rules = self
        switch name {
        case "gasPrice": rules.gasPrice = try value.checked(Self.gasPriceRange)
        case "blockGasLimit":
            rules.blockGasLimit = UInt64(try value.checked(Self.blockGasLimitRange))
        case "blockByteLimit":
            rules.blockByteLimit = UInt32(try value.checked(Self.blockByteLimitRange))
        case "stepLimit": rules.stepLimit = UInt32(try value.checked(Self.stepLimitRange))
        default: return nil
        }
        return rules
    }

    /// The canonical bytes, 32 of them.
    public var bytes: [UInt8] {
        var writer = ByteWriter(capacity: 32)
        writer.write(gasPrice)
        writer.write(blockGasLimit)
        writer.write(blockByteLimit)
        writer.write(stepLimit)
        return writer.bytes
    }

    /// Decodes rules.
    public init(decoding bytes: [UInt8]) throws(DecodingFault) {
        var reader = ByteReader(bytes)
        gasPrice = try reader.read()
        blockGasLimit = try reader.read()
        blockByteLimit = try reader.read()
        stepLimit = try reader.read()
        try reader.finish()
    }
}

/// A value of a rule that is out of its range.
struct RuleFault: Error, Equatable {
    /// What it may be.
    let range: ClosedRange<UInt128>
}

extension UInt128 {
    fileprivate func checked(_ range: ClosedRange<UInt128>) throws(RuleFault) -> UInt128 {
        guard range.contains(self) else { throw RuleFault(range: range) }
        return self
    }
}
