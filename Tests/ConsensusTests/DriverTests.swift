import Testing

@testable import Consensus

@Suite struct DriverTests {
    @Test func `an entry submitted on a lone node is committed, and replayed after a restart`()
        throws
    {
        let folder = TemporaryFolder()
        var expected: [CommittedEntry] = []
        do {
            let driver = try Driver(folder: folder.path, options: .alone())
            let collector = Collector()
            try driver.start(collector)
            collector.waitForLeading()
            for number in 0..<300 {
                let payload = [UInt8](repeating: UInt8(number & 0xff), count: number * 7)
                guard case .accepted(let index, _) = driver.submit(payload) else {
                    Issue.record("not accepted")
                    return
                }
                #expect(index == UInt64(number) + 2)
            }
            expected = collector.waitForEntries(300)
            #expect(expected.map(\.payload.count) == (0..<300).map { $0 * 7 })
            driver.stop()
        }
        let driver = try Driver(folder: folder.path, options: .alone(applied: 101))
        let collector = Collector()
        try driver.start(collector)
        collector.waitForLeading()
        #expect(collector.now.entries.map(\.payload) == expected.dropFirst(100).map(\.payload))
        #expect(collector.now.entries.map(\.index) == expected.dropFirst(100).map(\.index))
        driver.stop()
    }
}
