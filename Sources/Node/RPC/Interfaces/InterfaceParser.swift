/// Reads an interface in Solidity's notation, as far as ours need it: structs, enums, events, custom
/// errors and functions.
///
/// The texts are part of the program, so a text that does not parse is a mistake of ours and stops it.
struct InterfaceParser {
    private enum Named {
        case structure([InterfaceParameter])
        case enumeration([String])
    }

    private let name: String
    private let words: [Substring]
    private var position = 0
    private var types: [String: Named] = [:]

    /// - Parameters:
    ///   - name: the interface's name, which stands before its types in other interfaces.
    ///   - text: what it declares.
    ///   - importing: interfaces whose types it uses.
    init(_ name: String, _ text: String, importing: [(name: String, text: String)] = []) {
        self.name = name
        words = Self.words(of: text)
        for other in importing {
            var parser = InterfaceParser(other.name, other.text)
            _ = parser.items()
            for (type, meaning) in parser.types where !type.contains(".") {
                types["\(other.name).\(type)"] = meaning
            }
        }
    }

    /// Names, and marks one character each.
    private static func words(of text: String) -> [Substring] {
        var words: [Substring] = []
        for line in text.split(separator: "\n") {
            var rest = line[...]
            while let first = rest.first {
                if first.isWhitespace {
                    rest = rest.dropFirst()
                } else if first.isLetter || first == "_" {
                    let word = rest.prefix { $0.isLetter || $0.isNumber || $0 == "_" || $0 == "." }
                    words.append(word)
                    rest = rest.dropFirst(word.count)
                } else {
                    words.append(rest.prefix(1))
                    rest = rest.dropFirst()
                }
            }
        }
        return words
    }

    /// Everything that is declared, in order.
    mutating func items() -> [InterfaceItem] {
        var items: [InterfaceItem] = []
        while position < words.count {
            switch next() {
            case "struct": readStruct()
            case "enum": readEnum()
            case "event": items.append(readItem(.event))
            case "error": items.append(readItem(.error))
            case "function": items.append(readFunction())
            case let word: fail("\(word) begins nothing")
            }
        }
        return items
    }

    private mutating func readStruct() {
        let type = String(next())
        expect("{")
        var members: [InterfaceParameter] = []
        while !accept("}") {
            members.append(readParameter())
            expect(";")
        }
        types[type] = .structure(members)
    }

    private mutating func readEnum() {
        let type = String(next())
        expect("{")
        var cases: [String] = []
        while !accept("}") {
            cases.append(String(next()))
            _ = accept(",")
        }
        types[type] = .enumeration(cases)
    }

    private mutating func readItem(_ kind: InterfaceItem.Kind) -> InterfaceItem {
        let item = InterfaceItem(kind, String(next()), inputs: readParameters())
        expect(";")
        return item
    }

    private mutating func readFunction() -> InterfaceItem {
        let name = String(next())
        let inputs = readParameters()
        var outputs: [InterfaceParameter] = []
        var mutability = InterfaceItem.Mutability.nonpayable
        while !accept(";") {
            switch next() {
            case "view": mutability = .view
            case "payable": mutability = .payable
            case "returns": outputs = readParameters()
            case let word: fail("\(word) after \(name)")
            }
        }
        return InterfaceItem(
            .function, name, inputs: inputs, outputs: outputs, mutability: mutability)
    }

    private mutating func readParameters() -> [InterfaceParameter] {
        expect("(")
        var parameters: [InterfaceParameter] = []
        while !accept(")") {
            parameters.append(readParameter())
            _ = accept(",")
        }
        return parameters
    }

    private mutating func readParameter() -> InterfaceParameter {
        let type = String(next())
        var suffix = ""
        while accept("[") {
            expect("]")
            suffix += "[]"
        }
        let isIndexed = accept("indexed")
        var name = ""
        if position < words.count, let first = words[position].first, first.isLetter {
            name = String(next())
        }
        let qualified = type.contains(".") ? type : "\(self.name).\(type)"
        switch types[type] {
        case .structure(let members):
            return InterfaceParameter(
                name: name, type: "tuple" + suffix, internalType: "struct \(qualified)\(suffix)",
                components: members, cases: [], isIndexed: isIndexed)
        case .enumeration(let cases):
            return InterfaceParameter(
                name: name, type: "uint8" + suffix, internalType: "enum \(qualified)\(suffix)",
                components: [], cases: cases, isIndexed: isIndexed)
        case nil:
            return InterfaceParameter(
                name: name, type: type + suffix, internalType: type + suffix, components: [],
                cases: [], isIndexed: isIndexed)
        }
    }

    private mutating func next() -> Substring {
        guard position < words.count else { fail("it ends too early") }
        defer { position += 1 }
        return words[position]
    }

    private mutating func accept(_ word: Substring) -> Bool {
        guard position < words.count, words[position] == word else { return false }
        position += 1
        return true
    }

    private mutating func expect(_ word: Substring) {
        let found = next()
        if found != word { fail("\(found) where \(word) is expected") }
    }

    private func fail(_ why: String) -> Never {
        preconditionFailure("interface \(name), word \(position): \(why)")
    }
}
