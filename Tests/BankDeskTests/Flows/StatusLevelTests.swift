import Ledger
import Testing

@testable import BankDesk

/// What a bank says of a file, of an instruction in it and of its payments, in one message.
@Suite struct StatusLevelTests {
    /// Why, as a message has it.
    private static func reason(_ code: String) -> String {
        code.isEmpty ? "" : "<StsRsnInf><Rsn>\(code)</Rsn></StsRsnInf>"
    }

    private static func code(_ code: String) -> String { reason("<Cd>\(code)</Cd>") }

    private static func own(_ word: String) -> String { reason("<Prtry>\(word)</Prtry>") }

    /// A pain.002: what it says of the file, of its instruction and of its payments.
    private static func status(
        of file: String, _ group: String, _ instruction: String = "", _ payments: String = ""
    ) -> String {
        """
        <?xml version="1.0" encoding="UTF-8"?>
        <Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.10"><CstmrPmtStsRpt>
        <GrpHdr><MsgId>P</MsgId><CreDtTm>2025-11-24T12:00:00Z</CreDtTm></GrpHdr>
        <OrgnlGrpInfAndSts><OrgnlMsgId>\(file)</OrgnlMsgId><OrgnlMsgNmId>pain.001.001.09</OrgnlMsgNmId>\(group)</OrgnlGrpInfAndSts>
        <OrgnlPmtInfAndSts><OrgnlPmtInfId>\(file)-1</OrgnlPmtInfId>\(instruction)\(payments)</OrgnlPmtInfAndSts>
        </CstmrPmtStsRpt></Document>
        """
    }

    /// A pacs.002 about several files.
    private static func status(_ files: [(String, String)], _ payments: [String]) -> String {
        let groups = files.map { file, said in
            "<OrgnlGrpInfAndSts><OrgnlMsgId>\(file)</OrgnlMsgId><OrgnlMsgNmId>pain.001</OrgnlMsgNmId>\(said)</OrgnlGrpInfAndSts>"
        }
        return """
            <?xml version="1.0" encoding="UTF-8"?>
            <Document xmlns="urn:iso:std:iso:20022:tech:xsd:pacs.002.001.10"><FIToFIPmtStsRpt>
            <GrpHdr><MsgId>P</MsgId><CreDtTm>2025-11-24T12:00:00Z</CreDtTm></GrpHdr>
            \(groups.joined())\(payments.joined())</FIToFIPmtStsRpt></Document>
            """
    }

    private static func payment(
        _ number: String, _ status: String, of file: String? = nil
    ) -> String {
        let group = file.map {
            "<OrgnlGrpInf><OrgnlMsgId>\($0)</OrgnlMsgId><OrgnlMsgNmId>pain.001</OrgnlMsgNmId></OrgnlGrpInf>"
        }
        return """
            <TxInfAndSts>\(group ?? "")<OrgnlEndToEndId>\(number)</OrgnlEndToEndId><TxSts>\(status)</TxSts></TxInfAndSts>
            """
    }

    /// A desk that has asked for payments of one customer, in as many files.
    private func bench(_ files: Int = 1) async throws -> (Bench, [String]) {
        let (bench, mill) = try Bench.withMill()
        bench.ledger.set {
            $0.balances[mill.address] = 100_000
            $0.supply = 100_000
        }
        var names: [String] = []
        for number in 0..<files {
            for _ in 0..<2 {
                bench.ledger.redeem(
                    UInt128(1000 * (number + 1)), by: mill.address, payout: mill.payout)
            }
            let before = Set(names)
            try await bench.work()
            let all = try bench.files(bench.folder.outbox).keys.map {
                String($0.dropFirst("pain.001-".count).dropLast(".xml".count))
            }
            names += all.filter { !before.contains($0) }
        }
        return (bench, names)
    }

    private static let refused = "<GrpSts>RJCT</GrpSts>"

    private static let duplicates: [(group: String, instruction: String, payments: String)] = [
        // The reason stands further down than the refusal.
        (refused, "<PmtInfSts>RJCT</PmtInfSts>" + code("DU02"), ""),
        (refused, code("AM05"), ""),
        (refused, own("AM05"), ""),
        (refused, "<PmtInfSts>RJCT</PmtInfSts>", one),
        ("", "<PmtInfSts>RJCT</PmtInfSts>", one),
        // Or above one that says something else of all.
        (refused + code("DU03"), "<PmtInfSts>RJCT</PmtInfSts>" + code("MS03"), ""),
        (refused + code("MS03"), "<PmtInfSts>RJCT</PmtInfSts>" + code("DU03"), ""),
        (refused + own("DU01"), "", ""), (refused + own("DU01 - double message"), "", ""),
    ]

