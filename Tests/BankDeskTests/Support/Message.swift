/// Messages as a bank would send them, with as little in them as will do.
struct Message {
    /// A movement of the account.
    struct Entry {
        var amount: String
        var reference: String?
        var isCredit = true
        var status = "BOOK"
        var currency = "EUR"
        /// Empty where the bank tells none.
        var day = "2025-11-24"
        var remittance = ""
        var creditorReference: String?
        var creditorAccount: String?
        var endToEnd = "NOTPROVIDED"
        var isReversal = false
        /// A payment file that the bank booked as one, without telling its payments.
        var batch: String?
        /// Payments of a collective booking: amount, reference, virtual account.
        var parts: [(amount: String, reference: String?, account: String)] = []

        /// A payment to the customer that has a virtual account.
        static func credit(_ amount: String, _ reference: String?) -> Entry {
            Entry(amount: amount, reference: reference, creditorAccount: Bench.virtual)
        }

        /// What a payment order took from the account.
        static func debit(_ amount: String, _ reference: String?, of redemption: String) -> Entry {
            Entry(amount: amount, reference: reference, isCredit: false, endToEnd: redemption)
        }
    }

    static func notification(
        _ id: String, _ entries: [Entry], followedBy more: [Entry] = [],
        account: String = Bench.account, created: String = "2025-11-24T10:00:00Z"
    ) -> String {
        """
        <?xml version="1.0" encoding="UTF-8"?>
        <Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.054.001.08"><BkToCstmrDbtCdtNtfctn>
        <GrpHdr><MsgId>\(id)</MsgId><CreDtTm>\(created)</CreDtTm></GrpHdr>
        \(Self.account(account, id, created, entries))
        \(more.isEmpty ? "" : Self.account(account, id + "-2", created, more))
        </BkToCstmrDbtCdtNtfctn></Document>
        """
    }

    private static func account(
        _ account: String, _ id: String, _ created: String, _ entries: [Entry]
    ) -> String {
        """
        <Ntfctn><Id>\(id)</Id><CreDtTm>\(created)</CreDtTm><Acct><Id><IBAN>\(account)</IBAN></Id></Acct>
        \(entries.map(entry).joined(separator: "\n"))
        </Ntfctn>
        """
    }

    static func statement(
        _ id: String, _ entries: [Entry], opening: String? = nil, closing: String,
        isDebit: Bool = false, day: String = "2025-11-24", summary: Int? = nil
    ) -> String {
        """
        <?xml version="1.0" encoding="UTF-8"?>
        <Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt>
        <GrpHdr><MsgId>\(id)</MsgId><CreDtTm>\(day)T20:00:00Z</CreDtTm></GrpHdr>
        <Stmt><Id>\(id)</Id><CreDtTm>\(day)T20:00:00Z</CreDtTm>
        <Acct><Id><IBAN>\(Bench.account)</IBAN></Id></Acct>
        \(opening.map { balance("OPBD", $0, day) } ?? "")\(balance("CLBD", closing, day, isDebit))
        \(summary.map { "<TxsSummry><TtlNtries><NbOfNtries>\($0)</NbOfNtries></TtlNtries></TxsSummry>" } ?? "")
        \(entries.map(entry).joined(separator: "\n"))
        </Stmt></BkToCstmrStmt></Document>
        """
    }

    private static func balance(
        _ code: String, _ amount: String, _ day: String, _ isDebit: Bool = false
    ) -> String {
        """
        <Bal><Tp><CdOrPrtry><Cd>\(code)</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">\(amount)</Amt>
        <CdtDbtInd>\(isDebit ? "DBIT" : "CRDT")</CdtDbtInd><Dt><Dt>\(day)</Dt></Dt></Bal>
        """
    }

    /// Payments that came back between banks.
    static func returned(_ id: String, _ endToEnds: [String]) -> String {
        let payments = endToEnds.map { name in
            """
            <TxInf><OrgnlEndToEndId>\(name)</OrgnlEndToEndId>
            <RtrdIntrBkSttlmAmt Ccy="EUR">49.25</RtrdIntrBkSttlmAmt>
            <RtrRsnInf><Rsn><Cd>AC04</Cd></Rsn></RtrRsnInf></TxInf>
            """
        }.joined()
        return """
            <?xml version="1.0" encoding="UTF-8"?>
            <Document xmlns="urn:iso:std:iso:20022:tech:xsd:pacs.004.001.09"><PmtRtr>
            <GrpHdr><MsgId>\(id)</MsgId><CreDtTm>2025-11-24T11:00:00Z</CreDtTm><NbOfTxs>\(endToEnds.count)</NbOfTxs>
            <SttlmInf><SttlmMtd>CLRG</SttlmMtd></SttlmInf></GrpHdr>\(payments)</PmtRtr></Document>
            """
    }

