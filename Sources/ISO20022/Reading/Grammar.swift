/// Which children elements have, of all versions together: what differs between versions is checked where it is read.
///
/// Elements that are not here are passed over with all that is in them.
/// - Source: the schemas of camt.052 to camt.054 (02, 04, 08), pain.001 (03, 09), pain.002 (03, 10), pacs.002.001.10,
///   pacs.004.001.09, pacs.008.001.08, pacs.009.001.08 and head.001.001.02.
enum Grammar {
    /// The element below `Document`.
    static func message(_ kind: MessageKind) -> (root: Tag, model: ContentModel) {
        switch kind {
        case .accountReport: (.bkToCstmrAcctRpt, accountReport)
        case .statement: (.bkToCstmrStmt, statement)
        case .notification: (.bkToCstmrDbtCdtNtfctn, notification)
        case .paymentInitiation: (.cstmrCdtTrfInitn, paymentInitiation)
        case .paymentStatus: (.cstmrPmtStsRpt, paymentStatus)
        case .interbankStatus: (.fiToFIPmtStsRpt, interbankStatus)
        case .paymentReturn: (.pmtRtr, paymentReturn)
        case .customerTransfer: (.fiToFICstmrCdtTrf, transfers)
        case .bankTransfer: (.fiCdtTrf, transfers)
        }
    }

    static let accountReport = ContentModel("GrpHdr Rpt+ SplmtryData*")
    static let statement = ContentModel("GrpHdr Stmt+ SplmtryData*")
    static let notification = ContentModel("GrpHdr Ntfctn+ SplmtryData*")
    static let paymentInitiation = ContentModel("GrpHdr PmtInf+ SplmtryData*")
    static let paymentStatus = ContentModel(
        "GrpHdr OrgnlGrpInfAndSts OrgnlPmtInfAndSts* SplmtryData*")
    static let interbankStatus = ContentModel("GrpHdr OrgnlGrpInfAndSts* TxInfAndSts* SplmtryData*")
    static let paymentReturn = ContentModel("GrpHdr OrgnlGrpInf? TxInf* SplmtryData*")
    static let transfers = ContentModel("GrpHdr CdtTrfTxInf+ SplmtryData*")

    // Accounts.
    static let accountHeader = ContentModel(
        "MsgId CreDtTm MsgRcpt? MsgPgntn? OrgnlBizQry? AddtlInf?")
    static let pagination = ContentModel("PgNb LastPgInd")
    static let account = ContentModel(
        """
        Id StmtPgntn|RptPgntn|NtfctnPgntn? ElctrncSeqNb? RptgSeq? LglSeqNb? CreDtTm? FrToDt? CpyDplctInd? RptgSrc?
        Acct RltdAcct? Intrst* Bal* TxsSummry? Ntry* AddtlStmtInf|AddtlRptInf|AddtlNtfctnInf?
        """)
    static let period = ContentModel("FrDtTm ToDtTm")
    static let balance = ContentModel("Tp CdtLine* Amt CdtDbtInd Dt Avlbty*")
    static let balanceType = ContentModel("CdOrPrtry SubTp?")
    static let summary = ContentModel("TtlNtries? TtlCdtNtries? TtlDbtNtries? TtlNtriesPerBkTxCd*")
    static let numberAndSum = ContentModel("NbOfNtries? Sum? TtlNetNtryAmt|TtlNetNtry? CdtDbtInd?")
    static let entry = ContentModel(
        """
        NtryRef? Amt CdtDbtInd RvslInd? Sts BookgDt? ValDt? AcctSvcrRef? Avlbty* BkTxCd ComssnWvrInd? AddtlInfInd?
        AmtDtls? Chrgs* TechInptChanl? Intrst* CardTx? NtryDtls* AddtlNtryInf?
        """)
    static let entryDetails = ContentModel("Btch? TxDtls*")
    static let batch = ContentModel("MsgId? PmtInfId? NbOfTxs? TtlAmt? CdtDbtInd?")
    static let transaction = ContentModel(
        """
        Refs? Amt? CdtDbtInd? AmtDtls? Avlbty* BkTxCd? Chrgs* Intrst* RltdPties? RltdAgts? LclInstrm? Purp?
        RltdRmtInf* RmtInf? RltdDts? RltdPric? RltdQties* FinInstrmId? Tax? RtrInf? CorpActn? SfkpgAcct? CshDpst*
        CardTx? AddtlTxInf? SplmtryData*
        """)
    static let references = ContentModel(
        """
        MsgId? AcctSvcrRef? PmtInfId? InstrId? EndToEndId? UETR? TxId? MndtId? ChqNb? ClrSysRef? AcctOwnrTxId?
        AcctSvcrTxId? MktInfrstrctrTxId? PrcgId? Prtry*
        """)
    static let amountDetails = ContentModel("InstdAmt? TxAmt? CntrValAmt? AnncdPstngAmt? PrtryAmt*")
    static let amountDetail = ContentModel("Amt CcyXchg?")
    static let transactionCode = ContentModel("Domn? Prtry?")
    static let domain = ContentModel("Cd Fmly")
    static let family = ContentModel("Cd SubFmlyCd")
    static let proprietaryCode = ContentModel("Cd Issr?")
    static let parties = ContentModel(
        "InitgPty? Dbtr? DbtrAcct? UltmtDbtr? Cdtr? CdtrAcct? UltmtCdtr? TradgPty? Prtry*")
    static let agents = ContentModel(
        """
        InstgAgt? InstdAgt? DbtrAgt? CdtrAgt? IntrmyAgt1? IntrmyAgt2? IntrmyAgt3? RcvgAgt? DlvrgAgt? IssgAgt?
        SttlmPlc? Prtry*
        """)
    static let returnInformation = ContentModel("OrgnlBkTxCd? Orgtr? Rsn? AddtlInf*")

