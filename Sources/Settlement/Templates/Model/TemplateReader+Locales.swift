extension TemplateReader {
    mutating func locales(_ field: Field) -> [Template.Locale]? {
        guard let members = field.members else {
            reader.fault(field, "an object wanted, not \(field.node.kind)")
            return nil
        }
        guard members.count <= 16 else {
            reader.fault(field, "more than 16 languages")
            return nil
        }
        var locales: [Template.Locale] = []
        for (name, place, field) in members {
            guard Self.isLanguage(name) else {
                reader.fault(field, "a language wanted, such as zh or pt-BR", at: place)
                continue
            }
            if let locale = locale(name, field) { locales.append(locale) }
        }
        return locales.sorted { $0.language < $1.language }
    }

    private mutating func locale(_ language: String, _ field: Field) -> Template.Locale? {
        let known = ["name", "description", "roles", "parameters", "gates"]
        guard let members = reader.members(field, known) else { return nil }
        return Template.Locale(
            language: language,
            name: members["name"].flatMap { reader.text($0, bytes: 1...128) },
            description: members["description"].flatMap { reader.text($0, bytes: 1...2000) },
            roles: labels(members["roles"], roles.map(\.name)),
            parameters: labels(members["parameters"], parameters.map(\.name)),
            gates: labels(members["gates"], gates.map(\.name)))
    }

    private mutating func labels(_ field: Field?, _ names: [String]) -> [Template.Label] {
        guard let field, let members = reader.members(field, names) else { return [] }
        return names.compactMap { name in
            guard let text = members[name].flatMap({ reader.text($0, bytes: 1...128) }) else {
                return nil
            }
            return Template.Label(name: name, text: text)
        }
    }

    /// Two or three lower-case letters, and subtags of two to eight letters or digits (BCP 47).
    private static func isLanguage(_ tag: String) -> Bool {
        guard tag.utf8.count <= 35 else { return false }
        let parts = tag.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        guard let first = parts.first, (2...3).contains(first.count),
            first.allSatisfy({ (0x61...0x7a).contains($0) })
        else { return false }
        return parts.dropFirst().allSatisfy { part in
            (2...8).contains(part.count)
                && part.allSatisfy {
                    (0x30...0x39).contains($0) || (0x41...0x5a).contains($0)
                        || (0x61...0x7a).contains($0)
                }
        }
    }
}
