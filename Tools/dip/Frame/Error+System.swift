import Files
import Foundation

extension Error {
    /// The system's error number behind a fault of Foundation's; nil where there is none.
    var systemNumber: Int32? {
        ((self as? CocoaError)?.underlying as? POSIXError)?.code.rawValue
    }

    /// Why it failed in the system's words: Foundation's own often say no more than that an operation could not be
    /// completed.
    var systemWords: String { systemNumber.map { systemMessage($0) } ?? localizedDescription }
}
