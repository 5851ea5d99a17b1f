/// Why a message was put aside: a code for the books, a place, and words for the person who looks at it.
public struct MessageFault: Error, Hashable, Sendable {
    /// What kind of fault it is; stored with the message, so that a text never changes its meaning.
    public enum Code: String, Hashable, Sendable, CaseIterable {
        /// The file cannot be opened or read.
        case unreadable = "file.unreadable"
        /// There is nothing in the file.
        case empty = "file.empty"

        /// The file is longer than the desk takes.
        case fileTooLong = "limit.bytes"
        /// There are more elements than the desk takes.
        case tooManyElements = "limit.elements"
        /// Elements are nested deeper than any message nests them.
        case tooDeep = "limit.depth"
        /// A text, comment or instruction is longer than any message needs.
        case textTooLong = "limit.text"
        /// A tag is longer, or has more attributes, than any message needs.
        case tagTooLong = "limit.tag"
        /// One transaction has more in it than the desk keeps in memory.
        case transactionTooLarge = "limit.transaction"

        /// The encoding is none that banks use.
        case unknownEncoding = "xml.encoding"
        /// The bytes are not in the encoding that they are said to be in.
        case wrongEncoding = "xml.bytes"
        /// It has a document type, through which a file makes its reader open others or grow.
        case documentType = "xml.doctype"
        /// It is no well-formed XML.
        case malformed = "xml.malformed"
        /// It ends before its last element is closed.
        case truncated = "xml.truncated"

        /// It is XML, but no message of ISO 20022 that the desk knows.
        case unknownMessage = "message.kind"
        /// It is a known message in a version that the desk does not read.
        case unknownVersion = "message.version"
        /// The application header and the document say different things.
        case wrongHeader = "message.header"
        /// An element that must be there is not.
        case missing = "message.missing"
        /// An element stands where it must not, or a second time.
        case unexpected = "message.unexpected"
        /// It asks for something that the desk does not do.
        case unsupported = "message.unsupported"

        /// A text is empty or longer than its element allows.
        case text = "value.text"
        /// An amount is no plain decimal number of at most 18 digits.
        case amount = "value.amount"
        /// An amount has more decimals than its currency.
        case decimals = "value.decimals"
        /// A currency is none of ISO 4217's active list.
        case currency = "value.currency"
        /// A date or time does not exist or is written in another way.
        case date = "value.date"
        /// A code is none that the element may have.
        case code = "value.code"
        /// A number is none.
        case number = "value.number"
        /// An IBAN is wrong.
        case iban = "value.iban"
        /// A BIC is wrong.
        case bic = "value.bic"
        /// An LEI is wrong.
        case lei = "value.lei"
        /// A UETR is wrong.
        case uetr = "value.uetr"

        /// The number of transactions is not what the message says.
        case count = "sum.count"
        /// The sum of the transactions is not what the message says.
        case sum = "sum.amount"
    }

    /// What kind of fault it is.
    public let code: Code
    /// The line, from 1; 0 where the file was not opened.
    public let line: Int
    /// The element, as `/Document/BkToCstmrStmt/Stmt/Ntry[37]/Amt`; `/` before the first.
    public let path: String
    /// The reason in a sentence, without anything that the message says of people or accounts.
    public let why: String
    /// What stands there, at most 60 characters: for the quarantine only, as it may be personal.
    public let found: String?

    /// Makes a fault.
    public init(_ code: Code, line: Int, path: String, why: String, found: String? = nil) {
        self.code = code
        self.line = line
        self.path = path
        self.why = why
        self.found = found.map { $0.count > 60 ? String($0.prefix(59)) + "…" : $0 }
    }
}

extension MessageFault: CustomStringConvertible {
    /// Code, place and reason in one line that may be logged.
    public var description: String { "\(code.rawValue) at line \(line), \(path): \(why)" }
}
