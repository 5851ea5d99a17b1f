import Execution
import Ledger
import Testing

@testable import Replica

@Suite struct LogPositionTests {
    private func body(_ height: UInt64, on parent: Hash32, time: UInt64 = 1) throws -> Body {
        try Body(
            decoding: Body.encode(
                version: 1, height: height, parent: parent, timeMillis: time, leader: .zero,
                transactions: []))
    }

    /// Bodies 1, 2, 3 and so on, each on the one before.
    private func chain(_ count: UInt64) throws -> [Body] {
        var bodies: [Body] = []
        for height in 1...count {
            bodies.append(try body(height, on: bodies.last?.hash ?? .zero))
        }
        return bodies
    }

    private func place(_ tip: UInt64, _ logIndex: UInt64?, alone: Bool = false) -> LogPosition {
        LogPosition(tip: tip, logIndex: logIndex, isAlone: alone)
    }

    /// Which of some entries are passed over without another look.
    private func passed(
        _ entries: [Body], _ position: LogPosition, tip: UInt64, known: [Body],
        from first: UInt64 = 1
    ) -> [Bool] {
        var position = position
        return entries.map { entry in
            position.passes(entry, tip: tip) { height in
                height < first ? nil : known[Int(height) - 1].hash
            }
        }
    }

    @Test func `a body that came too early is not tried again on top of a later state`() throws {
        let known = try chain(3)
        let early = try body(3, on: known[1].hash, time: 2)
        let entries = [early, known[0], early, known[1], known[2], try body(4, on: known[2].hash)]
        let start = place(2, nil)
        #expect(
            passed(entries, start, tip: 2, known: known) == [true, true, true, true, false, false])
        // The same, wherever the state stands.
        #expect(
            passed(entries, place(1, nil), tip: 1, known: known)
                == [true, true, false, false, false, false])
        #expect(
            passed(entries, place(0, nil), tip: 0, known: known)
                == [false, false, false, false, false, false])
    }

    @Test func `of two bodies of one height the one counts that made the block`() throws {
        let known = try chain(3)
        let other = try body(1, on: .zero, time: 9)
        let entries = [other, known[1], known[0], known[1], try body(3, on: known[1].hash)]
        #expect(
            passed(entries, place(2, nil), tip: 2, known: known)
                == [true, true, true, true, false])
    }

    @Test func `what is read from behind the state's own entry is looked at`() throws {
        let known = try chain(3)
        let early = try body(3, on: known[1].hash, time: 2)
        #expect(
            passed([early], place(2, 7), tip: 2, known: known) == [false])
        // As before the first entry that a log ever had: nothing is known of its place.
        #expect(passed([early], place(2, 0), tip: 2, known: known) == [true])
    }

    @Test func `a bank that orders alone goes on in a log that begins behind its state`() throws {
        let known = try chain(3)
        let next = try body(3, on: known[1].hash)
        #expect(passed([next], place(2, nil, alone: true), tip: 2, known: known) == [false])
        #expect(passed([next], place(2, nil), tip: 2, known: known) == [true])
    }

    @Test func `behind a marker it goes on from the marker's block`() throws {
        let known = try chain(5)
        let marker = StateMarker(height: 3, header: .zero)
        let early = try body(5, on: known[3].hash, time: 2)
        let behind = LogPosition(behind: marker, tip: 4)
        #expect(
            passed([early, known[3], known[4]], behind, tip: 4, known: known)
                == [true, true, false])
        let level = LogPosition(behind: marker, tip: 3)
        #expect(passed([early, known[3]], level, tip: 3, known: known) == [false, false])
    }

    @Test func `blocks that are forgotten are counted by height, the others by what they are`()
        throws
    {
        let known = try chain(4)
        let other = try body(1, on: .zero, time: 9)
        let early = try body(5, on: known[3].hash)
        let entries = [other, known[0], known[1], early, known[2], known[3], early]
        #expect(
            passed(entries, place(4, nil), tip: 4, known: known, from: 3)
                == [true, true, true, true, true, true, false])
    }
}
