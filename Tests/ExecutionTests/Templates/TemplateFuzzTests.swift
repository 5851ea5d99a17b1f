import Ledger
import TestSupport
import Testing

@testable import Execution

/// Whatever bytes come, the contract answers or refuses, keeps its books, and forgets what it refused.
@Suite struct TemplateFuzzTests {
    /// Bytes that were changed, cut out, repeated or put in.
    private static func damaged(_ bytes: [UInt8], _ chance: inout SeededNumbers) -> [UInt8] {
        var bytes = bytes
        for _ in 0...chance.below(3) {
            guard bytes.count > 8 else { break }
            let at = 4 + chance.below(bytes.count - 4)
            switch chance.below(6) {
            case 0: bytes[at] ^= 1 << UInt8(chance.below(8))
            case 1: bytes[at] = UInt8(chance.below(256))
            case 2: bytes.remove(at: at)
            case 3: bytes.insert(UInt8(chance.below(256)), at: at)
            case 4: bytes.removeLast(chance.below(min(64, bytes.count - 4)))
            default:
                let end = min(bytes.count, at + 1 + chance.below(40))
                bytes.insert(contentsOf: bytes[at..<end], at: at)
            }
        }
        return bytes
    }

    @Test(arguments: 0..<4)
    func `damaged calls are refused, or do what they say`(_ seed: UInt64) throws {
        var shop = Workshop()
        var chance = SeededNumbers(seed: seed)
        let draft = try shop.publish(Workshop.template("A"))
        let active = try shop.activate(Workshop.template("B", royalty: "0.000000000000000007"))
        let calls: [(Int, [UInt8])] = [
            (Workshop.developer, Workshop.publish(Workshop.template("C"))),
            (2, Workshop.review(draft, true)), (Workshop.developer, Workshop.deprecate(draft)),
            (Workshop.buyer, Workshop.open(active, shop.bindings())),
            (
                Workshop.buyer,
                Workshop.open(
                    active, shop.bindings(), from: [IOrders.Pledge(order: 1, line: 0, units: 1)])
            ),
        ]
        var done = 0
        for _ in 0..<60 {
            let steps = (0..<5).map { _ -> Workshop.Step in
                let (key, data) = calls[chance.below(calls.count)]
                return Workshop.Step(
                    key: key, value: [0, 7, 1_300, 5_000][chance.below(4)],
                    data: Self.damaged(data, &chance),
                    gasLimit: UInt64(200_000 + chance.below(5_000_000)))
            }
            // The workshop checks after each block that no DIP is lost and deposits are backed.
            for (index, answer) in shop.run(steps).enumerated() {
                switch answer {
                case .done: done += 1
                case .refused(let output):
                    #expect(output.count >= 4)
                    #expect(try shop.block.record(index).effects.isEmpty)
                case .skipped: break
                }
            }
        }
        // Some damage is in what may be anything, a report or a name.
        #expect(done > 0)
    }

    @Test(arguments: 0..<2)
    func `damaged texts of templates never stop a node`(_ seed: UInt64) throws {
        var shop = Workshop()
        var chance = SeededNumbers(seed: seed &+ 99)
        let text = Array(Workshop.template().utf8)
        for _ in 0..<100 {
            let damaged = Self.damaged(text, &chance)
            var writer = ABIWriter(selector: ITemplates.Function.publish.rawValue, words: 2)
            writer.write(bytes: damaged)
            writer.write(word: .zero)
            shop.run(Workshop.developer, value: 1_300, writer.finish())
        }
    }

    @Test(arguments: 0..<2)
    func `damaged bindings never stop a node, and what cannot be opened cannot be previewed`(
        _ seed: UInt64
    ) throws {
        var shop = Workshop()
        var chance = SeededNumbers(seed: seed &+ 1_234)
        let id = try shop.activate(Workshop.template(royalty: "0"))
        let text = Array(shop.bindings().utf8)
        for _ in 0..<100 {
            let damaged = String(decoding: Self.damaged(text, &chance), as: UTF8.self)
            let preview = shop.ask(.preview, id, damaged)
            let answer = shop.run(Workshop.buyer, Workshop.open(id, damaged))
            switch (preview, answer) {
            case (.success, .done): break
            case (.failure(let rejection), .refused(let output)):
                #expect(output == rejection.revertData)
            default: Issue.record("\(preview), then \(answer): \(damaged)")
            }
        }
    }
}
