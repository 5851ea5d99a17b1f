import SupplyChain
import Testing

@Suite struct CSVReaderTests {
    private func rows(_ text: String) throws -> [[String]] {
        var reader = CSVReader(Array(text.utf8), file: "file.csv")
        var rows: [[String]] = []
        while let row = try reader.next() { rows.append(row.fields) }
        return rows
    }

    @Test(arguments: [
        ("a,b\nc,d\n", [["a", "b"], ["c", "d"]]),
        ("a,b\r\nc,d", [["a", "b"], ["c", "d"]]),
        ("\u{feff}a,,\n\n\n,b", [["a", "", ""], ["", "b"]]),
        ("\"a,b\",\"c\"\"d\"\n", [["a,b", "c\"d"]]),
        ("\"two\r\nlines\",x\n", [["two\r\nlines", "x"]]),
        ("a\"b,c", [["a\"b", "c"]]),
        ("a\rb,c", [["a\rb", "c"]]),
        ("", []),
    ])
    func `rows are read as RFC 4180 says`(text: String, expected: [[String]]) throws {
        #expect(try rows(text) == expected)
    }

    @Test func `lines are counted inside of quotes too`() throws {
        var reader = CSVReader(Array("\"a\nb\"\nc\n".utf8), file: "file.csv")
        #expect(try reader.next()?.line == 1)
        #expect(try reader.next()?.line == 3)
    }

    @Test(arguments: [
        ("a\n\"b", "file.csv:2: a quoted field is not closed"),
        ("\"a\"b\n", "file.csv:1: a closing quote must end its field"),
    ])
    func `a broken quote names its line`(text: String, expected: String) {
        #expect(fault { _ = try rows(text) } == expected)
    }

    @Test func `bytes that are not UTF-8 are refused`() {
        var reader = CSVReader([0x61, 0x0a, 0xff, 0x0a], file: "file.csv")
        #expect(
            fault { while try reader.next() != nil {} } == "file.csv:2: the text is not UTF-8")
    }
}
