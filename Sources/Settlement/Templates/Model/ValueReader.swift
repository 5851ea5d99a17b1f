/// Reads the value of a parameter out of a document.
enum ValueReader {
    /// Why a value is none of its type.
    struct Fault: Error {
        let why: String
    }

    /// A value in smallest units, basis points or seconds.
    static func read(
        _ node: DocumentNode, _ type: Template.ParameterType
    ) -> Result<UInt128, Fault> {
        let value: UInt128?
        switch (node.value, type) {
        case (.string(let text), _) where text.utf8.count <= ValueText.bytesLimit:
            value =
                switch type {
                case .amount: ValueText.amount(text)
                case .share: ValueText.share(text).map { UInt128($0) }
                case .time: ValueText.time(text).map { UInt128($0) }
                case .duration: ValueText.duration(text).map { UInt128($0) }
                }
        case (.number(let number), .time), (.number(let number), .duration):
            value = UInt128(number)
        default: value = nil
        }
        guard let value else { return .failure(Fault(why: wanted(type))) }
        guard value <= type.limit else {
            return .failure(Fault(why: "beyond what a \(type) can be"))
        }
        return .success(value)
    }

    private static func wanted(_ type: Template.ParameterType) -> String {
        switch type {
        case .amount: "an amount wanted: a string of digits below 2^128, such as \"1000\""
        case .share: "a share wanted: a string up to 100%, such as \"10%\" or \"2.5%\""
        case .time: "a time wanted: \"2027-03-31\", \"2027-03-31T08:30:00Z\" or seconds since 1970"
        case .duration: "a duration wanted: a string such as \"14d\" (w, d, h, m, s) or seconds"
        }
    }

    /// How a value is written in bindings.
    static func text(_ value: UInt128, _ type: Template.ParameterType) -> DocumentNode {
        switch type {
        case .amount: DocumentNode(.string(String(value)))
        case .share: DocumentNode(.string(ValueText.share(ofBasisPoints: value)))
        case .time: DocumentNode(.number(UInt64(value)))
        case .duration: DocumentNode(.string(ValueText.duration(ofSeconds: value)))
        }
    }
}
