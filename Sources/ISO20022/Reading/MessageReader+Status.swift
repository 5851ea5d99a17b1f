/// Reading what became of payments: pain.002, pacs.002 and pacs.004.
extension MessageReader {
    /// What a report says of a whole message.
    mutating func originalGroup() throws(MessageFault) -> StatusReport {
        var children = Children(Grammar.originalGroup, of: stream)
        var report = StatusReport(.message)
        while let tag = try children.next(&stream) {
            switch tag {
            case .orgnlMsgId: report.originalMessageID = try stream.text(35)
            case .orgnlMsgNmId: report.originalMessageName = try stream.text(35)
            case .grpSts: report.status = try status()
            case .stsRsnInf: report.reasons.append(try stream.reason(lines: 105))
            default: break
            }
        }
        originalMessage = report
        originalGroups += 1
        return report
    }

    /// What a report says of an instruction, up to its first transaction.
    mutating func instructionStatus() throws(MessageFault) -> StatusReport {
        var group = Children(Grammar.originalInstruction, of: stream)
        var report = StatusReport(.instruction)
        report.originalMessageID = originalMessage.originalMessageID
        report.originalMessageName = originalMessage.originalMessageName
        opened = nil
        reading: while let tag = try group.next(&stream) {
            switch tag {
            case .orgnlPmtInfId: report.references.instructionID = try stream.text(35)
            case .pmtInfSts: report.status = try status()
            case .stsRsnInf: report.reasons.append(try stream.reason(lines: 105))
            case .txInfAndSts:
                opened = tag
                break reading
            default: break
            }
        }
        self.group = group
        originalInstructionID = report.references.instructionID
        return report
    }

    /// What a report says of the instruction's next transaction, or nil at its end.
    mutating func nextInstructionStatus() throws(MessageFault) -> StatusReport? {
        if opened == .txInfAndSts {
            opened = nil
        } else if try group?.next(&stream) == nil {
            originalInstructionID = nil
            return nil
        }
        return try transactionStatus()
    }

    /// What a report says of a transaction.
    mutating func transactionStatus() throws(MessageFault) -> StatusReport {
        var children = Children(Grammar.transactionStatus, of: stream)
        var report = StatusReport(.transaction)
        // Behind several messages it is of the one that it names, and of nobody knows which where it names none.
        if originalGroups <= 1 {
            report.originalMessageID = originalMessage.originalMessageID
            report.originalMessageName = originalMessage.originalMessageName
        }
        report.references.instructionID = originalInstructionID
        while let tag = try children.next(&stream) {
            switch tag {
            case .orgnlGrpInf: try readOriginalMessage(into: &report)
            case .orgnlInstrId: report.references.instructedID = try stream.text(35)
            case .orgnlEndToEndId: report.references.endToEndID = try stream.text(35)
            case .orgnlTxId: report.references.transactionID = try stream.text(35)
            case .orgnlUETR: report.references.uetr = try stream.uetr()
            case .txSts: report.status = try status()
            case .stsRsnInf: report.reasons.append(try stream.reason(lines: 105))
            case .accptncDtTm: report.accepted = try stream.time()
            case .acctSvcrRef: report.references.servicerReference = try stream.text(35)
            case .clrSysRef: report.references.clearingReference = try stream.text(35)
            case .orgnlTxRef: report.money = try originalAmount()
            default: break
            }
        }
        return report
    }

    /// A payment that comes back.
    mutating func returned() throws(MessageFault) -> ReturnedPayment {
        var children = Children(Grammar.returned, of: stream)
        var money: Money?
        var original: Money?
        var report = StatusReport(.transaction)
        report.originalMessageID = originalMessage.originalMessageID
        var returnID: String?
        var settlementDate: CivilDate?
        while let tag = try children.next(&stream) {
            switch tag {
            case .rtrId: returnID = try stream.text(35)
            case .orgnlGrpInf: try readOriginalMessage(into: &report)
            case .orgnlInstrId: report.references.instructedID = try stream.text(35)
            case .orgnlEndToEndId: report.references.endToEndID = try stream.text(35)
            case .orgnlTxId: report.references.transactionID = try stream.text(35)
            case .orgnlUETR: report.references.uetr = try stream.uetr()
            case .orgnlIntrBkSttlmAmt: original = try stream.money()
            case .rtrdIntrBkSttlmAmt: money = try stream.money()
            case .intrBkSttlmDt: settlementDate = try stream.day()
            case .clrSysRef: report.references.clearingReference = try stream.text(35)
            case .rtrRsnInf: report.reasons.append(try stream.reason(lines: 105))
            default: break
            }
        }
        var returned = ReturnedPayment(try stream.found(money, "RtrdIntrBkSttlmAmt"))
        paymentSums.add(returned.money)
        returned.returnID = returnID
        returned.originalMessageID = report.originalMessageID
        returned.references = report.references
        returned.original = original
        returned.settlementDate = settlementDate
        returned.reasons = report.reasons
        return returned
    }

    private mutating func readOriginalMessage(
        into report: inout StatusReport
    ) throws(MessageFault) {
        var children = Children(Grammar.originalGroup, of: stream)
        while let tag = try children.next(&stream) {
            switch tag {
            case .orgnlMsgId: report.originalMessageID = try stream.text(35)
            case .orgnlMsgNmId: report.originalMessageName = try stream.text(35)
            default: break
            }
        }
    }

    private mutating func status() throws(MessageFault) -> PaymentStatus {
        try stream.readText()
        guard let status = PaymentStatus(stream.scratch[...]) else {
            throw stream.faultInText(.code, "a status is one to four capital letters or digits")
        }
        return status
    }

    private mutating func originalAmount() throws(MessageFault) -> Money? {
        var children = Children(Grammar.originalTransaction, of: stream)
        var settled: Money?
        var instructed: Money?
        while let tag = try children.next(&stream) {
            switch tag {
            case .intrBkSttlmAmt: settled = try stream.money()
            case .amt:
                var inner = Children(Grammar.instructedAmount, of: stream)
                while try inner.moves(to: .instdAmt, &stream) { instructed = try stream.money() }
            default: break
            }
        }
        return instructed ?? settled
    }
}