    // What all messages are made of.
    static let codeOrProprietary = ContentModel("Cd|Prtry")
    static let dayOrTime = ContentModel("Dt|DtTm")
    static let partyOrAgent = ContentModel("Pty|Agt")
    static let party = ContentModel("Nm? PstlAdr? Id? CtryOfRes? CtctDtls?")
    static let address = ContentModel(
        """
        AdrTp? Dept? SubDept? StrtNm? BldgNb? BldgNm? Flr? PstBx? Room? PstCd? TwnNm? TwnLctnNm? DstrctNm?
        CtrySubDvsn? Ctry? AdrLine*
        """)
    static let partyID = ContentModel("OrgId|PrvtId")
    static let organisation = ContentModel("BICOrBEI|AnyBIC? LEI? Othr*")
    static let otherID = ContentModel("Id SchmeNm? Issr?")
    static let institution = ContentModel("FinInstnId BrnchId?")
    static let institutionID = ContentModel("BIC|BICFI? ClrSysMmbId? LEI? Nm? PstlAdr? Othr?")
    static let clearingMember = ContentModel("ClrSysId? MmbId")
    static let cashAccount = ContentModel("Id Tp? Ccy? Nm? Prxy? Ownr? Svcr?")
    static let accountID = ContentModel("IBAN|Othr")
    static let proxy = ContentModel("Tp? Id")
    static let remittance = ContentModel("Ustrd* Strd*")
    static let structured = ContentModel(
        "RfrdDocInf* RfrdDocAmt? CdtrRefInf? Invcr? Invcee? TaxRmt? GrnshmtRmt? AddtlRmtInf*")
    static let document = ContentModel("Tp? Nb? RltdDt? LineDtls*")
    static let documentType = ContentModel("CdOrPrtry Issr?")
    static let documentLine = ContentModel("Id+ Desc? Amt?")
    static let documentLineID = ContentModel("Tp? Nb? RltdDt?")
    static let creditorReference = ContentModel("Tp? Ref?")

