/// Reading what payments are for: the element that was just opened, up to its end.
extension XMLStream {
    /// Remittance information.
    mutating func remittance() throws(MessageFault) -> Remittance {
        var children = Children(Grammar.remittance, of: self)
        var remittance = Remittance()
        while let tag = try children.next(&self) {
            if tag == .ustrd {
                remittance.lines.append(try text(140))
            } else {
                remittance.structured.append(try structuredRemittance())
            }
        }
        return remittance
    }

    private mutating func structuredRemittance() throws(MessageFault) -> StructuredRemittance {
        var children = Children(Grammar.structured, of: self)
        var structured = StructuredRemittance()
        while let tag = try children.next(&self) {
            switch tag {
            case .rfrdDocInf: structured.documents.append(try document())
            case .cdtrRefInf: structured.creditorReference = try creditorReference()
            case .invcee: structured.invoicee = try party()
            case .addtlRmtInf: structured.additionalLines.append(try text(140))
            default: break
            }
        }
        return structured
    }

    private mutating func document() throws(MessageFault) -> StructuredRemittance.Document {
        var children = Children(Grammar.document, of: self)
        var document = StructuredRemittance.Document()
        while let tag = try children.next(&self) {
            switch tag {
            case .tp:
                var inner = Children(Grammar.documentType, of: self)
                while try inner.moves(to: .cdOrPrtry, &self) {
                    let kind = try codeOrProprietary()
                    document.kind = kind.code ?? kind.proprietary
                }
            case .nb: document.number = try text(35)
            case .rltdDt: document.date = try day()
            case .lineDtls:
                var inner = Children(Grammar.documentLine, of: self)
                while try inner.moves(to: .id, &self) {
                    var ids = Children(Grammar.documentLineID, of: self)
                    while try ids.moves(to: .nb, &self) {
                        document.lines.append(try text(35))
                    }
                }
            default: break
            }
        }
        return document
    }

    private mutating func creditorReference() throws(MessageFault) -> String? {
        var children = Children(Grammar.creditorReference, of: self)
        var reference: String?
        while try children.moves(to: .ref, &self) { reference = try text(35) }
        return reference
    }

    /// A reason with code and words.
    mutating func reason(lines max: Int) throws(MessageFault) -> StatusReason {
        var children = Children(Grammar.reason, of: self)
        var reason = StatusReason()
        while let tag = try children.next(&self) {
            switch tag {
            case .rsn: try readReasonCode(into: &reason)
            case .addtlInf: reason.lines.append(try text(max))
            default: break
            }
        }
        return reason
    }

    /// The code of a reason, or a word of the bank's own.
    mutating func readReasonCode(into reason: inout StatusReason) throws(MessageFault) {
        var children = Children(Grammar.codeOrProprietary, of: self)
        while let tag = try children.next(&self) {
            if tag == .prtry {
                reason.proprietary = try text(35)
                continue
            }
            try readText()
            guard let code = ReasonCode(scratch[...]) else {
                throw faultInText(.code, "a reason is one to four capital letters or digits")
            }
            reason.code = code
        }
    }
}
