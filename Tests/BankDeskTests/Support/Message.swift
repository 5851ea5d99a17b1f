/// Messages as a bank would send them, with as little in them as will do.
struct Message {
    /// A movement of the account.
    struct Entry {
        var amount: String
        var reference: String?
        var isCredit = true
        var status = "BOOK"
        var currency = "EUR"
        var day = "2025-11-24"
        var remittance = ""
        var creditorReference: String?
        var creditorAccount: String?
        var endToEnd = "NOTPROVIDED"
        var isReversal = false
        /// Payments of a collective booking: amount, reference, virtual account.
        var parts: [(amount: String, reference: String?, account: String)] = []
    }

    static func notification(
        _ id: String, _ entries: [Entry], account: String = Bench.account,
        created: String = "2025-11-24T10:00:00Z"
    ) -> String {
        """
        <?xml version="1.0" encoding="UTF-8"?>
        <Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.054.001.08"><BkToCstmrDbtCdtNtfctn>
        <GrpHdr><MsgId>\(id)</MsgId><CreDtTm>\(created)</CreDtTm></GrpHdr>
        <Ntfctn><Id>\(id)</Id><CreDtTm>\(created)</CreDtTm><Acct><Id><IBAN>\(account)</IBAN></Id></Acct>
        \(entries.map(entry).joined(separator: "\n"))
        </Ntfctn></BkToCstmrDbtCdtNtfctn></Document>
        """
    }

    static func statement(
        _ id: String, _ entries: [Entry], closing: String, isDebit: Bool = false,
        day: String = "2025-11-24"
    ) -> String {
        """
        <?xml version="1.0" encoding="UTF-8"?>
        <Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt>
        <GrpHdr><MsgId>\(id)</MsgId><CreDtTm>\(day)T20:00:00Z</CreDtTm></GrpHdr>
        <Stmt><Id>\(id)</Id><CreDtTm>\(day)T20:00:00Z</CreDtTm>
        <Acct><Id><IBAN>\(Bench.account)</IBAN></Id></Acct>
        <Bal><Tp><CdOrPrtry><Cd>CLBD</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">\(closing)</Amt>
        <CdtDbtInd>\(isDebit ? "DBIT" : "CRDT")</CdtDbtInd><Dt><Dt>\(day)</Dt></Dt></Bal>
        \(entries.map(entry).joined(separator: "\n"))
        </Stmt></BkToCstmrStmt></Document>
        """
    }

    static func status(
        _ id: String, of original: String,
        _ statuses: [(endToEnd: String, code: String, reason: String?)]
    )
        -> String
    {
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
            <OrgnlGrpInfAndSts><OrgnlMsgId>\(original)</OrgnlMsgId><OrgnlMsgNmId>pain.001.001.09</OrgnlMsgNmId></OrgnlGrpInfAndSts>
            <OrgnlPmtInfAndSts><OrgnlPmtInfId>\(original)-1</OrgnlPmtInfId>\(transactions)</OrgnlPmtInfAndSts>
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
            <Sts><Cd>\(entry.status)</Cd></Sts><BookgDt><Dt>\(entry.day)</Dt></BookgDt>
            \(entry.reference.map { "<AcctSvcrRef>\($0)</AcctSvcrRef>" } ?? "")
            <BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>RCDT</Cd><SubFmlyCd>ESCT</SubFmlyCd></Fmly></Domn></BkTxCd>
            <NtryDtls>\(details)</NtryDtls></Ntry>
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
