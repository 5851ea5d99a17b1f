import Foundation
import GRDB
import Ledger
import Logging
import Signing
import Testing
import Wallet

@testable import BankDesk

/// A desk in a temporary folder over a ledger in memory, which can be killed and started again.
final class Bench {
    let folder: DeskFolder
    let ledger: MemoryLedger
    var settings: DeskSettings
    /// What the next desk does at the places where it may be killed.
    var points = FaultPoints.none
    var now: UInt64 = 1_764_000_000
    /// Told by the next desk.
    var log = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    private var told = 0
    private(set) var desk: Desk?
    private(set) var journal: Journal
    /// The next desk's.
    var keys: DeskKeys

    static let account = "DE02120300000000202051"
    /// The account number by which payers name the customer that has one.
    static let virtual = "DE41500105170123456789"
    /// Made once: deriving keys from passwords takes time.
    private static let shared: (folder: DeskFolder, bank: PrivateKey) = {
        let folder = DeskFolder(
            NSTemporaryDirectory() + "desk-keys-\(getpid())-\(UInt64.random(in: 0 ... .max))")
        do {
            try folder.make()
            // All tests of the process use it, so that none of them can remove it.
            atexit { try? FileManager.default.removeItem(atPath: Bench.shared.folder.path) }
            let bank = try PrivateKey.random()
            try DeskKeys.make(
                folder, bank: .local(bank), password: SecretBytes(Array("pw".utf8)),
                derivation: .scrypt(n: 2, r: 8, p: 1), time: 0)
            return (folder, bank)
        } catch {
            fatalError("\(error)")
        }
    }()
    private static let keys: DeskKeys = {
        do {
            return try DeskKeys(
                shared.folder, password: SecretBytes(Array("pw".utf8)), withBank: true)
        } catch {
            fatalError("\(error)")
        }
    }()

    init(issuesPerTransaction: Int = 500) throws {
        folder = DeskFolder(
            NSTemporaryDirectory() + "desk-\(getpid())-\(UInt64.random(in: 0 ... .max))")
        try folder.make()
        let token = Address(high: 1, middle: 2, low: 3)
        let currency = try #require(CurrencyCode("EUR"))
        settings = DeskSettings(
            node: "http://127.0.0.1:1", chainID: MemoryLedger.chainID,
            genesis: MemoryLedger.genesis, bank: Self.shared.bank.address, token: token,
            currency: currency, account: Self.account, bic: "BYLADEM1001", name: "East Bank",
            passwordFile: "")
        settings.issuesPerTransaction = issuesPerTransaction
        ledger = MemoryLedger(token: token, bank: Self.shared.bank.address)
        ledger.setTrouble(Troubled.trouble)
        keys = Self.keys
        journal = try Journal(path: folder.journal, cipher: keys.cipher)
        start()
    }

    /// The same keys, but the operator's is in a signer that does not answer.
    static func keysOfSignerAway() throws -> DeskKeys {
        let file = shared.folder.path + "/signer-\(UInt64.random(in: 0 ... .max)).json"
        let bank = shared.bank.address.checksummed
        let text = #"{"signer": "http://127.0.0.1:1", "address": "\#(bank)"}"#
        try PrivateFiles.write(SecretBytes(Array(text.utf8)), to: file)
        return try DeskKeys(
            shared.folder, password: SecretBytes(Array("pw".utf8)), withBank: true,
            signerFile: file)
    }

    deinit { try? FileManager.default.removeItem(atPath: folder.path) }

    /// A desk as after a start of the process.
    func start() {
        var setup = Desk.Setup(folder: folder, settings: settings, keys: keys, log: log)
        setup.points = points
        let now = now
        setup.clock = DeskClock { now }
        desk = Desk(setup, journal: journal, ledger: ledger)
    }

    /// The desk is told to stop.
    func end() { desk = nil }

    /// Ends the process, as far as a test can: all that is not on disk is gone.
    func restart() throws {
        desk = nil
        journal = try Journal(path: folder.journal, cipher: keys.cipher)
        start()
    }

    /// Works until nothing is left to do.
    func work() async throws { try await desk?.once(patience: .milliseconds(200)) }

    /// Works through all that there is, once.
    func round() async throws { _ = try await desk?.round() }

    /// Puts a file into the inbox, old enough to be taken at once.
    func drop(_ name: String, _ text: String, in other: DeskFolder? = nil) throws {
        let path = (other ?? folder).inbox + "/" + name
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        try FileManager.default.setAttributes(
            [.modificationDate: Date(timeIntervalSince1970: TimeInterval(now - 100))],
            ofItemAtPath: path)
    }

    /// The files in a folder of the desk, by name; not the one that says whose an inbox is.
    func files(_ folder: String) throws -> [String: String] {
        var found: [String: String] = [:]
        for name in try FileManager.default.contentsOfDirectory(atPath: folder)
        where name != InboxLease.name {
            found[name] = try String(contentsOfFile: folder + "/" + name, encoding: .utf8)
        }
        return found
    }

