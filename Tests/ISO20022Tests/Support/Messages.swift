import ISO20022

/// Small messages of our own, one for each kind and version, valid by the official schemas.
enum Messages {
    static let all: [MessageDefinition] = MessageKind.allCases.flatMap { kind in
        MessageDefinition.versions(of: kind).map { MessageDefinition(kind, version: $0) }
    }

    /// A message with all that the reader looks at.
    static func text(_ definition: MessageDefinition) -> String {
        let version = definition.version
        return switch definition.kind {
        case .accountReport, .statement, .notification: report(definition)
        case .paymentInitiation: initiation(version: version)
        case .paymentStatus: status(version: version)
        case .interbankStatus: interbankStatus
        case .paymentReturn: paymentReturn
        case .customerTransfer: customerTransfer
        case .bankTransfer: bankTransfer
        }
    }

    static func document(_ definition: MessageDefinition, _ content: String) -> String {
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Document xmlns=\"\(definition.namespace)\">\(content)</Document>\n"
    }

    // Reports on accounts.

    /// A report with an entry of a payment in pieces and one without details.
    static func report(
        _ definition: MessageDefinition, entries: String? = nil, account: String? = nil
    ) -> String {
        let (root, group) =
            switch definition.kind {
            case .accountReport: ("BkToCstmrAcctRpt", "Rpt")
            case .statement: ("BkToCstmrStmt", "Stmt")
            default: ("BkToCstmrDbtCdtNtfctn", "Ntfctn")
            }
        let balances =
            definition.kind == .notification
            ? "" : balance("OPBD", "1000.00") + balance("CLBD", "2500.50")
        let all =
            entries ?? entry(
                version: definition.version, details: details(version: definition.version))
            + entry(version: definition.version, amount: "0.50", reference: "REF-2")
        return document(
            definition,
            """
            <\(root)><GrpHdr><MsgId>MSG-1</MsgId><CreDtTm>2026-11-25T18:00:00+01:00</CreDtTm></GrpHdr>
            <\(group)><Id>RPT-1</Id><ElctrncSeqNb>96</ElctrncSeqNb><CreDtTm>2026-11-25T18:00:00</CreDtTm>
            <FrToDt><FrDtTm>2026-11-25T00:00:00</FrDtTm><ToDtTm>2026-11-25T23:59:59</ToDtTm></FrToDt>
            <Acct>\(account ?? "<Id><IBAN>DE89370400440532013000</IBAN></Id><Ccy>EUR</Ccy>")</Acct>\(balances)
            <TxsSummry><TtlNtries><NbOfNtries>2</NbOfNtries></TtlNtries></TxsSummry>
            \(all)</\(group)></\(root)>
            """)
    }

    static func balance(_ code: String, _ amount: String) -> String {
        """
        <Bal><Tp><CdOrPrtry><Cd>\(code)</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">\(amount)</Amt>\
        <CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-11-25</Dt></Dt></Bal>
        """
    }

    static func entry(
        version: Int, amount: String = "1500.00", currency: String = "EUR",
        reference: String = "REF-1",
        status: String = "BOOK", direction: String = "CRDT", details: String = ""
    ) -> String {
        """
        <Ntry><Amt Ccy="\(currency)">\(amount)</Amt><CdtDbtInd>\(direction)</CdtDbtInd>\
        <Sts>\(version < 8 ? status : "<Cd>\(status)</Cd>")</Sts><BookgDt><Dt>2026-11-25</Dt></BookgDt>\
        <AcctSvcrRef>\(reference)</AcctSvcrRef><BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>RCDT</Cd>\
        <SubFmlyCd>ESCT</SubFmlyCd></Fmly></Domn></BkTxCd>\(details)</Ntry>

        """
    }

