import Ledger

/// A `pain.002`, version 3 or 10: what became of the payments of a pain.001, for the program that sent it.
public struct PaymentAnswer: Hashable, Sendable {
    /// What became of one payment.
    public struct Payment: Hashable, Sendable {
        /// The instruction that it was in.
        public let instruction: String
        /// Its own name within the instruction, where it had one beside the one from end to end.
        public var instructionID: String?
        /// Its name from end to end.
        public let endToEndID: String
        /// The amount that was asked for.
        public let money: Money
        /// What became of it.
        public let status: PaymentStatus
        /// Why, where it was refused: a code of up to four characters.
        public var reason: ReasonCode?
        /// The same in words; what is longer than 105 characters goes on in another line.
        public var text: String?

        /// Describes a payment.
        public init(
            instruction: String, endToEndID: String, money: Money, status: PaymentStatus
        ) {
            self.instruction = instruction
            self.endToEndID = endToEndID
            self.money = money
            self.status = status
        }
    }

    /// The message's name.
    public let id: MessageID
    /// When it was made.
    public let created: MessageTime
    /// The message that is answered, a pain.001.
    public let original: MessageHeader
    /// Its payments, those of an instruction together, in its order.
    public let payments: [Payment]

    /// Makes an answer.
    public init(
        id: MessageID, created: MessageTime, original: MessageHeader, payments: [Payment]
    ) {
        self.id = id
        self.created = created
        self.original = original
        self.payments = payments
    }

    /// Version 3 answers version 3, version 10 what is newer: who sends the one reads the other.
    public var definition: MessageDefinition {
        MessageDefinition(.paymentStatus, version: original.definition.version <= 3 ? 3 : 10)
    }

    /// The message's bytes.
    ///
    /// - Throws: ``WritingFault`` where there is no payment, or a name cannot be written.
    public func xml() throws(WritingFault) -> [UInt8] {
        guard !payments.isEmpty else { throw .nothing }
        // Names are given back as they came, in whatever script.
        var xml = XMLText(definition, .unicode)
        try xml.element("CstmrPmtStsRpt") { (xml) throws(WritingFault) in
            try xml.element("GrpHdr") { (xml) throws(WritingFault) in
                xml.value("MsgId", id.text)
                xml.value("CreDtTm", created.description)
            }
            try xml.element("OrgnlGrpInfAndSts") { (xml) throws(WritingFault) in
                try Self.name("OrgnlMsgId", original.id, &xml)
                xml.value("OrgnlMsgNmId", original.definition.identifier)
                xml.value("OrgnlCreDtTm", original.created.description)
                xml.value("OrgnlNbOfTxs", String(payments.count))
                xml.value("GrpSts", Self.status(of: payments[...]))
            }
            var rest = payments[...]
            while let first = rest.first {
                let end = rest.firstIndex { $0.instruction != first.instruction } ?? rest.endIndex
                try Self.instruction(rest[..<end], &xml)
                rest = rest[end...]
            }
        }
        return xml.finished()
    }

    private static func instruction(
        _ payments: ArraySlice<Payment>, _ xml: inout XMLText
    ) throws(WritingFault) {
        try xml.element("OrgnlPmtInfAndSts") { (xml) throws(WritingFault) in
            try name("OrgnlPmtInfId", payments.first?.instruction ?? "", &xml)
            xml.value("OrgnlNbOfTxs", String(payments.count))
            xml.value("PmtInfSts", status(of: payments))
            for payment in payments { try write(payment, &xml) }
        }
    }

    private static func write(
        _ payment: Payment, _ xml: inout XMLText
    ) throws(WritingFault) {
        try xml.element("TxInfAndSts") { (xml) throws(WritingFault) in
            if let id = payment.instructionID, !id.isEmpty {
                try xml.whole("OrgnlInstrId", id, max: 35)
            }
            try name("OrgnlEndToEndId", payment.endToEndID, &xml)
            xml.value("TxSts", payment.status.text)
            if payment.reason != nil || payment.text != nil {
                try xml.element("StsRsnInf") { (xml) throws(WritingFault) in
                    if let reason = payment.reason {
                        try xml.element("Rsn") { (xml) throws(WritingFault) in
                            xml.value("Cd", reason.text)
                        }
                    }
                    for line in lines(payment.text ?? "") {
                        try xml.cut("AddtlInf", line, max: 105)
                    }
                }
            }
            // An amount that no message has room for is nobody's loss: the payment is known by its names.
            guard payment.money.amount.units < XMLText.amountLimit else { return }
            try xml.element("OrgnlTxRef") { (xml) throws(WritingFault) in
                try xml.element("Amt") { (xml) throws(WritingFault) in
                    try xml.amount("InstdAmt", payment.money)
                }
            }
        }
    }

    /// A name that the message has to have; the standard's word stands for one that the request did not give.
    private static func name(
        _ element: String, _ text: String, _ xml: inout XMLText
    ) throws(WritingFault) {
        try xml.whole(element, text.isEmpty ? "NOTPROVIDED" : text, max: 35)
    }

    /// Lines of at most 105 characters, cut between words.
    private static func lines(_ text: String) -> [String] {
        var lines: [String] = []
        for word in text.split(separator: " ") {
            if let last = lines.last, last.unicodeScalars.count + word.unicodeScalars.count < 105 {
                lines[lines.count - 1] = "\(last) \(word)"
            } else {
                lines.append(String(word))
            }
        }
        return lines
    }

    /// One status for several payments: theirs if it is the same for all, `PART` if only some are refused.
    private static func status(of payments: ArraySlice<Payment>) -> String {
        let all = Set(payments.map(\.status.text))
        if all.count == 1, let only = all.first { return only }
        let isRefused = Set(payments.map { $0.status.outcome == .refused })
        return isRefused.count > 1 ? "PART" : "ACSP"
    }
}
