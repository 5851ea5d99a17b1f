import Ledger

/// Reads `freight + sum(shares) <= price`: sums of whole multiples, and comparisons of them.
struct ExpressionReader {
    private let bytes: [UInt8]
    private var position = 0
    private let roles: [Template.Role]
    private let parameters: [Template.Parameter]
    /// What the word `price` stands for; nil while the price itself is read.
    private let price: LinearForm?
    /// Of what kind the values are, once one was met.
    private(set) var type: Template.ParameterType?
    /// Whether shares may stand before a `*`; every form is then a multiple of 10,000.
    private let scale: ExactInteger

    /// Why an expression cannot be read, at which character of it.
    struct Fault: Error {
        let why: String
        let character: Int

        var text: String { "\(why), at character \(character)" }
    }

    init(
        _ text: String, _ roles: [Template.Role], _ parameters: [Template.Parameter],
        price: LinearForm?
    ) {
        bytes = Array(text.utf8)
        self.roles = roles
        self.parameters = parameters
        self.price = price
        scale = price == nil ? .one : ExactInteger(10_000)
    }

    private func fault(_ why: String) -> Fault { Fault(why: why, character: position + 1) }

    // MARK: Expressions

    /// Reads a sum that is all of the text.
    static func sum(
        _ text: String, _ roles: [Template.Role], _ parameters: [Template.Parameter]
    ) throws(Fault) -> LinearForm {
        var reader = ExpressionReader(text, roles, parameters, price: nil)
        let form = try reader.sum()
        reader.skipSpace()
        guard reader.position == reader.bytes.count else {
            throw reader.fault("+, - or the end wanted")
        }
        guard reader.type ?? .amount == .amount else { throw reader.fault("a price is an amount") }
        return form
    }

    /// Reads a comparison that is all of the text.
    static func comparison(
        _ text: String, _ roles: [Template.Role], _ parameters: [Template.Parameter],
        price: LinearForm
    ) throws(Fault) -> Template.Requirement {
        var reader = ExpressionReader(text, roles, parameters, price: price)
        let left = try reader.sum()
        let sign = try reader.sign()
        let right = try reader.sum()
        reader.skipSpace()
        guard reader.position == reader.bytes.count else {
            throw reader.fault("+, - or the end wanted")
        }
        var form = LinearForm()
        let turned = sign.hasPrefix(">")
        form.add(left, times: turned ? .one : -.one)
        form.add(right, times: turned ? -.one : .one)
        // The form is a whole number, so that more than 0 is 1 or more.
        if sign == "<" || sign == ">" { form.add(-.one) }
        guard let type = reader.type, !form.terms.isEmpty else {
            throw reader.fault("nothing that bindings could change")
        }
        return Template.Requirement(text: text, type: type, form: form, isEquality: sign == "=")
    }

    private mutating func sign() throws(Fault) -> String {
        skipSpace()
        for sign in ["<=", ">=", "<", ">", "="] where bytes[position...].starts(with: sign.utf8) {
            position += sign.utf8.count
            return sign
        }
        throw fault("<=, >=, <, > or = wanted")
    }

    private mutating func sum() throws(Fault) -> LinearForm {
        var form = LinearForm()
        skipSpace()
        var factor = ExactInteger.one
        if current == UInt8(ascii: "-") {
            position += 1
            factor = -.one
        }
        while true {
            try term(factor, into: &form)
            skipSpace()
            switch current {
            case UInt8(ascii: "+"): factor = .one
            case UInt8(ascii: "-"): factor = -.one
            default: return form
            }
            position += 1
        }
    }

    private mutating func term(
        _ factor: ExactInteger, into form: inout LinearForm
    ) throws(Fault) {
        skipSpace()
        guard (0x30...0x39).contains(current) else {
            return try atom(factor * scale, into: &form)
        }
        let start = position
        let text = word()
        skipSpace()
        guard current == UInt8(ascii: "*") else {
            try literal(text, start, factor, into: &form)
            return
        }
        position += 1
        skipSpace()
        if text.hasSuffix("%") {
            guard price != nil, let bps = ValueText.share(text) else {
                position = start
                throw fault("a whole number wanted before *")
            }
            try atom(factor * ExactInteger(Int(bps)), into: &form, mustBe: .amount)
        } else if let number = ValueText.amount(text), number <= 10_000 {
            try atom(factor * ExactInteger(Int(number)) * scale, into: &form)
        } else {
            position = start
            throw fault("a whole number up to 10000, or a share, wanted before *")
        }
    }