    static func details(version: Int, amounts: [String] = ["1000.00", "500.00"]) -> String {
        let transactions = amounts.enumerated().map { index, amount in
            transaction(version: version, amount: amount, reference: "REF-1-\(index)")
        }
        return """
            <NtryDtls><Btch><NbOfTxs>\(amounts.count)</NbOfTxs></Btch>\(transactions.joined())</NtryDtls>
            """
    }

    static func transaction(version: Int, amount: String, reference: String) -> String {
        let money = "<Amt Ccy=\"EUR\">\(amount)</Amt>"
        let party =
            version < 8 ? "<Nm>Müller &amp; Söhne</Nm>" : "<Pty><Nm>Müller &amp; Söhne</Nm></Pty>"
        let bank = version < 4 ? "<BIC>COBADEFFXXX</BIC>" : "<BICFI>COBADEFFXXX</BICFI>"
        return """
            <TxDtls><Refs><AcctSvcrRef>\(reference)</AcctSvcrRef><EndToEndId>NOTPROVIDED</EndToEndId></Refs>
            \(version < 4 ? "<AmtDtls><TxAmt>\(money)</TxAmt></AmtDtls>" : money + "<CdtDbtInd>CRDT</CdtDbtInd>")
            <RltdPties><Dbtr>\(party)</Dbtr><CdtrAcct><Id><IBAN>CH2909000000250094239</IBAN></Id></CdtrAcct></RltdPties>
            <RltdAgts><DbtrAgt><FinInstnId>\(bank)</FinInstnId></DbtrAgt></RltdAgts>
            <RmtInf><Ustrd>ORDER 42 LINE 3</Ustrd></RmtInf></TxDtls>
            """
    }

    // Payments.

    static func initiation(
        version: Int, count: String = "2", sum: String = "150.25",
        amounts: [String] = ["100.00", "50.25"]
    ) -> String {
        let bank = version < 9 ? "<BIC>COBADEFFXXX</BIC>" : "<BICFI>COBADEFFXXX</BICFI>"
        let date = version < 9 ? "2026-11-26" : "<Dt>2026-11-26</Dt>"
        // Purchase orders have a code from version 09 on.
        let order = version < 9 ? "<Prtry>PUOR</Prtry>" : "<Cd>PUOR</Cd>"
        let transfers = amounts.enumerated().map { index, amount in
            """
            <CdtTrfTxInf><PmtId><InstrId>I-\(index)</InstrId><EndToEndId>E-\(index)</EndToEndId></PmtId>
            <Amt><InstdAmt Ccy="EUR">\(amount)</InstdAmt></Amt><CdtrAgt><FinInstnId>\(bank)</FinInstnId></CdtrAgt>
            <Cdtr><Nm>Lieferant</Nm></Cdtr><CdtrAcct><Id><Othr><Id>6222021001116245702</Id></Othr></Id></CdtrAcct>
            <RmtInf><Strd><RfrdDocInf><Tp><CdOrPrtry>\(order)</CdOrPrtry></Tp><Nb>42</Nb></RfrdDocInf></Strd></RmtInf>
            </CdtTrfTxInf>
            """
        }
        return document(
            MessageDefinition(.paymentInitiation, version: version),
            """
            <CstmrCdtTrfInitn><GrpHdr><MsgId>PAIN-1</MsgId><CreDtTm>2026-11-25T10:00:00Z</CreDtTm>
            <NbOfTxs>\(count)</NbOfTxs><CtrlSum>\(sum)</CtrlSum><InitgPty><Nm>Käufer</Nm></InitgPty></GrpHdr>
            <PmtInf><PmtInfId>INF-1</PmtInfId><PmtMtd>TRF</PmtMtd><NbOfTxs>\(count)</NbOfTxs><CtrlSum>\(sum)</CtrlSum>
            <ReqdExctnDt>\(date)</ReqdExctnDt><Dbtr><Nm>Käufer</Nm></Dbtr>
            <DbtrAcct><Id><IBAN>DE89370400440532013000</IBAN></Id></DbtrAcct>
            <DbtrAgt><FinInstnId>\(bank)</FinInstnId></DbtrAgt><ChrgBr>SLEV</ChrgBr>\(transfers.joined())
            </PmtInf></CstmrCdtTrfInitn>
            """)
    }

