/// Reading the payments of an entry.
extension MessageReader {
    mutating func transaction() throws(MessageFault) -> EntryTransaction {
        var children = Children(Grammar.transaction, of: stream)
        var transaction = EntryTransaction()
        while let tag = try children.next(&stream) {
            switch tag {
            case .refs: transaction.references = try references()
            case .amt: transaction.money = try stream.money()
            case .cdtDbtInd: transaction.direction = try stream.code(Direction.self)
            case .amtDtls: try readAmounts(into: &transaction)
            case .bkTxCd: transaction.code = try transactionCode()
            case .rltdPties: try readParties(into: &transaction)
            case .rltdAgts: try readAgents(into: &transaction)
            case .rmtInf: transaction.remittance = try stream.remittance()
            case .rtrInf: transaction.returnReason = try returnReason()
            case .addtlTxInf: transaction.additionalInformation = try stream.text(500)
            default: break
            }
        }
        if definition.version == 4, transaction.direction == nil || transaction.money == nil {
            throw stream.faultInClosed(.missing, "<Amt> or <CdtDbtInd> is missing")
        }
        return transaction
    }

    private mutating func references() throws(MessageFault) -> References {
        var children = Children(Grammar.references, of: stream)
        var references = References()
        while let tag = try children.next(&stream) {
            switch tag {
            case .msgId: references.messageID = try stream.text(35)
            case .acctSvcrRef: references.servicerReference = try stream.text(35)
            case .pmtInfId: references.instructionID = try stream.text(35)
            case .instrId: references.instructedID = try stream.text(35)
            case .endToEndId: references.endToEndID = try stream.text(35)
            case .uetr: references.uetr = try stream.uetr()
            case .txId: references.transactionID = try stream.text(35)
            case .clrSysRef: references.clearingReference = try stream.text(35)
            default: break
            }
        }
        return references
    }

    /// Until version 02 the amount of a payment stands here alone.
    private mutating func readAmounts(
        into transaction: inout EntryTransaction
    ) throws(MessageFault) {
        var children = Children(Grammar.amountDetails, of: stream)
        while let tag = try children.next(&stream) {
            guard tag == .instdAmt || tag == .txAmt else { continue }
            var inner = Children(Grammar.amountDetail, of: stream)
            while try inner.moves(to: .amt, &stream) {
                let money = try stream.money()
                if tag == .instdAmt {
                    transaction.instructed = money
                } else if transaction.money == nil {
                    transaction.money = money
                }
            }
        }
    }

    private mutating func readParties(
        into transaction: inout EntryTransaction
    ) throws(MessageFault) {
        let version = definition.version
        var children = Children(Grammar.parties, of: stream)
        while let tag = try children.next(&stream) {
            switch tag {
            case .dbtr: transaction.debtor = try stream.wrappedParty(since: version)
            case .dbtrAcct: transaction.debtorAccount = try stream.account()
            case .ultmtDbtr: transaction.ultimateDebtor = try stream.wrappedParty(since: version)
            case .cdtr: transaction.creditor = try stream.wrappedParty(since: version)
            case .cdtrAcct: transaction.creditorAccount = try stream.account()
            case .ultmtCdtr: transaction.ultimateCreditor = try stream.wrappedParty(since: version)
            default: break
            }
        }
    }

    private mutating func readAgents(
        into transaction: inout EntryTransaction
    ) throws(MessageFault) {
        var children = Children(Grammar.agents, of: stream)
        while let tag = try children.next(&stream) {
            switch tag {
            case .dbtrAgt: transaction.debtorAgent = try stream.institution()
            case .cdtrAgt: transaction.creditorAgent = try stream.institution()
            default: break
            }
        }
    }

    private mutating func returnReason() throws(MessageFault) -> StatusReason {
        var children = Children(Grammar.returnInformation, of: stream)
        var reason = StatusReason()
        while let tag = try children.next(&stream) {
            switch tag {
            case .rsn: try stream.readReasonCode(into: &reason)
            case .addtlInf: reason.lines.append(try stream.text(105))
            default: break
            }
        }
        return reason
    }
}
