import Foundation
import Testing

@testable import Settlement

/// The JSON Schema for editors knows the members that the language knows.
struct SchemaTests {
    private static func schema() throws -> DocumentNode {
        let file = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../../Genesis/templates/template.schema.json")
        return try DocumentReader.read(Array(Data(contentsOf: file)), limit: 1 << 20, depth: 32)
    }

    private static func names(_ path: [String]) throws -> [String] {
        var node = try schema()
        for name in path {
            guard case .object(let members) = node.value else { return [] }
            node = try #require(members.first { $0.name == name }?.node)
        }
        guard case .object(let members) = node.value else { return [] }
        return members.map(\.name)
    }

    @Test func `the document has the same members in both`() throws {
        #expect(try Set(Self.names(["properties"])) == Set(TemplateReader.members))
    }

    /// Every member of a part of the schema is read by the language, and another one is not.
    @Test(arguments: [
        (["role"], #""roles":{"x":{@}}"#), (["parameter"], #""parameters":{"x":{@}}"#),
        (["gate"], #""gates":{"x":{@}}"#), (["line"], #""lines":[{@}]"#),
        (["line", "properties", "retain"], #""lines":[{"to":"x","rest":true,"retain":{@}}]"#),
        (["locale"], #""locale":{"zh":{@}}"#),
    ])
    func `a part has the same members in both`(path: [String], text: String) throws {
        let names = try Self.names(["$defs"] + path + ["properties"])
        #expect(names.count > 1)
        let members = (names + ["zzz"]).map { "\"\($0)\":null" }.joined(separator: ",")
        let whole = "{" + text.replacing("@", with: members) + "}"
        let faults = Template.faults(parsing: Array(whole.utf8))
        #expect(faults.count { $0.why.hasPrefix("no such member") } == 1, "\(faults)")
    }
}
