import Ledger
import Testing
import Tokens

@testable import Execution

/// A ledger in memory whose accounts are the development keys.
struct World {
    let machine: Machine
    let genesisBlock: ExecutedBlock
    let keys = (0..<4).map { PrivateKey(Keccak256.hash("execution test \($0)").bytes)! }
    var time: UInt64 = 1_000_000

    init(
        rules: Rules = Rules(), checkpointInterval: UInt64 = 0,
        versionsKnown: ClosedRange<UInt16> = Machine.versionsKnown
    ) {
        let genesis = Genesis(
            chainID: Genesis.developmentChainID, timeMillis: 1_000_000,
            allocations: keys.prefix(3).map {
                Genesis.Allocation(account: $0.address, amount: Amount(1_000_000_000_000_000_000))
            }, rules: rules, validators: [.init(name: "Bank", address: keys[0].address)],
            certificateQuorum: 1, checkpointInterval: checkpointInterval)
        (machine, genesisBlock) = Machine.begin(
            genesis, state: State(source: EmptySource()), versionsKnown: versionsKnown)
    }

    func address(_ index: Int) -> Address { keys[index].address }

    func balance(_ index: Int) -> UInt128 { machine.tokens.balance(of: address(index), in: .dip) }

    func signed(
        _ from: Int, nonce: UInt64, to: Address?, value: UInt128 = 0, data: [UInt8] = [],
        gasLimit: UInt64 = 100_000, price: UInt128 = 1_000_000_000
    ) -> VerifiedTransaction {
        let transaction = Transaction(
            chainID: Genesis.developmentChainID, nonce: nonce, maxFeePerGas: price,
            gasLimit: gasLimit, to: to, value: value, data: data)
        return try! VerifiedTransaction.verify(
            transaction.sign(with: keys[from]), chainID: Genesis.developmentChainID)
    }

    mutating func execute(
        _ transactions: [VerifiedTransaction], checkpointRoot: Hash32? = nil
    ) -> StoredBlock {
        time += 1000
        let body = Body.encode(
            version: machine.versionActive(at: machine.tip.height + 1),
            height: machine.tip.height + 1, parent: machine.tip.body, timeMillis: time,
            leader: address(0), transactions: transactions)
        let block = try! machine.execute(
            Body(decoding: body), transactions, checkpointRoot: checkpointRoot)
        return try! StoredBlock(decoding: block.stored)
    }
}

@Suite struct MachineTests {
    @Test func `sending DIP costs exactly 21,000 gas and moves the value`() throws {
        var world = World()
        let before = world.balance(0)
        let block = world.execute([world.signed(0, nonce: 0, to: world.address(3), value: 5)])
        #expect(try block.record(0).outcome == .done)
        #expect(try block.record(0).gasUsed == 21_000)
        #expect(world.balance(3) == 5)
        #expect(world.balance(0) == before - 5 - 21_000 * 1_000_000_000)
        #expect(world.machine.tokens.balance(of: .contract(0xd107), in: .dip) == 21_000_000_000_000)
    }

    @Test func `a refused call pays its fee and changes nothing else`() throws {
        var world = World()
        let before = world.balance(0)
        let call = world.signed(0, nonce: 0, to: .contract(0xd1ff), data: [1, 2, 3, 4])
        let block = world.execute([call])
        let record = try block.record(0)
        #expect(record.outcome == .refused)
        #expect(world.balance(0) == before - UInt128(record.gasUsed) * 1_000_000_000)
        let next = world.execute([world.signed(0, nonce: 1, to: world.address(3), value: 1)])
        #expect(try next.record(0).outcome == .done)
    }

