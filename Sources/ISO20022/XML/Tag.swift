/// An element that messages have, by its short name in ISO 20022 with the first letter in lower case.
enum Tag: String, CaseIterable {
    // Names that begin with more than one capital letter.
    case bic = "BIC", bicfi = "BICFI", bicOrBEI = "BICOrBEI", fiCdtTrf = "FICdtTrf",
        fiId = "FIId", fiToFICstmrCdtTrf = "FIToFICstmrCdtTrf",
        fiToFIPmtStsRpt = "FIToFIPmtStsRpt", iban = "IBAN", lei = "LEI", uetr = "UETR"

    case accptncDtTm, acct, acctOwnrTxId, acctSvcrRef, acctSvcrTxId, addtlInf, addtlInfInd,
        addtlNtfctnInf, addtlNtryInf, addtlRmtInf, addtlRptInf, addtlStmtInf, addtlTxInf, adrLine,
        adrTp, agt, amt, amtDtls, anncdPstngAmt, anyBIC, appHdr, authstn, avlbty
    case bal, bizMsgIdr, bizPrcgDt, bizSvc, bkToCstmrAcctRpt, bkToCstmrDbtCdtNtfctn,
        bkToCstmrStmt, bkTxCd, bldgNb, bldgNm, bookgDt, brnchId, btch, btchBookg
    case cardTx, ccy, ccyXchg, cd, cdOrPrtry, cdtDbtInd, cdtLine, cdtr, cdtrAcct, cdtrAgt,
        cdtrAgtAcct, cdtrRefInf, cdtrSchmeId, cdtTrfTxInf, charSet, chqInstr, chqNb, chrgBr,
        chrgs, chrgsAcct, chrgsAcctAgt, chrgsInf, clrSys, clrSysId, clrSysMmbId, clrSysRef,
        cntrValAmt, compstnAmt, comssnWvrInd, corpActn, cpyDplct, cpyDplctInd, creDt, creDtTm,
        cshDpst, cstmrCdtTrfInitn, cstmrPmtStsRpt, ctctDtls, ctrlSum, ctry, ctryOfRes, ctrySubDvsn
    case dbtr, dbtrAcct, dbtrAgt, dbtrAgtAcct, dept, desc, dlvrgAgt, document, domn, dstrctNm, dt,
        dtTm
    case elctrncSeqNb, endToEndId, eqvtAmt
    case fctvIntrBkSttlmDt, finInstnId, finInstrmId, flr, fmly, fr, frDtTm, frToDt, fwdgAgt
    case grnshmtRmt, grpHdr, grpRtr, grpSts
    case id, initgPty, instdAgt, instdAmt, instdRmbrsmntAgt, instdRmbrsmntAgtAcct, instgAgt,
        instgRmbrsmntAgt, instgRmbrsmntAgtAcct, instrForCdtrAgt, instrForDbtrAgt, instrForNxtAgt,
        instrId, intrBkSttlmAmt, intrBkSttlmDt, intrmyAgt1, intrmyAgt1Acct, intrmyAgt2,
        intrmyAgt2Acct, intrmyAgt3, intrmyAgt3Acct, intrst, invcee, invcr, issgAgt, issr
    case lastPgInd, lclInstrm, lglSeqNb, lineDtls
    case mktInfrstrctrTxId, mktPrctc, mmbId, mndtId, mndtRltdInf, msgDefIdr, msgId, msgPgntn,
        msgRcpt
    case nb, nbOfNtries, nbOfTxs, nbOfTxsPerSts, nm, ntfctn, ntfctnPgntn, ntry, ntryDtls, ntryRef
    case orgId, orgnlBizQry, orgnlBkTxCd, orgnlClrSysRef, orgnlCreDtTm, orgnlCtrlSum,
        orgnlEndToEndId, orgnlGrpInf, orgnlGrpInfAndSts, orgnlInstrId, orgnlIntrBkSttlmAmt,
        orgnlIntrBkSttlmDt, orgnlMsgId, orgnlMsgNmId, orgnlNbOfTxs, orgnlPmtInfAndSts,
        orgnlPmtInfId, orgnlTxId, orgnlTxRef, orgnlUETR, orgtr, othr, ownr
    case pgNb, pmtId, pmtInf, pmtInfId, pmtInfSts, pmtMtd, pmtRtr, pmtTpInf, poolgAdjstmntDt,
        prcgId, prtry, prtryAmt, prty, prvsInstgAgt1, prvsInstgAgt1Acct, prvsInstgAgt2,
        prvsInstgAgt2Acct, prvsInstgAgt3, prvsInstgAgt3Acct, prvtId, prxy, pssblDplct, pstBx,
        pstCd, pstlAdr, pty, purp
    case rcvgAgt, ref, refs, reqdColltnDt, reqdExctnDt, rfrdDocAmt, rfrdDocInf, rgltryRptg, rltd,
        rltdAcct, rltdAgts, rltdDt, rltdDts, rltdPric, rltdPties, rltdQties, rltdRmtInf, rmtInf,
        room, rpt, rptgSeq, rptgSrc, rptPgntn, rsn, rtrChain, rtrdInstdAmt, rtrdIntrBkSttlmAmt,
        rtrId, rtrInf, rtrRsnInf, rvslInd
    case schmeNm, sfkpgAcct, sgntr, splmtryData, stmt, stmtPgntn, strd, strtNm, sts, stsId,
        stsRsnInf, sttlmAcct, sttlmInf, sttlmMtd, sttlmPlc, sttlmPrty, sttlmTmIndctn, sttlmTmReq,
        subDept, subFmlyCd, subTp, sum, svcr
    case tax, taxRmt, techInptChanl, thrdRmbrsmntAgt, thrdRmbrsmntAgtAcct, to, toDtTm, tp,
        tradgPty, trckrData, ttlAmt, ttlCdtNtries, ttlDbtNtries, ttlIntrBkSttlmAmt, ttlNetNtry,
        ttlNetNtryAmt, ttlNtries, ttlNtriesPerBkTxCd, ttlRtrdIntrBkSttlmAmt, twnLctnNm, twnNm,
        txAmt, txDtls, txId, txInf, txInfAndSts, txsSummry, txSts
    case ultmtCdtr, ultmtDbtr, undrlygCstmrCdtTrf, ustrd
    case valDt
    case xchgRate, xchgRateInf

    /// The name in messages.
    var xmlName: String { rawValue.prefix(1).uppercased() + rawValue.dropFirst() }

    init?(xmlName: String) {
        guard let tag = Self.byName[xmlName] else { return nil }
        self = tag
    }

    private static let byName = Dictionary(uniqueKeysWithValues: allCases.map { ($0.xmlName, $0) })
}