    private static let one =
        "<TxInfAndSts><OrgnlEndToEndId>1</OrgnlEndToEndId><TxSts>RJCT</TxSts>\(code("AM05"))</TxInfAndSts>"

    @Test(arguments: duplicates.indices)
    func `nothing goes back for a file that the bank has already, wherever it says so`(
        index: Int
    ) async throws {
        let (bench, files) = try await bench()
        let said = Self.duplicates[index]
        try await bench.tell(
            Self.status(of: files[0], said.group, said.instruction, said.payments))
        #expect(try bench.standing() == ["sent", "sent"])
        #expect(Set(try bench.reasons()) == ["told-twice"])
    }

    @Test func `what is refused for another reason on two levels goes back`() async throws {
        let (bench, files) = try await bench()
        try await bench.tell(
            Self.status(
                of: files[0], Self.refused, "<PmtInfSts>RJCT</PmtInfSts>" + Self.code("AC04")))
        #expect(try bench.standing() == ["rejected", "rejected"])
        #expect(try bench.reasons().isEmpty)
    }

    @Test func `one message tells of several files, each with its own reason`() async throws {
        let (bench, files) = try await bench(3)
        try await bench.tell(
            Self.status(
                [
                    (files[0], Self.refused + Self.code("DU01")),
                    (files[1], Self.refused + Self.code("AC04")), (files[2], ""),
                ],
                [
                    Self.payment("1", "RJCT", of: files[0]),
                    Self.payment("5", "ACSC", of: files[2]),
                ]))
        #expect(
            try bench.standing() == ["sent", "sent", "rejected", "rejected", "settled", "sent"])
        #expect(Set(try bench.reasons()) == ["told-twice"])
    }

    @Test func `a payment that names no file is of the one that asked for it`() async throws {
        let (bench, files) = try await bench(3)
        try await bench.tell(
            Self.status(
                [(files[0], Self.code("DU01")), (files[1], "")],
                // The last one's file is not among them: it is another's payment of that name.
                [
                    Self.payment("1", "RJCT"), Self.payment("3", "ACSC"), Self.payment("5", "RJCT"),
                ]))
        #expect(try bench.standing() == ["sent", "sent", "settled", "sent", "sent", "sent"])
        #expect(Set(try bench.reasons()) == ["told-twice", "unknown-payment"])
    }

    @Test func `of one file the payments that name none are of that one`() async throws {
        let (bench, files) = try await bench()
        try await bench.tell(
            Self.status([(files[0], "")], [Self.payment("1", "ACSC"), Self.payment("2", "RJCT")]))
        #expect(try bench.standing() == ["settled", "rejected"])
    }

    /// A payment by no name that the desk gave it.
    private static func nameless(_ status: String) -> String {
        "<TxInfAndSts><OrgnlInstrId>7</OrgnlInstrId><TxSts>\(status)</TxSts></TxInfAndSts>"
    }

    @Test(arguments: [
        ("ACSC", "RJCT", 2), ("RJCT", "ACSC", 2), ("RJCT", "PDNG", 1), ("ACSC", "ACSP", 1),
    ])
    func `what is said of a file counts for none where it is not known which is excepted`(
        code: String, other: String, cases: Int
    ) async throws {
        let (bench, files) = try await bench()
        try await bench.tell(
            Self.status(of: files[0], "<GrpSts>\(code)</GrpSts>", "", Self.nameless(other)))
        // It may be either of the two. Of what is under way alone nobody else would be told.
        #expect(try bench.standing() == ["sent", "sent"])
        #expect(
            try bench.reasons() == Array(repeating: "unknown-payment", count: cases))
    }

    @Test func `a payment without a name of which the same is said excepts nothing`() async throws {
        let (bench, files) = try await bench()
        try await bench.tell(
            Self.status(of: files[0], Self.refused, "", Self.nameless("RJCT")))
        #expect(try bench.standing() == ["rejected", "rejected"])
    }

    @Test func `of several files one without a name may be any's`() async throws {
        let (bench, files) = try await bench(2)
        try await bench.tell(
            Self.status(
                [(files[0], Self.refused + Self.code("AC04")), (files[1], "")],
                [Self.nameless("ACSC"), Self.payment("2", "RJCT")]))
        #expect(try bench.standing() == ["sent", "rejected", "sent", "sent"])
        #expect(Set(try bench.reasons()) == ["unknown-payment"])
    }
}
