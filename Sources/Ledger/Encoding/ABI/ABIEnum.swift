/// A Solidity `enum`: a `uint8` below the number of its cases.
public protocol ABIEnum: ABICodable, RawRepresentable where RawValue == UInt8 {}

extension ABIEnum {
    /// Reads the number of a case.
    /// - Throws: ``Rejection/badCalldata(_:)`` for a number that is no case's.
    @inlinable
    public init(abi reader: inout ABIReader) throws(Rejection) {
        guard let value = Self(rawValue: try reader.uint()) else {
            throw reader.wide("an enum")
        }
        self = value
    }

    /// Writes the number of the case.
    @inlinable
    public func encode(to writer: inout ABIWriter) { writer.write(uint: UInt128(rawValue)) }
}
