import Ledger

/// Why an ordered body cannot be the next block.
///
/// All but ``unknownVersion(_:)`` follow from what was ordered and from the state: every node finds the same.
public enum BodyFault: Error, Equatable, Sendable, CustomStringConvertible {
    /// A protocol version that this program does not know.
    case unknownVersion(UInt16)
    /// Another version than the one that governance activated for the height.
    case wrongVersion(height: UInt64, expected: UInt16, given: UInt16)
    /// Not the height after the tip's.
    case wrongHeight(expected: UInt64, given: UInt64)
    /// Not made on top of the last body.
    case wrongParent(height: UInt64)
    /// Earlier than the block before.
    case timeRunsBack(height: UInt64)
    /// A transaction that no honest leader would have put in.
    case badTransaction(index: Int, TransactionFault)

    /// What is wrong, for a person.
    public var description: String {
        switch self {
        case .unknownVersion(let version):
            "the next block has protocol version \(version), which this program does not know: "
                + "install a newer one"
        case .wrongVersion(let height, let expected, let given):
            "block \(height) has protocol version \(given), the banks activated \(expected)"
        case .wrongHeight(let expected, let given):
            "block \(expected) was expected next, the log has block \(given)"
        case .wrongParent(let height): "block \(height) does not follow the block before it"
        case .timeRunsBack(let height): "block \(height) is earlier than the block before it"
        case .badTransaction(let index, let fault):
            "transaction \(index) of the block is not valid: \(fault)"
        }
    }
}