    // Payments.
    static let initiationHeader = ContentModel(
        "MsgId CreDtTm Authstn* NbOfTxs CtrlSum? InitgPty FwdgAgt?")
    static let instruction = ContentModel(
        """
        PmtInfId PmtMtd BtchBookg? NbOfTxs? CtrlSum? PmtTpInf? ReqdExctnDt PoolgAdjstmntDt? Dbtr DbtrAcct DbtrAgt
        DbtrAgtAcct? InstrForDbtrAgt? UltmtDbtr? ChrgBr? ChrgsAcct? ChrgsAcctAgt? CdtTrfTxInf+
        """)
    static let initiatedTransfer = ContentModel(
        """
        PmtId PmtTpInf? Amt XchgRateInf? ChrgBr? ChqInstr? UltmtDbtr? IntrmyAgt1? IntrmyAgt1Acct? IntrmyAgt2?
        IntrmyAgt2Acct? IntrmyAgt3? IntrmyAgt3Acct? CdtrAgt? CdtrAgtAcct? Cdtr? CdtrAcct? UltmtCdtr?
        InstrForCdtrAgt* InstrForDbtrAgt? Purp? RgltryRptg* Tax? RltdRmtInf* RmtInf? SplmtryData*
        """)
    static let paymentID = ContentModel("InstrId? EndToEndId TxId? UETR? ClrSysRef?")
    static let instructedAmount = ContentModel("InstdAmt|EqvtAmt")
    static let interbankHeader = ContentModel(
        """
        MsgId CreDtTm Authstn* BtchBookg? NbOfTxs CtrlSum? GrpRtr? TtlRtrdIntrBkSttlmAmt|TtlIntrBkSttlmAmt?
        IntrBkSttlmDt? SttlmInf PmtTpInf? InstgAgt? InstdAgt?
        """)
    static let settlement = ContentModel(
        """
        SttlmMtd SttlmAcct? ClrSys? InstgRmbrsmntAgt? InstgRmbrsmntAgtAcct? InstdRmbrsmntAgt?
        InstdRmbrsmntAgtAcct? ThrdRmbrsmntAgt? ThrdRmbrsmntAgtAcct?
        """)
    static let interbankTransfer = ContentModel(
        """
        PmtId PmtTpInf? IntrBkSttlmAmt IntrBkSttlmDt? SttlmPrty? SttlmTmIndctn? SttlmTmReq? AccptncDtTm?
        PoolgAdjstmntDt? InstdAmt? XchgRate? ChrgBr? ChrgsInf* PrvsInstgAgt1? PrvsInstgAgt1Acct? PrvsInstgAgt2?
        PrvsInstgAgt2Acct? PrvsInstgAgt3? PrvsInstgAgt3Acct? InstgAgt? InstdAgt? IntrmyAgt1? IntrmyAgt1Acct?
        IntrmyAgt2? IntrmyAgt2Acct? IntrmyAgt3? IntrmyAgt3Acct? UltmtDbtr? InitgPty? Dbtr DbtrAcct? DbtrAgt?
        DbtrAgtAcct? CdtrAgt? CdtrAgtAcct? Cdtr CdtrAcct? UltmtCdtr? InstrForCdtrAgt* InstrForNxtAgt* Purp?
        RgltryRptg* Tax? RltdRmtInf* RmtInf? UndrlygCstmrCdtTrf? SplmtryData*
        """)

    // What became of payments.
    static let statusHeader = ContentModel(
        "MsgId CreDtTm InstgAgt? InstdAgt? InitgPty? FwdgAgt? DbtrAgt? CdtrAgt?")
    static let originalGroup = ContentModel(
        """
        OrgnlMsgId OrgnlMsgNmId OrgnlCreDtTm? OrgnlNbOfTxs? OrgnlCtrlSum? GrpSts? StsRsnInf* NbOfTxsPerSts*
        RtrRsnInf*
        """)
    static let originalInstruction = ContentModel(
        """
        OrgnlPmtInfId OrgnlNbOfTxs? OrgnlCtrlSum? PmtInfSts? StsRsnInf* NbOfTxsPerSts* TxInfAndSts*
        """)
    static let transactionStatus = ContentModel(
        """
        StsId? OrgnlGrpInf? OrgnlInstrId? OrgnlEndToEndId? OrgnlTxId? OrgnlUETR? TxSts? StsRsnInf* ChrgsInf*
        TrckrData? AccptncDtTm? FctvIntrBkSttlmDt? AcctSvcrRef? ClrSysRef? InstgAgt? InstdAgt? OrgnlTxRef?
        SplmtryData*
        """)
    static let reason = ContentModel("Orgtr? Rsn? AddtlInf*")
    static let originalTransaction = ContentModel(
        """
        IntrBkSttlmAmt? Amt? IntrBkSttlmDt? ReqdColltnDt? ReqdExctnDt? CdtrSchmeId? SttlmInf? PmtTpInf? PmtMtd?
        MndtRltdInf? RmtInf? UltmtDbtr? Dbtr? DbtrAcct? DbtrAgt? DbtrAgtAcct? CdtrAgt? CdtrAgtAcct? Cdtr?
        CdtrAcct? UltmtCdtr? Purp?
        """)
    static let returned = ContentModel(
        """
        RtrId? OrgnlGrpInf? OrgnlInstrId? OrgnlEndToEndId? OrgnlTxId? OrgnlUETR? OrgnlClrSysRef?
        OrgnlIntrBkSttlmAmt? OrgnlIntrBkSttlmDt? RtrdIntrBkSttlmAmt IntrBkSttlmDt? SttlmPrty? SttlmTmIndctn?
        RtrdInstdAmt? XchgRate? CompstnAmt? ChrgBr? ChrgsInf* ClrSysRef? InstgAgt? InstdAgt? RtrChain? RtrRsnInf*
        OrgnlTxRef? SplmtryData*
        """)

    // Envelopes.
    static let applicationHeader = ContentModel(
        """
        CharSet? Fr To BizMsgIdr MsgDefIdr BizSvc? MktPrctc? CreDt BizPrcgDt? CpyDplct? PssblDplct? Prty? Sgntr?
        Rltd*
        """)
    static let correspondent = ContentModel("OrgId|FIId")
}
