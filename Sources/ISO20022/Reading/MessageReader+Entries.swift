/// Reading the entries of an account report.
extension MessageReader {
    /// Reads an entry up to its details.
    mutating func readEntry() throws(MessageFault) -> Entry {
        var children = Children(Grammar.entry, of: stream)
        var money: Money?
        var direction: Direction?
        var reference: String?
        var isReversal = false
        var entry: Entry?
        entrySums = EntrySums()
        reading: while let tag = try children.next(&stream) {
            switch tag {
            case .ntryRef: reference = try stream.text(35)
            case .amt: money = try stream.money()
            case .cdtDbtInd: direction = try stream.code(Direction.self)
            case .rvslInd: isReversal = try stream.flag()
            case .sts:
                entry = Entry(
                    try stream.found(money, "Amt"), try stream.found(direction, "CdtDbtInd"),
                    try entryStatus())
            case .bookgDt: entry?.booked = try stream.dayOrTime()
            case .valDt: entry?.value = try stream.dayOrTime()
            case .acctSvcrRef: entry?.servicerReference = try stream.text(35)
            case .bkTxCd: entry?.code = try transactionCode()
            case .ntryDtls:
                opened = tag
                break reading
            case .addtlNtryInf: entrySums.end.additionalInformation = try stream.text(500)
            default: break
            }
        }
        entry?.reference = reference
        entry?.isReversal = isReversal
        let read = try stream.found(entry, "Sts")
        entrySums.entry = read
        self.entry = children
        return read
    }

    /// Moves to the entry's next block of details.
    ///
    /// - Returns: false at the end of the entry.
    mutating func opensDetails() throws(MessageFault) -> Bool {
        if opened == .ntryDtls {
            opened = nil
            try openDetails()
            return true
        }
        while let tag = try entry?.next(&stream) {
            switch tag {
            case .ntryDtls:
                try openDetails()
                return true
            case .addtlNtryInf: entrySums.end.additionalInformation = try stream.text(500)
            default: break
            }
        }
        return false
    }

    private mutating func openDetails() throws(MessageFault) {
        var children = Children(Grammar.entryDetails, of: stream)
        entrySums.begin(nil)
        if let tag = try children.next(&stream) {
            if tag == .btch {
                entrySums.begin(try batch())
            } else {
                opened = tag
            }
            details = children
        } else {
            details = nil
        }
    }

    /// The next payment of the block, or nil at its end.
    mutating func nextTransaction() throws(MessageFault) -> EntryTransaction? {
        if opened == .txDtls {
            opened = nil
        } else if try details?.next(&stream) == nil {
            entrySums.finishBlock()
            return nil
        }
        let transaction = try transaction()
        entrySums.add(transaction)
        return transaction
    }

    func closeEntry() -> EntryEnd { entrySums.finished() }

    /// A plain code until version 04, a choice from version 08 on.
    private mutating func entryStatus() throws(MessageFault) -> Entry.Status {
        guard definition.version >= 8 else {
            try stream.readText()
            return try entryStatus(code: String(decoding: stream.scratch, as: UTF8.self))
        }
        let status = try stream.codeOrProprietary()
        if let word = status.proprietary { return .proprietary(word) }
        return try entryStatus(code: status.code ?? "")
    }

    private func entryStatus(code: String) throws(MessageFault) -> Entry.Status {
        switch code {
        case "BOOK": return .booked
        case "PDNG": return .pending
        case "INFO": return .information
        case "FUTR" where definition.version >= 8: return .future
        default:
            throw stream.faultInClosed(
                .code, "the status of an entry is BOOK, PDNG or INFO", found: code)
        }
    }

    mutating func transactionCode() throws(MessageFault) -> TransactionCode {
        var children = Children(Grammar.transactionCode, of: stream)
        var code = TransactionCode()
        while let tag = try children.next(&stream) {
            if tag == .domn {
                var domain = Children(Grammar.domain, of: stream)
                while let tag = try domain.next(&stream) {
                    if tag == .cd {
                        code.domain = try stream.text(4)
                    } else {
                        var family = Children(Grammar.family, of: stream)
                        while let tag = try family.next(&stream) {
                            if tag == .cd {
                                code.family = try stream.text(4)
                            } else {
                                code.subfamily = try stream.text(4)
                            }
                        }
                    }
                }
            } else {
                var proprietary = Children(Grammar.proprietaryCode, of: stream)
                while try proprietary.moves(to: .cd, &stream) {
                    code.proprietary = try stream.text(35)
                }
            }
        }
        return code
    }

    private mutating func batch() throws(MessageFault) -> Batch {
        var children = Children(Grammar.batch, of: stream)
        var batch = Batch()
        while let tag = try children.next(&stream) {
            switch tag {
            case .msgId: batch.messageID = try stream.text(35)
            case .pmtInfId: batch.instructionID = try stream.text(35)
            case .nbOfTxs: batch.transactions = try stream.count()
            case .ttlAmt: batch.total = try stream.money()
            default: break
            }
        }
        return batch
    }
}
