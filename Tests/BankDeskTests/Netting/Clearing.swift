import Foundation
import Ledger
import Logging
import Signing
import Testing
import Wallet

@testable import BankDesk

/// Desks of several banks over one ledger; each can be killed and started again.
final class Clearing {
    final class Bank {
        let member: ClearingLedger.Member
        let folder: DeskFolder
        let keys: DeskKeys
        let settings: DeskSettings
        var points = FaultPoints.none

        init(_ number: Int) throws {
            folder = DeskFolder(
                NSTemporaryDirectory() + "net-\(getpid())-\(UInt64.random(in: 0 ... .max))")
            try folder.make()
            let key = try PrivateKey.random()
            let password = SecretBytes(Array("pw".utf8))
            try DeskKeys.make(
                folder, bank: .local(key), password: password,
                derivation: .scrypt(n: 2, r: 8, p: 1),
                time: 0)
            keys = try DeskKeys(folder, password: password, withBank: true)
            let name = ["East Bank", "West Bank", "North Bank"][number]
            let bic = ["BYLADEM1001", "COBADEFFXXX", "DEUTDEFF"][number]
            let token = Address(high: 1, middle: 2, low: UInt32(number + 1))
            member = ClearingLedger.Member(
                account: key.address, token: token, name: name, bic: bic)
            settings = DeskSettings(
                node: "http://127.0.0.1:1", chainID: ClearingLedger.chainID,
                genesis: ClearingLedger.genesis, bank: key.address, token: token,
                currency: try #require(CurrencyCode("EUR")), account: Bench.account, bic: bic,
                name: name, passwordFile: "")
        }

        deinit { try? FileManager.default.removeItem(atPath: folder.path) }

        var statements: StatementLog?

        func journal() throws -> Journal {
            let journal = try Journal(path: folder.journal, cipher: keys.cipher)
            statements?.follow(journal)
            return journal
        }
    }

    let banks: [Bank]
    let ledger: ClearingLedger
    let cycle: NettingCycle

    init(_ count: Int) throws {
        banks = try (0..<count).map { try Bank($0) }
        ledger = ClearingLedger(banks.map(\.member))
        cycle = try NettingCycle(
            "2025-11-24", closesAt: 1_764_000_100, deadline: 1_764_000_200)
    }

    /// Has all journals' statements noted.
    func follow(_ log: StatementLog) { for bank in banks { bank.statements = log } }

    /// A bank has so much in hand of another one's token.
    func give(_ bank: Int, _ other: Int, _ amount: UInt128) {
        ledger.give(
            amount, of: banks[other].member.token, to: banks[bank].member.account)
    }

    func inHand(_ bank: Int, _ other: Int) -> UInt128 {
        ledger.inHand(banks[other].member.token, by: banks[bank].member.account)
    }

    /// One bank's desk works until nothing is left to do, as after a start of the process.
    func work(_ number: Int) async throws {
        let bank = banks[number]
        var log = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        log.logLevel = .critical
        var setup = Desk.Setup(
            folder: bank.folder, settings: bank.settings, keys: bank.keys, log: log)
        setup.points = bank.points
        let ledger = ledger
        setup.clock = DeskClock { ledger.now }
        var desk = Desk(setup, journal: try bank.journal(), ledger: ledger)
        try await desk.once(patience: .milliseconds(300))
    }

    /// Desks work in turn until none changes the ledger any more.
    func work(_ numbers: [Int]? = nil) async throws {
        for _ in 0..<20 {
            let before = ledger.contents
            for number in numbers ?? Array(banks.indices) { try await work(number) }
            if ledger.contents == before { return }
        }
        Testing.Issue.record("the desks do not come to an end")
    }

    /// All banks name the cycle, redeem what they have, and the end comes.
    func close(_ numbers: [Int]? = nil) async throws {
        for number in numbers ?? Array(banks.indices) { try banks[number].journal().add(cycle) }
        try await work(numbers)
        ledger.pass(to: cycle.closesAt + 5)
        try await work(numbers)
    }

    func pairs(_ bank: Int) throws -> [NetPair] { try banks[bank].journal().pairs(of: cycle.id) }

    func pair(_ bank: Int, _ other: Int) throws -> NetPair {
        try #require(try pairs(bank).first { $0.other == banks[other].member.token })
    }

    func states(_ bank: Int) throws -> [NetPair.State] { try pairs(bank).map(\.state) }

    /// The payments in a bank's outbox, by name.
    func outbox(_ bank: Int) throws -> [String: String] {
        let folder = banks[bank].folder.outbox
        var found: [String: String] = [:]
        for name in try FileManager.default.contentsOfDirectory(atPath: folder) {
            found[name] = try String(contentsOfFile: folder + "/" + name, encoding: .utf8)
        }
        return found
    }

    /// Puts a file into a bank's inbox, old enough to be taken at once.
    func drop(_ bank: Int, _ name: String, _ text: String) throws {
        let path = banks[bank].folder.inbox + "/" + name
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        try FileManager.default.setAttributes(
            [.modificationDate: Date(timeIntervalSince1970: TimeInterval(ledger.now - 100))],
            ofItemAtPath: path)
    }

    /// The payment system tells the debtor what became of its payment.
    func answer(_ bank: Int, _ pair: NetPair, _ code: String, reason: String? = nil) throws {
        try drop(
            bank, "pacs.002-\(pair.messageID).xml",
            """
            <?xml version="1.0" encoding="UTF-8"?>
            <Document xmlns="urn:iso:std:iso:20022:tech:xsd:pacs.002.001.10"><FIToFIPmtStsRpt>
            <GrpHdr><MsgId>ANSWER-\(pair.id)</MsgId><CreDtTm>2025-11-24T17:00:00Z</CreDtTm></GrpHdr>
            <TxInfAndSts><OrgnlGrpInf><OrgnlMsgId>\(pair.messageID)</OrgnlMsgId><OrgnlMsgNmId>pacs.009.001.08</OrgnlMsgNmId></OrgnlGrpInf>
            <OrgnlEndToEndId>\(pair.messageID)</OrgnlEndToEndId><TxSts>\(code)</TxSts>
            \(reason.map { "<StsRsnInf><Rsn><Cd>\($0)</Cd></Rsn></StsRsnInf>" } ?? "")</TxInfAndSts>
            </FIToFIPmtStsRpt></Document>
            """)
    }

    /// A bank's account was booked.
    func book(_ bank: Int, _ pair: NetPair, _ amount: String, isCredit: Bool) throws {
        try drop(
            bank, "camt.054-\(pair.messageID)-\(isCredit).xml",
            Message.notification(
                "B-\(pair.messageID.suffix(30))",
                [
                    Message.Entry(
                        amount: amount, reference: "S-\(pair.messageID.suffix(30))",
                        isCredit: isCredit, endToEnd: pair.messageID)
                ]))
    }
}