    @Test(arguments: [
        (nonce: UInt64(1), price: UInt128(1_000_000_000), gas: UInt64(100_000)),
        (nonce: 0, price: 999_999_999, gas: 100_000),
        (nonce: 0, price: 1_000_000_000, gas: 20_999),
        (nonce: 0, price: 1_000_000_000, gas: 2_000_000_000),
    ])
    func `what no longer holds is skipped without a trace`(
        nonce: UInt64, price: UInt128, gas: UInt64
    ) throws {
        var world = World()
        let state = world.machine.tip.stateHash
        let block = world.execute([
            world.signed(
                0, nonce: nonce, to: world.address(3), value: 1, gasLimit: gas, price: price)
        ])
        #expect(try block.record(0).outcome == .skipped)
        #expect(try block.changes().cells.isEmpty)
        #expect(block.header.gasUsed == 0)
        #expect(
            world.machine.tip.stateHash == Machine.chain(state, StateChanges().merkleRoot()))
    }

    @Test func `creating a contract is refused`() throws {
        var world = World()
        let block = world.execute([world.signed(0, nonce: 0, to: nil, data: [0x60])])
        #expect(try block.record(0).outcome == .refused)
    }

    @Test func `two machines give the same headers`() {
        var first = World()
        var second = World()
        for nonce in 0..<5 as Range<UInt64> {
            let transactions = [
                first.signed(0, nonce: nonce, to: first.address(1), value: 7),
                first.signed(1, nonce: nonce, to: first.address(2), value: 9),
            ]
            #expect(first.execute(transactions).hash == second.execute(transactions).hash)
        }
    }

    @Test func `a simulation leaves no trace`() {
        var world = World()
        let twin = World()
        let result = world.machine.simulate(
            sender: world.address(0), to: world.address(3), value: 5, data: [],
            gasLimit: 100_000, now: 0)
        #expect(result.gasUsed == 21_000)
        #expect(world.balance(3) == 0)
        var other = twin
        let transaction = world.signed(0, nonce: 0, to: world.address(1), value: 1)
        #expect(world.execute([transaction]).hash == other.execute([transaction]).hash)
    }

    @Test func `a stored block gives back every part and finds a change by key`() throws {
        var world = World()
        let block = world.execute([world.signed(0, nonce: 0, to: world.address(3), value: 5)])
        let key = CellKey(space: 0, address: world.address(3))
        #expect(block.change(of: key)?.cell == Cell(amount: 5, aux: 0, touched: 1))
        #expect(block.change(of: CellKey(space: 1, address: world.address(3))) == nil)
        #expect(try block.changes().merkleRoot() == block.header.changesRoot)
        #expect(block.hash == world.machine.tip.header)
    }

    @Test func `every header names the banks that sign it`() {
        var world = World()
        let banks = world.machine.genesis.bankSet.hash
        #expect(world.genesisBlock.header.banks == banks)
        #expect(world.machine.bankSetHash == banks)
        #expect(world.execute([]).header.banks == banks)
        #expect(world.machine.bankSet == world.machine.genesis.bankSet)
    }

    @Test func `a checkpoint is certified half an interval later`() {
        let due: [UInt64: [UInt64: UInt64]] = [
            0: [:],
            1: [2: 1, 3: 2, 4: 3, 5: 4, 6: 5, 7: 6, 8: 7, 9: 8, 10: 9, 11: 10, 12: 11],
            2: [3: 2, 5: 4, 7: 6, 9: 8, 11: 10],
            3: [4: 3, 7: 6, 10: 9],
            4: [6: 4, 10: 8],
            8: [12: 8],
        ]
        for (interval, due) in due {
            let machine = World(checkpointInterval: interval).machine
            for height in 0...12 as ClosedRange<UInt64> {
                #expect(machine.checkpointDue(at: height) == due[height])
            }
            #expect(machine.checkpointDue(at: .max) ?? 0 < .max)
        }
    }

    @Test func `a header certifies the checkpoint that is due, and no other`() {
        var world = World(checkpointInterval: 3)
        for height in 1...8 as ClosedRange<UInt64> {
            let root = Hash32(word: UInt128(height))
            let header = world.execute([], checkpointRoot: root).header
            let due = world.machine.checkpointDue(at: height)
            #expect(header.checkpointHeight == due ?? 0)
            #expect(header.checkpointRoot == (due == nil ? .zero : root))
        }
    }

    @Test func `a protocol version that is not the active one is not executed`() throws {
        func body(_ world: World, version: UInt16) throws -> Body {
            try Body(
                decoding: Body.encode(
                    version: version, height: 1, parent: world.machine.tip.body,
                    timeMillis: 2_000_000, leader: .zero, transactions: []))
        }
        let old = World()
        #expect(throws: BodyFault.wrongVersion(height: 1, expected: 1, given: 2)) {
            try old.machine.execute(body(old, version: 2), [])
        }
        #expect(BodyFault.unknownVersion(2).description.contains("install a newer one"))
        let new = World(versionsKnown: 1...2)
        #expect(throws: BodyFault.wrongVersion(height: 1, expected: 1, given: 2)) {
            try new.machine.execute(body(new, version: 2), [])
        }
        #expect(throws: Never.self) { try new.machine.execute(body(new, version: 1), []) }
    }

    @Test func `a body that does not follow is not executed`() throws {
        let world = World()
        let bytes = Body.encode(
            version: 1, height: 2, parent: .zero, timeMillis: 0, leader: .zero, transactions: [])
        #expect(throws: BodyFault.wrongHeight(expected: 1, given: 2)) {
            try world.machine.execute(Body(decoding: bytes), [])
        }
    }
}
