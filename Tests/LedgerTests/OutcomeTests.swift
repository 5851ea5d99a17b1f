import Ledger
import Testing

@Suite struct OutcomeTests {
    @Test(arguments: 0...255 as ClosedRange<UInt8>)
    func `the first byte alone tells what the whole record says`(_ first: UInt8) {
        var writer = ByteWriter()
        Record.write(
            .done, gasUsed: 5, feePayer: Address(high: 1, middle: 2, low: 3), output: [7],
            effects: [], to: &writer)
        let bytes = [first] + writer.bytes.dropFirst()
        // The slice does not begin at 0.
        let slice = ([9] + bytes).dropFirst()
        #expect(Outcome(record: slice) == (try? Record(decoding: slice))?.outcome)
        #expect((Outcome(record: slice) == nil) == (first & 0xef > 2))
    }

    @Test func `no record has no outcome`() { #expect(Outcome(record: []) == nil) }
}