    static func status(version: Int) -> String {
        let uetr =
            version < 10 ? "" : "<OrgnlUETR>eb6305c9-1f7f-49de-aed0-16487c27b42d</OrgnlUETR>"
        return document(
            MessageDefinition(.paymentStatus, version: version),
            """
            <CstmrPmtStsRpt><GrpHdr><MsgId>STS-1</MsgId><CreDtTm>2026-11-25T11:00:00Z</CreDtTm></GrpHdr>
            <OrgnlGrpInfAndSts><OrgnlMsgId>PAIN-1</OrgnlMsgId><OrgnlMsgNmId>pain.001.001.09</OrgnlMsgNmId>
            <GrpSts>PART</GrpSts></OrgnlGrpInfAndSts>
            <OrgnlPmtInfAndSts><OrgnlPmtInfId>INF-1</OrgnlPmtInfId>
            <TxInfAndSts><OrgnlEndToEndId>E-0</OrgnlEndToEndId>\(uetr)<TxSts>ACSC</TxSts>
            <AccptncDtTm>2026-11-25T10:30:00Z</AccptncDtTm><AcctSvcrRef>S-0</AcctSvcrRef></TxInfAndSts>
            <TxInfAndSts><OrgnlEndToEndId>E-1</OrgnlEndToEndId><TxSts>RJCT</TxSts>
            <StsRsnInf><Rsn><Cd>AC04</Cd></Rsn><AddtlInf>closed last year</AddtlInf></StsRsnInf>
            <OrgnlTxRef><Amt><InstdAmt Ccy="EUR">50.25</InstdAmt></Amt></OrgnlTxRef></TxInfAndSts>
            </OrgnlPmtInfAndSts></CstmrPmtStsRpt>
            """)
    }

    static let interbankStatus = document(
        MessageDefinition(.interbankStatus, version: 10),
        """
        <FIToFIPmtStsRpt><GrpHdr><MsgId>P2-1</MsgId><CreDtTm>2026-11-25T11:00:00Z</CreDtTm></GrpHdr>
        <TxInfAndSts><OrgnlGrpInf><OrgnlMsgId>P9-1</OrgnlMsgId><OrgnlMsgNmId>pacs.009.001.08</OrgnlMsgNmId></OrgnlGrpInf>
        <OrgnlEndToEndId>CYCLE-7</OrgnlEndToEndId><OrgnlUETR>eb6305c9-1f7f-49de-aed0-16487c27b42d</OrgnlUETR>
        <TxSts>ACCC</TxSts></TxInfAndSts></FIToFIPmtStsRpt>
        """)

    static let paymentReturn = document(
        MessageDefinition(.paymentReturn, version: 9),
        """
        <PmtRtr><GrpHdr><MsgId>P4-1</MsgId><CreDtTm>2026-11-25T11:00:00Z</CreDtTm><NbOfTxs>1</NbOfTxs>
        <SttlmInf><SttlmMtd>CLRG</SttlmMtd></SttlmInf></GrpHdr>
        <TxInf><RtrId>R-1</RtrId><OrgnlGrpInf><OrgnlMsgId>P8-1</OrgnlMsgId><OrgnlMsgNmId>pacs.008</OrgnlMsgNmId></OrgnlGrpInf>
        <OrgnlEndToEndId>E-1</OrgnlEndToEndId><OrgnlIntrBkSttlmAmt Ccy="EUR">50.25</OrgnlIntrBkSttlmAmt>
        <RtrdIntrBkSttlmAmt Ccy="EUR">49.25</RtrdIntrBkSttlmAmt><IntrBkSttlmDt>2026-11-25</IntrBkSttlmDt>
        <RtrRsnInf><Rsn><Cd>AC04</Cd></Rsn></RtrRsnInf></TxInf></PmtRtr>
        """)

