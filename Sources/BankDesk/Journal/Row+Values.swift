import Foundation
import GRDB
import Ledger

/// Values as the journal's columns have them.
extension Row {
    func address(_ column: String) throws -> Address {
        guard let address = Address(hex: self[column] as String) else {
            throw DeskFault.journal("\(column) is no address")
        }
        return address
    }

    func hash(_ column: String) throws -> Hash32 {
        guard let hash = Hash32(hex: self[column] as String) else {
            throw DeskFault.journal("\(column) is no hash")
        }
        return hash
    }

    func amount(_ column: String) throws -> UInt128 {
        guard let amount = Amount(decimal: self[column] as String) else {
            throw DeskFault.journal("\(column) is no amount")
        }
        return amount.units
    }

    func hasNull(_ column: String) -> Bool { (self[column] as Data?) == nil }

    func bytes(_ column: String) -> [UInt8] { [UInt8](self[column] as Data) }
}

/// Bytes as SQLite takes them.
func DatabaseBytes(_ bytes: [UInt8]) -> Data { Data(bytes) }
