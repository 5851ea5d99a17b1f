import Execution
import Ledger
import Settlement
import Testing
import Tokens

@testable import Node

@Suite struct LogDerivationTests {
    let a = Address(high: 1, middle: 2, low: 3)
    let b = Address(high: 4, middle: 5, low: 6)

    /// One effect of each of the frequent kinds, as their modules record them.
    private var frequent: [(tag: UInt8, payload: ArraySlice<UInt8>)] {
        let state = State(source: EmptySource())
        state.record(TokenEffectTag.transfer) {
            $0.write(UInt32(5))
            $0.write(a)
            $0.write(b)
            $0.write(7 as UInt128)
        }
        state.record(TokenEffectTag.fee) {
            $0.write(a)
            $0.write(7 as UInt128)
        }
        state.record(TokenEffectTag.approval) {
            $0.write(UInt32(5))
            $0.write(a)
            $0.write(b)
            $0.write(Hash32.allOnes)
        }
        for count in [0, 1, 3] {
            state.record(TokenEffectTag.batch) {
                $0.write(UInt32(5))
                $0.write(a)
                for _ in 0..<count {
                    $0.write(b)
                    $0.write(7 as UInt128)
                }
            }
        }
        return EffectReader(state.effects.bytes[...]).map { ($0.tag, Array($0.payload)[...]) }
    }

    @Test func `counting logs without making them gives the same number`() {
        for (tag, payload) in frequent {
            let logs = EffectLogs.logs(tag: tag, payload: payload)
            #expect(EffectLogs.count(tag: tag, payload: payload) == logs.count, "tag \(tag)")
            #expect(EffectLogs.family(tag: tag, payload: payload) != nil, "tag \(tag)")
        }
    }

    @Test(arguments: [[], [0], [1], [0, 1, 1, 0, 0]] as [[UInt8]])
    func `the logs of issues are counted too, with those of what is held`(_ flags: [UInt8]) {
        var writer = ByteWriter()
        writer.write(UInt32(5))
        for flag in flags {
            writer.write(byte: flag)
            writer.write(a)
            writer.write(7 as UInt128)
            writer.write(Hash32.allOnes)
        }
        // Not from the first byte of an array, as in a record.
        let payload = ([9, 9, 9] + writer.bytes).dropFirst(3)
        let logs = EffectLogs.logs(tag: TokenEffectTag.issued, payload: payload)
        #expect(EffectLogs.count(tag: TokenEffectTag.issued, payload: payload) == logs.count)
        #expect(logs.count == flags.reduce(0) { $0 + 2 + Int($1) })
    }

    @Test func `bytes that no module wrote make no logs`() {
        for tag in UInt8.min...UInt8.max {
            #expect(EffectLogs.logs(tag: tag, payload: [1, 2, 3]).isEmpty, "tag \(tag)")
            #expect(Payment.payments(tag: tag, payload: [1, 2, 3]).isEmpty, "tag \(tag)")
            _ = EffectLogs.family(tag: tag, payload: [])
            #expect(EffectLogs.count(tag: tag, payload: []) >= 0)
        }
    }

    @Test func `a filter wants contracts, topics by place, and words at any place`() {
        let log = TokenLogs.transfer(7, token: .dip, from: a, to: b)
        func matches(_ change: (inout LogFilter) -> Void) -> Bool {
            var filter = LogFilter()
            change(&filter)
            return filter.matches(log)
        }
        #expect(matches { _ in })
        #expect(matches { $0.addresses = [a, .dip] })
        #expect(!matches { $0.addresses = [a] })
        #expect(matches { $0.topics = [[], [Hash32(word: a)]] })
        #expect(!matches { $0.topics = [[], [Hash32(word: b)]] })
        #expect(matches { $0.topics = [[], [], [Hash32(word: a), Hash32(word: b)]] })
        #expect(!matches { $0.topics = [[], [], [], [Hash32(word: b)]] })
        #expect(!matches { $0.topics = [[], [], [], []] })
        #expect(matches { $0.anywhere = [[Hash32(word: b)], [Hash32(word: a)]] })
        #expect(!matches { $0.anywhere = [[Hash32(word: b)], [log.topics[0]]] })
    }

    @Test func `a bloom filter sets three bits of each address and topic`() {
        var wanted = [UInt8](repeating: 0, count: 256)
        let log = TokenLogs.transfer(7, token: .dip, from: a, to: b)
        for bytes in [log.address.bytes] + log.topics.map(\.bytes) {
            let hash = Keccak256.hash(bytes).bytes
            for pair in [0, 2, 4] {
                let bit = (Int(hash[pair]) << 8 | Int(hash[pair + 1])) & 0x7ff
                wanted[255 - bit / 8] |= 1 << UInt8(bit % 8)
            }
        }
        #expect(LogBloom([log, log]).bytes == wanted)
        #expect(LogBloom([]).bytes == [UInt8](repeating: 0, count: 256))
    }

    @Test func `items of topics differ by place`() {
        let word = Hash32(word: a)
        let items = (0...3).map { LogItems.item(topic: word, position: $0) }
        #expect(Set(items + [LogItems.item(address: a)]).count == 5)
    }
}
