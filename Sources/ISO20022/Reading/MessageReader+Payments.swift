/// Reading payments that are asked for: pain.001, pacs.008 and pacs.009.
extension MessageReader {
    /// Reads an instruction up to its first transfer.
    mutating func instruction() throws(MessageFault) -> PaymentInstruction {
        var group = Children(Grammar.instruction, of: stream)
        var id: String?
        var debtor: Party?
        var account: Account?
        var agent: Institution?
        var date: MessageDate?
        var chargeBearer: ChargeBearer?
        var ultimateDebtor: Party?
        instructionSums = PaymentSums()
        reading: while let tag = try group.next(&stream) {
            switch tag {
            case .pmtInfId: id = try stream.text(35)
            case .pmtMtd:
                guard try stream.text(3) == "TRF" else {
                    throw stream.faultInText(.unsupported, "only transfers (TRF) are carried out")
                }
            case .nbOfTxs: instructionSums.declaredCount = try stream.count()
            case .ctrlSum: instructionSums.declaredSum = try stream.decimalSum()
            case .reqdExctnDt:
                date = definition.version < 8 ? .day(try stream.day()) : try stream.dayOrTime()
            case .dbtr: debtor = try stream.party()
            case .dbtrAcct: account = try stream.account()
            case .dbtrAgt: agent = try stream.institution()
            case .ultmtDbtr: ultimateDebtor = try stream.party()
            case .chrgBr: chargeBearer = try stream.code(ChargeBearer.self)
            case .cdtTrfTxInf:
                opened = tag
                break reading
            default: break
            }
        }
        self.group = group
        var instruction = PaymentInstruction(
            id: try stream.found(id, "PmtInfId"), debtor: try stream.found(debtor, "Dbtr"),
            debtorAccount: try stream.found(account, "DbtrAcct"),
            debtorAgent: try stream.found(agent, "DbtrAgt"),
            executionDate: try stream.found(date, "ReqdExctnDt"))
        instruction.transactions = instructionSums.declaredCount
        instruction.chargeBearer = chargeBearer
        instruction.ultimateDebtor = ultimateDebtor
        currentInstruction = instruction
        return instruction
    }

    /// The instruction's next transfer, or nil at its end.
    mutating func nextInitiatedTransfer() throws(MessageFault) -> Transfer? {
        if opened == .cdtTrfTxInf {
            opened = nil
        } else if try group?.next(&stream) == nil {
            if let (code, why) = instructionSums.fault() { throw stream.faultInClosed(code, why) }
            return nil
        }
        let transfer = try initiatedTransfer()
        instructionSums.add(transfer.money)
        paymentSums.add(transfer.money)
        return transfer
    }

    private mutating func initiatedTransfer() throws(MessageFault) -> Transfer {
        let instruction = try stream.found(currentInstruction, "PmtInf")
        var children = Children(Grammar.initiatedTransfer, of: stream)
        var references = References()
        var money: Money?
        var parts = Transfer.Parts()
        parts.chargeBearer = instruction.chargeBearer
        parts.ultimateDebtor = instruction.ultimateDebtor
        while let tag = try children.next(&stream) {
            switch tag {
            case .pmtId: references = try paymentID()
            case .amt: money = try instructedAmount()
            case .ultmtDbtr: parts.ultimateDebtor = try stream.party()
            case .cdtr: parts.creditor = try stream.party()
            case .ultmtCdtr: parts.ultimateCreditor = try stream.party()
            default: try read(tag, into: &parts)
            }
        }
        references.instructionID = instruction.id
        return Transfer(
            try stream.found(money, "Amt"), references: references, debtor: instruction.debtor,
            debtorAccount: instruction.debtorAccount, debtorAgent: instruction.debtorAgent, parts)
    }

    /// A payment between banks: customers' in pacs.008, their own in pacs.009.
    mutating func interbankTransfer() throws(MessageFault) -> Transfer {
        let areBanks = definition.kind == .bankTransfer
        var children = Children(Grammar.interbankTransfer, of: stream)
        var references = References()
        var money: Money?
        var debtor: Party?
        var debtorAccount: Account?
        var debtorAgent: Institution?
        var parts = Transfer.Parts()
        while let tag = try children.next(&stream) {
            switch tag {
            case .pmtId: references = try paymentID()
            case .intrBkSttlmAmt: money = try stream.money()
            case .intrBkSttlmDt: parts.settlementDate = try stream.day()
            case .instdAmt: parts.instructed = try stream.money()
            case .dbtr: debtor = try party(areBanks)
            case .dbtrAcct: debtorAccount = try stream.account()
            case .dbtrAgt: debtorAgent = try stream.institution()
            case .ultmtDbtr: parts.ultimateDebtor = try party(areBanks)
            case .cdtr: parts.creditor = try party(areBanks)
            case .ultmtCdtr: parts.ultimateCreditor = try party(areBanks)
            default: try read(tag, into: &parts)
            }
        }
        guard
            areBanks
                || (parts.chargeBearer != nil && debtorAgent != nil && parts.creditorAgent != nil)
        else {
            throw stream.faultInClosed(.missing, "<ChrgBr>, <DbtrAgt> or <CdtrAgt> is missing")
        }
        let amount = try stream.found(money, "IntrBkSttlmAmt")
        paymentSums.add(amount)
        return Transfer(
            amount, references: references, debtor: try stream.found(debtor, "Dbtr"),
            debtorAccount: debtorAccount, debtorAgent: debtorAgent, parts)
    }

    /// What transfers have in common.
    private mutating func read(_ tag: Tag, into parts: inout Transfer.Parts) throws(MessageFault) {
        switch tag {
        case .chrgBr: parts.chargeBearer = try stream.code(ChargeBearer.self)
        case .cdtrAgt: parts.creditorAgent = try stream.institution()
        case .cdtrAcct: parts.creditorAccount = try stream.account()
        case .purp:
            let purpose = try stream.codeOrProprietary()
            parts.purpose = purpose.code ?? purpose.proprietary
        case .rmtInf: parts.remittance = try stream.remittance()
        default: break
        }
    }

    private mutating func party(_ isBank: Bool) throws(MessageFault) -> Party {
        isBank ? Party(try stream.institution()) : try stream.party()
    }

    private mutating func paymentID() throws(MessageFault) -> References {
        var children = Children(Grammar.paymentID, of: stream)
        var references = References()
        while let tag = try children.next(&stream) {
            switch tag {
            case .instrId: references.instructedID = try stream.text(35)
            case .endToEndId: references.endToEndID = try stream.text(35)
            case .txId: references.transactionID = try stream.text(35)
            case .uetr: references.uetr = try stream.uetr()
            default: references.clearingReference = try stream.text(35)
            }
        }
        return references
    }

    private mutating func instructedAmount() throws(MessageFault) -> Money {
        var children = Children(Grammar.instructedAmount, of: stream)
        var money: Money?
        while let tag = try children.next(&stream) {
            guard tag == .instdAmt else {
                throw stream.fault(
                    .unsupported,
                    "an equivalent in another currency is asked for: nobody here exchanges")
            }
            money = try stream.money()
        }
        return try stream.found(money, "InstdAmt")
    }

    /// At the end of a message: whether it had what its header says.
    func checkPayments() throws(MessageFault) {
        if let (code, why) = paymentSums.fault() { throw stream.faultInClosed(code, why) }
    }
}