    static func status(
        _ id: String, of original: String,
        _ statuses: [(endToEnd: String, code: String, reason: String?)] = [],
        file: (code: String, reason: String)? = nil
    ) -> String {
        let group = file.map { one in
            """
            <GrpSts>\(one.code)</GrpSts><StsRsnInf><Rsn><Cd>\(one.reason)</Cd></Rsn></StsRsnInf>
            """
        }
        let transactions = statuses.map { one in
            """
            <TxInfAndSts><OrgnlEndToEndId>\(one.endToEnd)</OrgnlEndToEndId><TxSts>\(one.code)</TxSts>
            \(one.reason.map { "<StsRsnInf><Rsn><Cd>\($0)</Cd></Rsn></StsRsnInf>" } ?? "")</TxInfAndSts>
            """
        }.joined()
        return """
            <?xml version="1.0" encoding="UTF-8"?>
            <Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.10"><CstmrPmtStsRpt>
            <GrpHdr><MsgId>\(id)</MsgId><CreDtTm>2025-11-24T12:00:00Z</CreDtTm></GrpHdr>
            <OrgnlGrpInfAndSts><OrgnlMsgId>\(original)</OrgnlMsgId><OrgnlMsgNmId>pain.001.001.09</OrgnlMsgNmId>\(group ?? "")</OrgnlGrpInfAndSts>
            \(statuses.isEmpty ? "" : """
                <OrgnlPmtInfAndSts><OrgnlPmtInfId>\(original)-1</OrgnlPmtInfId>\(transactions)</OrgnlPmtInfAndSts>
                """)
            </CstmrPmtStsRpt></Document>
            """
    }

    private static func entry(_ entry: Entry) -> String {
        let direction = entry.isCredit ? "CRDT" : "DBIT"
        let details =
            entry.parts.isEmpty
            ? transaction(entry, nil)
            : entry.parts.map { transaction(entry, $0) }.joined()
        return """
            <Ntry><Amt Ccy="\(entry.currency)">\(entry.amount)</Amt><CdtDbtInd>\(direction)</CdtDbtInd>
            \(entry.isReversal ? "<RvslInd>true</RvslInd>" : "")
            <Sts><Cd>\(entry.status)</Cd></Sts>
            \(entry.day.isEmpty ? "" : "<BookgDt><Dt>\(entry.day)</Dt></BookgDt>")
            \(entry.reference.map { "<AcctSvcrRef>\($0)</AcctSvcrRef>" } ?? "")
            <BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>RCDT</Cd><SubFmlyCd>ESCT</SubFmlyCd></Fmly></Domn></BkTxCd>
            <NtryDtls>\(entry.batch.map { "<Btch><MsgId>\($0)</MsgId></Btch>" } ?? details)</NtryDtls></Ntry>
            """
    }

    private static func transaction(
        _ entry: Entry, _ part: (amount: String, reference: String?, account: String)?
    ) -> String {
        let direction = entry.isCredit ? "CRDT" : "DBIT"
        let account = part?.account ?? entry.creditorAccount
        return """
            <TxDtls><Refs>\(part?.reference.map { "<AcctSvcrRef>\($0)</AcctSvcrRef>" } ?? "")
            <EndToEndId>\(entry.endToEnd)</EndToEndId></Refs>
            <Amt Ccy="\(entry.currency)">\(part?.amount ?? entry.amount)</Amt><CdtDbtInd>\(direction)</CdtDbtInd>
            <RltdPties><Dbtr><Pty><Nm>Some Payer</Nm></Pty></Dbtr>
            \(account.map { "<CdtrAcct><Id><IBAN>\($0)</IBAN></Id></CdtrAcct>" } ?? "")</RltdPties>
            <RmtInf>\(entry.remittance.isEmpty ? "" : "<Ustrd>\(entry.remittance)</Ustrd>")
            \(entry.creditorReference.map { "<Strd><CdtrRefInf><Ref>\($0)</Ref></CdtrRefInf></Strd>" } ?? "")</RmtInf>
            </TxDtls>
            """
    }
}
