import Ledger
import Testing
import Tokens

@testable import Execution

/// Whatever bytes come, 0x…d105 answers or refuses, and a refusal leaves nothing behind.
@Suite struct BankingFuzzTests {
    @Test(arguments: 1...6 as ClosedRange<UInt64>)
    func `any call is answered or refused, and the books stay right`(_ seed: UInt64) {
        var state = seed
        func next(_ bound: UInt64) -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return (state >> 33) % bound
        }
        var till = Till.open()
        till.run(.east, IBanks.issue(till.token(), Till.address(.supplier), 1_000, 1))
        till.run(.supplier, IBanks.redeem(till.token(), 10))
        let known: [Hash32] =
            [
                Hash32(word: till.token()), Hash32(word: Till.address(.supplier)), .zero, .allOnes,
                Hash32(word: Address.banks), Hash32(word: UInt128.max), Hash32(0, 0, 1, 0),
            ] + (0..<6).map { Hash32(0, 0, 0, $0) } + (1...10).map { Hash32(0, 0, 0, 32 * $0) }
        let calls: [[UInt8]] = [
            IBanks.issueBatch(till.token(), [(Till.address(.buyer), 5, 9), (.orders, 5, 8)]),
            IBanks.reject(1, "why"), IBanks.setBic("EASTCNBJ"), IBanks.redeem(till.token(), 3),
            IBanks.setDepositToken(till.token(), "CNY"), IBanks.settle(1), IBanks.instruct(1),
        ]
        for round in 0..<40 {
            let steps = (0..<25).map { _ -> Till.Step in
                var data: [UInt8]
                if next(2) == 0 {
                    data = calls[Int(next(UInt64(calls.count)))]
                    for _ in 0...next(3) {
                        // A byte, or a whole word, or the end.
                        switch next(3) {
                        case 0: data[Int(next(UInt64(data.count)))] = UInt8(next(256))
                        case 1 where data.count > 36:
                            let place = 4 + 32 * Int(next(UInt64(data.count / 32)))
                            let word = known[Int(next(UInt64(known.count)))].bytes
                            for (index, byte) in word.enumerated() where place + index < data.count
                            {
                                data[place + index] = byte
                            }
                        default: data.removeLast(Int(next(UInt64(min(data.count, 33)))))
                        }
                        if data.isEmpty { data = [0] }
                    }
                } else {
                    let functions = IBanks.Function.allCases
                    var writer = ByteWriter()
                    writer.write(functions[Int(next(UInt64(functions.count)))].rawValue)
                    for _ in 0..<next(6) { writer.write(known[Int(next(UInt64(known.count)))]) }
                    data = writer.bytes
                }
                let who: [Till.Who] = [.east, .eastChecker, .west, .supplier, .stranger]
                return .init(who[Int(next(5))], data)
            }
            for step in steps {
                _ = till.machine.simulate(
                    sender: Till.address(step.by), to: .banks, value: 0, data: step.data,
                    gasLimit: next(2) == 0 ? 1_000_000 : 40_000, now: till.time / 1000)
            }
            // After every block the books are looked at.
            till.run(steps, after: round == 20 ? 300_000 : 1)
        }
    }

    @Test func `the audit finds what is at 0x…d105 and in no redemption`() {
        var till = Till.open()
        till.run(.east, IBanks.issue(till.token(), Till.address(.supplier), 1_000, 1))
        till.run(.supplier, IBanks.redeem(till.token(), 10))
        let mark = till.machine.state.mark()
        till.tokens.move(1, of: till.id(of: .east), from: Till.address(.supplier), to: .banks)
        #expect(
            RedemptionAudit(till.tokens).faults() == [
                "token \(till.token()): redemptions of 10 are in flight, 0x…d105 has 11"
            ])
        till.machine.state.rollback(to: mark)
        #expect(RedemptionAudit(till.tokens).faults() == [])
    }
}