    static let customerTransfer = document(
        MessageDefinition(.customerTransfer, version: 8),
        """
        <FIToFICstmrCdtTrf><GrpHdr><MsgId>P8-1</MsgId><CreDtTm>2026-11-25T11:00:00Z</CreDtTm><NbOfTxs>1</NbOfTxs>
        <TtlIntrBkSttlmAmt Ccy="EUR">50.25</TtlIntrBkSttlmAmt><IntrBkSttlmDt>2026-11-25</IntrBkSttlmDt>
        <SttlmInf><SttlmMtd>CLRG</SttlmMtd></SttlmInf></GrpHdr>
        <CdtTrfTxInf><PmtId><EndToEndId>E-1</EndToEndId><TxId>T-1</TxId></PmtId>
        <IntrBkSttlmAmt Ccy="EUR">50.25</IntrBkSttlmAmt><ChrgBr>SLEV</ChrgBr><Dbtr><Nm>Käufer</Nm></Dbtr>
        <DbtrAcct><Id><IBAN>DE89370400440532013000</IBAN></Id></DbtrAcct>
        <DbtrAgt><FinInstnId><BICFI>COBADEFFXXX</BICFI></FinInstnId></DbtrAgt>
        <CdtrAgt><FinInstnId><BICFI>POFICHBEXXX</BICFI></FinInstnId></CdtrAgt><Cdtr><Nm>Lieferant</Nm></Cdtr>
        <CdtrAcct><Id><IBAN>CH2909000000250094239</IBAN></Id></CdtrAcct></CdtTrfTxInf></FIToFICstmrCdtTrf>
        """)

    static let bankTransfer = document(
        MessageDefinition(.bankTransfer, version: 8),
        """
        <FICdtTrf><GrpHdr><MsgId>P9-1</MsgId><CreDtTm>2026-11-25T11:00:00Z</CreDtTm><NbOfTxs>1</NbOfTxs>
        <SttlmInf><SttlmMtd>CLRG</SttlmMtd></SttlmInf></GrpHdr>
        <CdtTrfTxInf><PmtId><EndToEndId>CYCLE-7</EndToEndId><UETR>eb6305c9-1f7f-49de-aed0-16487c27b42d</UETR></PmtId>
        <IntrBkSttlmAmt Ccy="CNY">1000000.00</IntrBkSttlmAmt><IntrBkSttlmDt>2026-11-25</IntrBkSttlmDt>
        <Dbtr><FinInstnId><BICFI>BKCHCNBJXXX</BICFI></FinInstnId></Dbtr>
        <Cdtr><FinInstnId><BICFI>ICBKCNBJXXX</BICFI></FinInstnId></Cdtr></CdtTrfTxInf></FICdtTrf>
        """)

    /// A message in an envelope with an application header.
    static func enveloped(
        _ definition: MessageDefinition, announced: MessageDefinition? = nil,
        envelope: String = "RequestPayload"
    ) -> String {
        let message = text(definition).split(separator: "\n").dropFirst().joined(separator: "\n")
        return """
            <?xml version="1.0" encoding="UTF-8"?>
            <\(envelope)><AppHdr xmlns="urn:iso:std:iso:20022:tech:xsd:head.001.001.02">
            <Fr><FIId><FinInstnId><BICFI>COBADEFFXXX</BICFI></FinInstnId></FIId></Fr>
            <To><FIId><FinInstnId><BICFI>POFICHBEXXX</BICFI></FinInstnId></FIId></To>
            <BizMsgIdr>MSG-1</BizMsgIdr><MsgDefIdr>\((announced ?? definition).identifier)</MsgDefIdr>
            <CreDt>2026-11-25T11:00:00Z</CreDt></AppHdr>
            \(message)</\(envelope)>
            """
    }
}
