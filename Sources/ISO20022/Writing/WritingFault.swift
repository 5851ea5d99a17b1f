/// Why a message is not written: nothing of it is, and nobody has to guess what would have been sent.
public enum WritingFault: Error, Hashable, Sendable {
    /// The element needs a text and has none.
    case empty(element: String)
    /// The text is longer than the element allows, and is none that may be cut.
    case tooLong(element: String, max: Int)
    /// A character that cannot be written, even by a similar one.
    case character(element: String, scalar: UInt32)
    /// An amount is zero or has more than 18 digits.
    case amount(element: String)
    /// There is nothing to tell or to pay.
    case nothing
    /// The parts of the message contradict each other.
    case contradiction(String)
}

extension WritingFault: CustomStringConvertible {
    /// The reason in a sentence, without anything personal.
    public var description: String {
        switch self {
        case .empty(let element): "<\(element)> needs a text"
        case .tooLong(let element, let max): "<\(element)> has more than \(max) characters"
        case .character(let element, let scalar):
            "<\(element)> has the character U+\(String(scalar, radix: 16, uppercase: true)), which the receiver's character set has not"
        case .amount(let element): "<\(element)> is zero or has more than 18 digits"
        case .nothing: "there is nothing to write"
        case .contradiction(let why): why
        }
    }
}