    private mutating func literal(
        _ text: String, _ start: Int, _ factor: ExactInteger, into form: inout LinearForm
    ) throws(Fault) {
        let value: UInt128
        if let share = ValueText.share(text, most: 1_000_000) {
            try meet(.share, at: start)
            value = UInt128(share)
        } else if let seconds = ValueText.duration(text) {
            try meet(.duration, at: start)
            value = UInt128(seconds)
        } else if let amount = ValueText.amount(text) {
            try meet(.amount, at: start)
            value = amount
        } else {
            position = start
            throw fault("an amount, a share such as 10% or a duration such as 30d wanted")
        }
        form.add(factor * scale * ExactInteger(value))
    }

    /// A parameter, the sum of one over a role's members, the number of them, or the price.
    private mutating func atom(
        _ factor: ExactInteger, into form: inout LinearForm,
        mustBe wanted: Template.ParameterType? = nil
    ) throws(Fault) {
        let start = position
        let name = word()
        guard !name.isEmpty else { throw fault("a name or a number wanted") }
        skipSpace()
        if current == UInt8(ascii: "("), name == "sum" || name == "count" {
            position += 1
            skipSpace()
            let argumentStart = position
            let argument = word()
            skipSpace()
            guard current == UInt8(ascii: ")") else { throw fault(") wanted") }
            position += 1
            if name == "count" {
                guard let role = roles.firstIndex(where: { $0.name == argument && $0.isMany })
                else {
                    position = argumentStart
                    let known = roles.filter(\.isMany).map(\.name)
                    throw fault(
                        "no such role of many members"
                            + NearestName.hint(for: argument, among: known))
                }
                try meet(.amount, at: start)
                form.add(factor, .count(role))
            } else {
                let index = try parameter(argument, isSum: true, at: argumentStart)
                try meet(parameters[index].type, wanted, at: start)
                form.add(factor, .parameter(index))
            }
        } else if name == "price", let price {
            try meet(.amount, at: start)
            form.add(price, times: factor)
        } else {
            let index = try parameter(name, isSum: false, at: start)
            try meet(parameters[index].type, wanted, at: start)
            form.add(factor, .parameter(index))
        }
    }

    private mutating func parameter(
        _ name: String, isSum: Bool, at start: Int
    ) throws(Fault) -> Int {
        guard let index = parameters.firstIndex(where: { $0.name == name }) else {
            position = start
            throw fault(
                "no such parameter" + NearestName.hint(for: name, among: parameters.map(\.name)))
        }
        guard (parameters[index].role != nil) == isSum else {
            position = start
            throw fault(
                isSum
                    ? "it has one value: write it without sum" : "it has many: write sum(\(name))")
        }
        return index
    }

    /// Both sides of a comparison are of one kind.
    private mutating func meet(
        _ found: Template.ParameterType, _ wanted: Template.ParameterType? = nil, at start: Int
    ) throws(Fault) {
        let expected = wanted ?? type ?? found
        guard found == expected, type ?? found == found else {
            position = start
            throw fault("a \(found) beside \(type ?? expected)s")
        }
        type = found
    }

    // MARK: Words

    private var current: UInt8 { position < bytes.count ? bytes[position] : 0 }

    private mutating func skipSpace() { while current == 0x20 { position += 1 } }

    /// Letters, digits, points and a percent sign.
    private mutating func word() -> String {
        let start = position
        while position < bytes.count {
            switch bytes[position] {
            case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, UInt8(ascii: "."), UInt8(ascii: "%"):
                position += 1
            default: return String(decoding: bytes[start..<position], as: UTF8.self)
            }
        }
        return String(decoding: bytes[start...], as: UTF8.self)
    }
}
