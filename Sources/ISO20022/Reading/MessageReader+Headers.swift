/// Reading a message's group header.
extension MessageReader {
    mutating func header() throws(MessageFault) -> MessageHeader {
        let model =
            switch definition.kind {
            case .accountReport, .statement, .notification: Grammar.accountHeader
            case .paymentInitiation: Grammar.initiationHeader
            case .paymentStatus, .interbankStatus: Grammar.statusHeader
            case .paymentReturn, .customerTransfer, .bankTransfer: Grammar.interbankHeader
            }
        var children = Children(model, of: stream)
        var id: String?
        var header: MessageHeader?
        while let tag = try children.next(&stream) {
            switch tag {
            case .msgId: id = try stream.text(35)
            case .creDtTm:
                let created = try stream.time()
                header = MessageHeader(
                    definition, id: try stream.found(id, "MsgId"), created: created)
                header?.sender = application.sender
                header?.receiver = application.receiver
            case .msgPgntn: header?.page = try page()
            case .nbOfTxs:
                header?.transactions = try stream.count()
                paymentSums.declaredCount = header?.transactions
            case .ctrlSum: paymentSums.declaredSum = try stream.decimalSum()
            case .ttlIntrBkSttlmAmt, .ttlRtrdIntrBkSttlmAmt:
                paymentSums.declaredTotal = try stream.money()
            case .intrBkSttlmDt: header?.settlementDate = try stream.day()
            case .sttlmInf: header?.settlement = try settlement()
            case .initgPty: header?.initiator = try stream.party()
            case .instgAgt: header?.sender = try stream.institution()
            case .instdAgt: header?.receiver = try stream.institution()
            default: break
            }
        }
        return try stream.found(header, "CreDtTm")
    }

    mutating func page() throws(MessageFault) -> Page? {
        var children = Children(Grammar.pagination, of: stream)
        var number = 0
        var page: Page?
        while let tag = try children.next(&stream) {
            if tag == .pgNb {
                number = try stream.count(digits: 5)
            } else {
                page = Page(number: number, isLast: try stream.flag())
            }
        }
        return page
    }

    private mutating func settlement() throws(MessageFault) -> SettlementMethod? {
        var children = Children(Grammar.settlement, of: stream)
        var method: SettlementMethod?
        while try children.moves(to: .sttlmMtd, &stream) {
            method = try stream.code(SettlementMethod.self)
        }
        return method
    }
}