    /// Has the bank another operator, whose key the desk has.
    func rotate() throws {
        let next = try Self.keptAddress()
        settings.bank = next
        ledger.setBank(next)
    }

    /// Adds a customer with a key of its own.
    func customer(
        _ name: String, account: String, virtual: String? = nil, isKept: Bool = false,
        fundsOrders: Bool = false
    ) throws -> Customer {
        let address = try isKept ? Self.keptAddress() : PrivateKey.random().address
        return try journal.add(
            NewCustomer(
                address: address, isKept: isKept, name: name, account: account,
                virtualAccount: virtual, fundsOrders: fundsOrders), settings, at: now)
    }

    /// A desk with a customer that has a virtual account.
    static func withMill(issuesPerTransaction: Int = 500) throws -> (Bench, Customer) {
        let bench = try Bench(issuesPerTransaction: issuesPerTransaction)
        return (bench, try bench.customer("Mill", account: "1234", virtual: virtual))
    }

    /// The bank tells of something, and the desk works.
    func tell(_ text: String) async throws {
        told += 1
        try drop("told-\(told).xml", text)
        try await work()
    }

    /// Why there are cases that are open.
    func reasons() throws -> [String] { try journal.cases().map(\.reason) }

    /// What has become of redemptions, by their numbers.
    func standing() throws -> [String] {
        try journal.redemptions(onlyOpen: false, atMost: 100).map(\.state).reversed()
    }

    /// The message id of the last payment file by name.
    func paymentFile() throws -> String {
        guard let file = try files(folder.outbox).keys.sorted().last else {
            throw DeskFault.refused("the outbox is empty")
        }
        return String(file.dropFirst("pain.001-".count).dropLast(".xml".count))
    }

    /// A customer whose orders the desk pays, with one of 50.00 for which 40.00 come in.
    func buyer(of order: UInt64) throws -> Customer {
        let buyer = try customer(
            "Buyer \(order)", account: "\(order)", isKept: true, fundsOrders: true)
        try payFor(order, of: buyer.address)
        return buyer
    }

    /// Has the desk work until it has signed the payment of an order, and end there.
    func stopWhereAPaymentIsSigned() async {
        points = FaultPoints { reached throws(DeskFault) in
            if reached == .fundSigned { throw .stopped(reached) }
        }
        start()
        await #expect(throws: DeskFault.stopped(.fundSigned)) { try await work() }
    }

    /// Opens an order of 50.00, for which 40.00 come in.
    func payFor(_ order: UInt64, of buyer: Address) throws {
        let token = settings.token
        ledger.set {
            $0.orders[order] = OrderFacts(buyer: buyer, token: token, outstanding: 5000)
        }
        try drop(
            "order-\(order).xml",
            Message.notification(
                "N\(order)",
                [
                    .init(
                        amount: "40.00", reference: "R\(order)",
                        remittance: PaymentReference.order(order).text)
                ]))
    }

    /// Keys that the desk keeps stay in the folder of the shared keys.
    private static func keptAddress() throws -> Address { try keys.makeCustomerKey(time: 0) }

    /// What became of paying orders.
    func fundings() throws -> [String] {
        try journal.read { db in
            try String.fetchAll(
                db, sql: "SELECT funding FROM entry WHERE funding IS NOT NULL ORDER BY id")
        }
    }

    /// How many rows of a table are in each state.
    func counts(_ table: String) throws -> [String: Int] {
        Dictionary(
            try journal.counts().filter { $0.table == table }.map { ($0.state, $0.count) },
            uniquingKeysWith: +)
    }

    /// Another desk over the same ledger, in a copy of the folder.
    func desk(in folder: DeskFolder) throws -> Copy { try Copy(self, folder) }

    /// A desk in a copy of a bench's folder.
    final class Copy {
        private var desk: Desk
        let journal: Journal

        init(_ bench: Bench, _ folder: DeskFolder) throws {
            journal = try Journal(path: folder.journal, cipher: bench.keys.cipher)
            let log = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            var setup = Desk.Setup(
                folder: folder, settings: bench.settings, keys: bench.keys, log: log)
            let now = bench.now
            setup.clock = DeskClock { now }
            desk = Desk(setup, journal: journal, ledger: bench.ledger)
        }

        func work() async throws { try await desk.once(patience: .milliseconds(200)) }

        func round() async throws { _ = try await desk.round() }

        func cases() throws -> [String] { try journal.cases().map(\.reason) }

        func counts() throws -> [String: Int] {
            Dictionary(
                try journal.counts().filter { $0.table == "entry" }.map { ($0.state, $0.count) },
                uniquingKeysWith: +)
        }
    }
}
