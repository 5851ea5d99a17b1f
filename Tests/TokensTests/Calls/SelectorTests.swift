import Ledger
import TestSupport
import Testing

@testable import Tokens

struct SelectorTests {
    @Test func `each function has the selector of its signature`() {
        #expect(MoneyFunction.allCases.map(\.rawValue) == Function.money.map(\.selector))
        #expect(FeeFunction.allCases.map(\.rawValue) == Function.fees.map(\.selector))
        #expect(FactoryFunction.allCases.map(\.rawValue) == Function.factory.map(\.selector))
        #expect(ControlFunction.allCases.map(\.rawValue) == Function.controls.map(\.selector))
        #expect(ControlView.allCases.map(\.rawValue) == Function.views.map(\.selector))
    }

    /// The ABI that is handed out is made of Ledger's lists.
    @Test func `what clients are told of is what answers`() {
        let money = MoneyFunction.allCases.map(\.rawValue)
        let fees = FeeFunction.allCases.map(\.rawValue)
        let controls =
            ControlFunction.allCases.map(\.rawValue) + ControlView.allCases.map(\.rawValue)
        #expect(Set(money + fees) == Set(IDip.Function.allCases.map(\.rawValue)))
        #expect(Set(money + controls) == Set(IToken.Function.allCases.map(\.rawValue)))
        #expect(
            FactoryFunction.allCases.map(\.rawValue) == ITokens.Function.allCases.map(\.rawValue))
    }

    @Test func `a call with value is refused`() throws {
        let desk = Desk()
        let data = try #require(desk.encode(Function("name()"), []))
        #expect(throws: Rejection.notPayable) { try desk.call("alice", .dip, data, value: 1) }
    }

    @Test(arguments: [0, 1, 3])
    func `a call of fewer than four bytes is refused`(_ count: Int) {
        let desk = Desk()
        #expect(throws: Rejection.unknownSelector(0)) {
            try desk.call("alice", .dip, [UInt8](repeating: 6, count: count))
        }
    }

    @Test func `arguments too long and too short are refused by every function`() throws {
        let desk = Desk()
        _ = desk.play("issuer create EUR controls=63")
        let token = try #require(desk.address("EUR"))
        for function in Function.money + Function.controls + Function.views {
            guard !function.types.contains("bytes4"), !function.types.contains("address[]") else {
                continue
            }
            var data = ByteWriter()
            data.write(function.selector)
            for _ in function.types { data.write(Hash32(0, 0, 0, 1)) }
            let tooLong = data.bytes + [0]
            #expect(isBadCalldata(desk, token, tooLong), "\(function.signature)")
            guard !function.types.isEmpty else { continue }
            let tooShort = Array(data.bytes.dropLast())
            #expect(isBadCalldata(desk, token, tooShort), "\(function.signature)")
        }
    }

    private func isBadCalldata(_ desk: Desk, _ token: Address, _ data: [UInt8]) -> Bool {
        do {
            _ = try desk.call("issuer", token, data)
            return false
        } catch .badCalldata {
            return true
        } catch {
            return false
        }
    }

    @Test func `no bytes make a call trap, and what is refused changes nothing`() throws {
        let desk = Desk()
        _ = desk.play("issuer create EUR supply=1000 controls=63")
        desk.endBlock()
        let contracts = [Address.dip, .tokens, try #require(desk.address("EUR"))]
        var chance = SeededNumbers(seed: 42)
        for _ in 0..<20_000 {
            let function = Function.all[chance.below(Function.all.count)]
            var data = ByteWriter()
            data.write(function.selector)
            for _ in 0..<chance.below(9) { data.write(chance.word()) }
            if chance.below(4) == 0 { data.truncate(to: chance.below(data.bytes.count + 1)) }
            let contract = contracts[chance.below(3)]
            do {
                _ = try desk.call("issuer", contract, data.bytes)
                desk.endBlock()
            } catch {
                let changes = desk.endBlock()
                #expect(changes.cells.isEmpty && changes.objects.isEmpty)
            }
        }
    }

    @Test func `work is paid for before it is done`() throws {
        let desk = Desk()
        _ = desk.play("issuer create EUR supply=1000")
        let token = try #require(desk.address("EUR"))
        let batch = try #require(
            desk.encode(
                Function("transferBatch(address[],uint256[])"), ["alice,bob,carol", "1,2,3"]))
        desk.state.gas = GasMeter(limit: 1_000_000)
        _ = try desk.call("issuer", token, batch)
        #expect(desk.state.gas.used == Gas.call + 3 * Gas.payment)
        desk.state.gas = GasMeter(limit: Gas.call + 3 * Gas.payment - 1)
        desk.endBlock()
        #expect(throws: Rejection.outOfGas(limit: Gas.call + 3 * Gas.payment - 1)) {
            try desk.call("issuer", token, batch)
        }
        #expect(desk.endBlock().cells.isEmpty)
    }
}
