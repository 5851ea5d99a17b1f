import Ledger
import Settlement
import Testing
import Tokens

/// The contracts of orders and claims as clients meet them.
struct CallTests {
    let ledger: TestLedger
    let buyer = TestLedger.address("buyer")
    let maker = TestLedger.address("maker")
    let bank = TestLedger.address("bank")
    var token: Address { TokenID(rawValue: 1).address }

    init() throws {
        let ledger = try TestLedger()
        self.ledger = ledger
        let buyer = self.buyer
        try ledger.perform { book throws(Rejection) in
            try book.tokens.mint(
                1_000, of: TokenID(rawValue: 1), to: buyer, by: TestLedger.issuer)
        }
    }

    func send(
        _ function: IOrders.Function, from sender: Address, words: Int,
        _ write: (inout ABIWriter) -> Void
    ) throws(Rejection) -> [UInt8] {
        var writer = ABIWriter(selector: function.rawValue, words: words)
        write(&writer)
        let data = writer.finish()
        defer { ledger.state.adopt() }
        return try ledger.book.call(Call(sender: sender, to: .orders, data: data[...]))
    }

    func send(
        _ function: IClaims.Function, from sender: Address, words: Int,
        _ write: (inout ABIWriter) -> Void
    ) throws(Rejection) -> [UInt8] {
        var writer = ABIWriter(selector: function.rawValue, words: words)
        write(&writer)
        let data = writer.finish()
        defer { ledger.state.adopt() }
        return try ledger.book.call(Call(sender: sender, to: .claims, data: data[...]))
    }

    var terms: Terms {
        Terms(
            token: token, buyer: buyer, dueAt: 90, document: Hash32(1, 2, 3, 4),
            lines: [
                Terms.Line(tier: 0, payee: maker, amount: 600),
                Terms.Line(tier: 1, payee: bank, amount: 400, gate: 1),
            ],
            gates: [Terms.Gate(attestors: [bank, maker], threshold: 1, deadline: 50)])
    }

    func open() throws(Rejection) -> [UInt8] {
        try send(.open, from: buyer, words: 1) { $0.write(terms) }
    }

