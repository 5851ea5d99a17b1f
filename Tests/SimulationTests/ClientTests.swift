import Ledger
import Testing

@testable import Simulation

@Suite struct ClientTests {
    @Test func `a client asks a bank about all that it signed, then another bank`() {
        var intent = Client.Intent(nonce: 13, wish: .send(0, to: .zero), mode: .executed)
        intent.add([1])
        // Always the last of those it may pick from: alternately bank 2 and bank 1.
        func next() -> [Int] {
            let (node, raw) = intent.next([0, 1, 2]) { $0.last! }
            return [node] + raw.map { Int($0) }
        }
        #expect(next() == [2, 1])
        #expect(next() == [1, 1])
        // There was not enough money for the first, so a second is signed: the same bank hears of it at once.
        intent.add([2])
        let asked = (0..<5).map { _ in next() }
        #expect(asked == [[1, 2], [2, 1], [2, 2], [1, 1], [1, 2]])
    }

    @Test func `a bank that was removed meanwhile is not asked about the rest`() {
        var intent = Client.Intent(nonce: 0, wish: .send(0, to: .zero), mode: .executed)
        intent.add([1])
        intent.add([2])
        #expect(intent.next([0, 1]) { $0[0] } == (0, [1]))
        #expect(intent.next([1]) { $0[0] } == (1, [1]))
        #expect(intent.next([1]) { $0[0] } == (1, [2]))
    }
}
