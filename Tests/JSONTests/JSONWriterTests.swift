import JSON
import Testing

@Suite struct JSONWriterTests {
    @Test(
        arguments: [
            ("\"", #"\""#), ("\\", #"\\"#), ("\n", #"\n"#), ("\u{1f}", #"\u001f"#), ("é", "é"),
            ("😀", "😀"),
        ])
    func `one character that is not plain is met at every place`(
        _ character: String, _ written: String
    ) throws {
        for before in 0..<20 {
            for after in 0..<20 {
                let (start, end) = (
                    String(repeating: "x", count: before), String(repeating: "y", count: after)
                )
                let text = start + character + end
                var writer = JSONWriter()
                writer.string(text)
                #expect(writer.text == "\"\(start)\(written)\(end)\"")
                #expect(try JSON(parsing: writer.bytes) == .string(text))
                if written != character {
                    #expect((try? JSON(parsing: "\"\(text)\"")) == nil)
                }
            }
        }
    }

    @Test func `a text is the same however much room it began with`() {
        func text(_ capacity: Int) -> [UInt8] {
            var writer = JSONWriter(capacity: capacity)
            // The largest piece first: more than twice the room that is there.
            writer.array(of: (0..<60).reversed()) { writer, number in
                writer.object { writer in
                    writer.key("number")
                    writer.number(number)
                    writer.key("data")
                    writer.data([UInt8](repeating: 0xab, count: number * number))
                    writer.key("raw")
                    writer.raw(Array("[null]".utf8))
                }
            }
            return writer.bytes
        }
        let whole = text(1 << 20)
        #expect(text(0) == whole && text(1) == whole)
        #expect((try? JSON(parsing: whole))?.array?.count == 60)
    }
}
