import Execution
import Foundation
import JSON
import Ledger

// The work whose cost is looked at as there is more of it.
extension Run {
    /// An account that nobody has a key of.
    private static func holder(_ index: Int) -> Address {
        Address(Keccak256.hash("holder \(index)").bytes.suffix(20)) ?? .zero
    }

    private mutating func batch(to payees: [Address]) -> [UInt8] {
        var writer = ABIWriter(selector: IToken.Function.transferBatch.rawValue, words: 2)
        writer.write(array: payees)
        writer.write(array: payees.map { _ in UInt128(1) })
        return operatorCall(token, writer.finish(), gas: 20_000_000)
    }

    /// Pays so many accounts that were not there before.
    mutating func makeHolders(_ count: Int) throws {
        for start in stride(from: 0, to: count, by: 200_000) {
            let raws = stride(from: start, to: min(start + 200_000, count), by: 1000).map { first in
                let payees = inParallel(min(1000, count - first)) { Self.holder(first + $0) }
                return batch(to: payees)
            }
            _ = try submit(raws, perRequest: 4)
        }
    }

    /// Pays accounts that are there.
    ///
    /// - Returns: the seconds.
    mutating func payouts(among count: Int, batches: Int) throws -> Double {
        let raws = (0..<batches).map { _ in
            let chosen = (0..<1000).map { _ in random.below(count) }
            return batch(to: inParallel(1000) { Self.holder(chosen[$0]) })
        }
        return try submit(raws, perRequest: 4)
    }

    /// Pays an order of so many lines to firms, each of which passes on what it gets to so many suppliers.
    ///
    /// - Returns: the milliseconds of each, sorted.
    mutating func fannedCascades(firms: Int, suppliers: Int, repeats: Int) throws -> [Double] {
        let price = UInt128(max(suppliers, 1))
        let payees = (0..<firms).map { accounts.addresses[$0] }
        let tops = try openOrders(
            (0..<repeats).map { _ in
                operatorCall(
                    .orders,
                    opening(buyer: operatorKey.address, payees: payees, amount: price),
                    gas: 200_000_000)
            }, perRequest: 50
        ).orders
        var passingOn: [[UInt8]] = []
        for top in tops where suppliers > 0 {
            for firm in 0..<firms {
                let payees = (0..<suppliers).map { accounts.addresses[firms + $0] }
                let data = opening(
                    buyer: accounts.addresses[firm], payees: payees, amount: 1,
                    pledges: [IOrders.Pledge(order: top, line: UInt16(firm), units: price)])
                passingOn.append(
                    signer.sign(
                        accounts.key(firm), nonce: nonces[firm], to: .orders, data: data,
                        gas: 30_000_000))
                nonces[firm] += 1
            }
        }
        _ = try openOrders(passingOn, perRequest: 50)
        let socket = try Connection(port: node.port)
        var times: [Double] = []
        for top in tops {
            let raw = operatorCall(
                .orders, funding(top, price * UInt128(firms)), gas: 200_000_000)
            let begin = now()
            try Submitter.pay(raw, socket)
            times.append((now() - begin) * 1000)
            usleep(2_000)
        }
        return times.sorted()
    }

    /// Opens and funds so many orders whose gate is met at one date, on a node whose clock stands still, and
    /// lets the date come.
    ///
    /// - Returns: the seconds until the last one is paid.
    mutating func fireTimers(_ count: Int) throws -> Double {
        let asker = try Asker(port: node.port)
        let present = try asker.call("dip_advanceTime", "[0]")["time"]?.integer ?? 0
        let date = UInt64(present) + 86_400
        let payees = accounts.addresses
        var raws: [[UInt8]] = []
        for start in stride(from: 0, to: count, by: 50) {
            var calls: [IBatch.Call] = []
            for index in start..<min(start + 50, count) {
                let data = opening(
                    buyer: operatorKey.address, payees: [payees[index % payees.count]], amount: 1,
                    gate: IOrders.Gate(
                        attestors: [operatorKey.address], threshold: 1, deadline: date,
                        onTimeout: .meet))
                calls.append(IBatch.Call(to: .orders, data: data, value: 0))
                calls.append(
                    IBatch.Call(
                        to: .orders, data: funding(UInt64(index) + 1, 1), value: 0))
            }
            var writer = ABIWriter(selector: IBatch.Function.execute.rawValue, words: 1)
            writer.write(array: calls)
            raws.append(operatorCall(.batch, writer.finish(), gas: 30_000_000))
        }
        _ = try submit(raws, perRequest: 20, connections: 1)
        guard try asker.orderCount() == UInt128(count) else {
            throw LoadFailure("not all orders were opened")
        }
        let paid = UInt128((count - 1) / payees.count + 1)
        let last = payees[(count - 1) % payees.count]
        guard try balance(of: last, asker) == 0 else {
            throw LoadFailure("an order was paid before its date")
        }
        let begin = now()
        _ = try asker.call("dip_advanceTime", "[86400]")
        // Timers fire in the order of their orders.
        while try balance(of: last, asker) < paid {
            guard now() - begin < 120 else { throw LoadFailure("the timers did not fire") }
            usleep(200)
        }
        return now() - begin
    }

    private func opening(
        buyer: Address, payees: [Address], amount: UInt128, gate: IOrders.Gate? = nil,
        pledges: [IOrders.Pledge] = []
    ) -> [UInt8] {
        let lines = payees.map {
            IOrders.Line(tier: 0, payee: $0, amount: amount, gate: gate == nil ? 0 : 1)
        }
        var writer = ABIWriter(selector: IOrders.Function.openFrom.rawValue, words: 2)
        writer.write(
            IOrders.Terms(token: token, buyer: buyer, lines: lines, gates: gate.map { [$0] } ?? []))
        writer.write(array: pledges)
        return writer.finish()
    }

    private func funding(_ order: UInt64, _ amount: UInt128) -> [UInt8] {
        var writer = ABIWriter(selector: IOrders.Function.fund.rawValue, words: 2)
        writer.write(order)
        writer.write(amount)
        return writer.finish()
    }

    private func balance(of account: Address, _ asker: Asker) throws -> UInt128 {
        var writer = ABIWriter(selector: IToken.Function.balanceOf.rawValue, words: 1)
        writer.write(account)
        let data = "0x" + Hex.encode(writer.finish())
        let answer = try asker.call(
            "eth_call", "[{\"to\":\"\(token)\",\"data\":\"\(data)\"},\"latest\"]")
        return (answer.data ?? []).reduce(0) { $0 << 8 | UInt128($1) }
    }
}
