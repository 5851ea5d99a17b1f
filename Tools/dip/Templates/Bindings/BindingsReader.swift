import Ledger
import Settlement
import SupplyChain
import YAML

/// Reads one value of bindings after the other.
struct BindingsReader {
    let reading: BindingsFile.Reading

    func role(
        _ node: DocumentNode, _ role: Template.Role
    ) throws(SourceFault) -> DocumentNode {
        if role.isMany, case .array(let elements) = node.value {
            let accounts = try Self.each(elements) { (node) throws(SourceFault) in
                try account(node)
            }
            return node.with(.array(accounts))
        }
        // One account where many are allowed is a list of one.
        let one = try account(node)
        return role.isMany ? node.with(.array([one])) : one
    }

    func parameter(
        _ node: DocumentNode, _ parameter: Template.Parameter
    ) throws(SourceFault) -> DocumentNode {
        guard parameter.role != nil else { return try value(node, parameter.type) }
        guard case .array(let elements) = node.value else {
            return node.with(.array([try value(node, parameter.type)]))
        }
        let values = try Self.each(elements) { (node) throws(SourceFault) in
            try value(node, parameter.type)
        }
        return node.with(.array(values))
    }

    private static func each(
        _ elements: [DocumentNode], _ read: (DocumentNode) throws(SourceFault) -> DocumentNode
    ) throws(SourceFault) -> [DocumentNode] {
        var found: [DocumentNode] = []
        for element in elements { found.append(try read(element)) }
        return found
    }

    func account(_ node: DocumentNode) throws(SourceFault) -> DocumentNode {
        guard let text = node.text else {
            throw SourceFault("an account was expected: a label or an address", at: node.start)
        }
        do {
            return node.with(.string(try reading.account(text).hex))
        } catch {
            throw SourceFault("\(error)", at: node.start)
        }
    }

    func value(
        _ node: DocumentNode, _ type: Template.ParameterType
    ) throws(SourceFault) -> DocumentNode {
        guard let text = node.text else {
            throw SourceFault("\(type) wanted: a text or a number", at: node.start)
        }
        switch type {
        case .amount: return node.with(.string(String(try amount(node))))
        case .share:
            // A bare number is per cent, as everywhere else in this program.
            return node.with(.string(text.hasSuffix("%") ? text : text + "%"))
        case .time: return try time(node)
        case .duration:
            let plain = text.hasPrefix("+") ? String(text.dropFirst()) : text
            guard let seconds = TimeSpan.seconds(plain) else {
                throw SourceFault(
                    "\"\(clean(text))\" is no length of time: write 30d, 12h or seconds",
                    at: node.start)
            }
            return node.with(.number(seconds))
        }
    }

    private func amount(_ node: DocumentNode) throws(SourceFault) -> UInt128 {
        do {
            return try reading.currency.amount(node.text ?? "")
        } catch {
            throw SourceFault("\(error)", at: node.start)
        }
    }

    func time(_ node: DocumentNode) throws(SourceFault) -> DocumentNode {
        guard let text = node.text, let moment = Moment(argument: text) else {
            throw SourceFault("no time: write \(Moment.help)", at: node.start)
        }
        return node.with(.number(moment.seconds(now: reading.now)))
    }

    func document(_ node: DocumentNode, isFile: Bool) throws(SourceFault) -> DocumentNode {
        guard let text = node.text else {
            throw SourceFault("a text was expected", at: node.start)
        }
        do {
            let word = isFile ? try Digest.ofFile(text) : Digest.word(text)
            return node.with(.string(word.hex))
        } catch {
            throw SourceFault("\(error)", at: node.start)
        }
    }

    func pledges(_ node: DocumentNode) throws(SourceFault) -> [IOrders.Pledge] {
        guard case .array(let elements) = node.value else {
            throw SourceFault("a list of pledges was expected", at: node.start)
        }
        var found: [IOrders.Pledge] = []
        for element in elements {
            guard let order = element["order"]?.text.flatMap({ UInt64($0) }),
                let line = element["line"]?.text.flatMap({ UInt16($0) }),
                let amount = element["amount"]
            else {
                throw SourceFault(
                    "a pledge has order, line and amount: {order: 7, line: 0, amount: \"10\"}",
                    at: element.start)
            }
            found.append(.init(order: order, line: line, units: try self.amount(amount)))
        }
        return found
    }

    private func clean(_ text: String) -> String { Output.clean(text, atMost: 60) }

    // MARK: Numbers

    /// A value as bindings write it.
    static func node(_ value: UInt128, _ type: Template.ParameterType) -> DocumentNode {
        switch type {
        case .amount: DocumentNode(.string(String(value)))
        case .share:
            DocumentNode(.string(DecimalNumber(digits: value, scale: 2).description + "%"))
        case .time, .duration: DocumentNode(.number(UInt64(clamping: value)))
        }
    }

    /// Smallest units, basis points or seconds; nil where it is no value of the type.
    static func units(_ node: DocumentNode, _ type: Template.ParameterType) -> UInt128? {
        switch (type, node.value) {
        case (.amount, .string(let text)): Amount(decimal: text)?.units
        case (.share, .string(let text)):
            DecimalNumber(text.hasSuffix("%") ? String(text.dropLast()) : text)?
                .units(decimals: 2)
        case (_, .number(let seconds)): UInt128(seconds)
        default: nil
        }
    }
}