    @Test func `accounts beyond the first eight cost more, each once`() {
        var terms = terms
        let few = terms.openingGas
        #expect(few == Gas.newRecord + 2 * (Gas.entry + Gas.payment) + 3 * Gas.entry)
        terms.arbiter = ledger.address("judge")
        #expect(terms.openingGas == few)
        let others = (0..<7).map { ledger.address("inspector \($0)") }
        terms.gates[0].attestors += others
        #expect(terms.openingGas == few + 7 * Gas.entry + 3 * Gas.party)
        terms.gates.append(terms.gates[0])
        terms.lines.append(Terms.Line(tier: 2, payee: others[0], amount: 1))
        #expect(
            terms.openingGas == few + 7 * Gas.entry + 3 * Gas.party + 10 * Gas.entry + Gas.entry
                + Gas.payment)
    }

    @Test func `an order is opened, read and funded through its contract`() throws {
        #expect(try open() == Hash32(0, 0, 0, 1).bytes)
        let all = try send(.fund, from: buyer, words: 2) {
            $0.write(UInt64(1))
            $0.write(amountOrAll: nil)
        }
        #expect(all == [])
        var reader = ABIReader(
            try send(.order, from: maker, words: 1) { $0.write(UInt64(1)) })
        let order = try reader.read(IOrders.OrderView.self)
        #expect(order.funded == 1_000 && order.outstanding == 0 && order.status == .open)
        #expect(order.token == token && order.document == Hash32(1, 2, 3, 4))
        reader = ABIReader(
            try send(.lines, from: maker, words: 3) {
                $0.write(UInt64(1))
                $0.write(UInt16(1))
                $0.write(UInt16(9))
            })
        let lines = try reader.array(of: IOrders.LineView.self)
        #expect(lines.count == 1 && lines[0].allocated == 400 && lines[0].paid == 0)
        reader = ABIReader(try send(.gates, from: maker, words: 1) { $0.write(UInt64(1)) })
        #expect(try reader.array(of: IOrders.GateView.self).map(\.terms) == terms.gates)
        reader = ABIReader(
            try send(.ordersOf, from: maker, words: 3) {
                $0.write(bank)
                $0.write(UInt64(0))
                $0.write(UInt16(9))
            })
        #expect(try reader.array(of: UInt64.self) == [1])
    }

    @Test func `an order and its pledges are opened in one call, or nothing is`() throws {
        _ = try open()
        var own = terms
        own.buyer = maker
        own.lines = [Terms.Line(tier: 0, payee: bank, amount: 500)]
        own.gates = []
        func openFrom(_ units: UInt128) throws(Rejection) -> [UInt8] {
            try send(.openFrom, from: maker, words: 2) {
                $0.write(own)
                $0.write(array: [IOrders.Pledge(order: 1, line: 0, units: units)])
            }
        }
        #expect(throws: Rejection.insufficientClaim(holder: maker, units: 600, needed: 601)) {
            _ = try openFrom(601)
        }
        #expect(ledger.book.count == 1)
        #expect(try openFrom(500) == Hash32(0, 0, 0, 2).bytes)
        #expect(ledger.book.view(of: 2)?.level == 1)
    }

    @Test func `an attestor's signature can be brought in by anybody, once and in time`() throws {
        let key = try #require(PrivateKey(Hash32(0, 0, 0, 77).bytes))
        var agreed = terms
        agreed.gates[0].attestors = [key.address]
        let id = try send(.open, from: buyer, words: 1) { $0.write(agreed) }
        #expect(id == Hash32(0, 0, 0, 1).bytes)
        let said = EIP712.Attestation(
            order: 1, gate: 0, bps: 5_000, evidence: Hash32(9, 9, 9, 9), deadline: 40)
        let domain = EIP712.Domain(chainID: TestLedger.chainID, contract: .orders)
        let signature = said.sign(with: key, in: domain)
        func bring(_ bps: UInt16) throws(Rejection) {
            _ = try send(.attestBySig, from: maker, words: 7) {
                $0.write(said.order)
                $0.write(said.gate)
                $0.write(bps)
                $0.write(said.evidence)
                $0.write(said.deadline)
                $0.write(key.address)
                $0.write(bytes: signature.bytes)
            }
        }
        #expect(throws: Rejection.badSignature) { try bring(5_001) }
        try bring(5_000)
        #expect(ledger.book.view(of: 1)?.gates[0].bps == 5_000)
        #expect(throws: Rejection.gateIsClosed(order: 1, gate: 0)) { try bring(5_000) }
        ledger.advance(to: 41)
        #expect(throws: Rejection.signatureExpired(deadline: 40)) { try bring(5_000) }
    }

    @Test func `claims move as an ERC-1155 does`() throws {
        _ = try open()
        let id = Hash32(0, 0, 0, 1 << 16)
        func move(_ units: UInt128, by sender: Address, to: Address) throws(Rejection) {
            _ = try send(.safeTransferFrom, from: sender, words: 5) {
                $0.write(maker)
                $0.write(to)
                $0.write(id)
                $0.write(units)
                $0.write(bytes: [])
            }
        }
        #expect(throws: Rejection.erc1155MissingApprovalForAll(operator: bank, owner: maker)) {
            try move(5, by: bank, to: bank)
        }
        _ = try send(.setApprovalForAll, from: maker, words: 2) {
            $0.write(bank)
            $0.write(true)
        }
        try move(5, by: bank, to: bank)
        for nobody in [Address.zero, .orders, .order(1)] {
            #expect(throws: Rejection.erc1155InvalidReceiver(nobody)) {
                try move(5, by: maker, to: nobody)
            }
        }
        var reader = ABIReader(
            try send(.balanceOfBatch, from: bank, words: 2) {
                $0.write(array: [maker, bank, buyer])
                $0.write(array: [id, id, id])
            })
        #expect(try reader.array(of: UInt128.self) == [595, 5, 0])
        reader = ABIReader(
            try send(.claimsOf, from: bank, words: 3) {
                $0.write(bank)
                $0.write(UInt64(0))
                $0.write(UInt16(9))
            })
        #expect(Set(try reader.array(of: UInt128.self)) == [1 << 16, 1 << 16 | 1])
        reader = ABIReader(
            try send(.holders, from: bank, words: 2) {
                $0.write(UInt64(1))
                $0.write(UInt16(0))
            })
        #expect(
            try reader.array(of: IClaims.Holding.self) == [
                IClaims.Holding(holder: bank, order: 0, units: 5),
                IClaims.Holding(holder: maker, order: 0, units: 595),
            ])
        let erc1155 = try send(.supportsInterface, from: bank, words: 1) {
            $0.write(fixedBytes: [0xd9, 0xb6, 0x7a, 0x26])
        }
        #expect(erc1155 == Hash32(0, 0, 0, 1).bytes)
    }

    @Test func `what is not understood is refused and changes nothing`() throws {
        _ = try open()
        func call(_ data: [UInt8], value: UInt128 = 0, to: Address = .orders) throws(Rejection) {
            _ = try ledger.book.call(
                Call(sender: buyer, to: to, value: value, data: data[...]))
        }
        #expect(throws: Rejection.unknownSelector(0)) { try call([1, 2, 3]) }
        #expect(throws: Rejection.unknownSelector(0x0102_0304)) { try call([1, 2, 3, 4]) }
        #expect(throws: Rejection.unknownContract(.dip)) { try call([1, 2, 3, 4], to: .dip) }
        var writer = ABIWriter(selector: IOrders.Function.fund.rawValue, words: 2)
        writer.write(UInt64(1))
        writer.write(word: Hash32(0, 1, 0, 0))
        #expect(throws: Rejection.amountTooLarge(Hash32(0, 1, 0, 0))) { try call(writer.bytes) }
        #expect(throws: Rejection.notPayable) { try call(writer.bytes, value: 1) }
        #expect(throws: Rejection.self) { try call(Array(writer.bytes.dropLast())) }
        #expect(throws: Rejection.self) { try call(writer.bytes + [0]) }
        #expect(ledger.book.view(of: 1)?.summary.funded == 0)
    }

    @Test func `a payment that the gas does not cover is refused whole`() throws {
        _ = try open()
        let before = ledger.book.view(of: 1)
        ledger.state.gas = GasMeter(limit: Gas.call + Gas.payment - 1)
        #expect(throws: Rejection.outOfGas(limit: Gas.call + Gas.payment - 1)) {
            _ = try send(.fund, from: buyer, words: 2) {
                $0.write(UInt64(1))
                $0.write(UInt128(600))
            }
        }
        #expect(ledger.book.view(of: 1) == before)
        ledger.state.gas = GasMeter(limit: Gas.call + Gas.payment)
        _ = try send(.fund, from: buyer, words: 2) {
            $0.write(UInt64(1))
            $0.write(UInt128(600))
        }
        #expect(ledger.state.gas.used == Gas.call + Gas.payment)
    }
}
