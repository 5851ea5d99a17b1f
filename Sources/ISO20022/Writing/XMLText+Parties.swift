import Ledger

/// Writing parties, banks, accounts and what payments are for, as versions 08 of camt and pacs and 09 of pain have them.
extension XMLText {
    mutating func party(_ name: String, _ party: Party) throws(WritingFault) {
        try element(name) { (xml) throws(WritingFault) in try xml.partyContent(party) }
    }

    private mutating func partyContent(_ party: Party) throws(WritingFault) {
        try cut("Nm", party.name, max: 140)
        if party.country != nil || party.town != nil || !party.address.isEmpty {
            try element("PstlAdr") { (xml) throws(WritingFault) in
                try xml.cut("TwnNm", party.town, max: 35)
                if let country = party.country { try xml.whole("Ctry", country, max: 2) }
                for line in party.address.prefix(7) { try xml.cut("AdrLine", line, max: 70) }
            }
        }
        if party.bic != nil || party.lei != nil || party.otherID != nil {
            try element("Id") { (xml) throws(WritingFault) in
                try xml.element("OrgId") { (xml) throws(WritingFault) in
                    if let bic = party.bic { xml.value("AnyBIC", bic.text) }
                    if let lei = party.lei { xml.value("LEI", lei.text) }
                    if let id = party.otherID {
                        try xml.element("Othr") { (xml) throws(WritingFault) in
                            try xml.whole("Id", id, max: 35)
                        }
                    }
                }
            }
        }
    }

    /// A party in an account report, where banks are parties too.
    mutating func wrappedParty(_ name: String, _ party: Party) throws(WritingFault) {
        try element(name) { (xml) throws(WritingFault) in try xml.party("Pty", party) }
    }

    /// A bank; one of which nothing is known is written as `NOTPROVIDED`, as schemes demand.
    mutating func institution(_ name: String, _ bank: Institution) throws(WritingFault) {
        try element(name) { (xml) throws(WritingFault) in
            try xml.element("FinInstnId") { (xml) throws(WritingFault) in
                if let bic = bank.bic { xml.value("BICFI", bic.text) }
                if let member = bank.clearingMember {
                    try xml.element("ClrSysMmbId") { (xml) throws(WritingFault) in
                        if let system = bank.clearingSystem {
                            try xml.element("ClrSysId") { (xml) throws(WritingFault) in
                                try xml.whole("Cd", system, max: 5)
                            }
                        }
                        try xml.whole("MmbId", member, max: 35)
                    }
                }
                if let lei = bank.lei { xml.value("LEI", lei.text) }
                try xml.cut("Nm", bank.name, max: 140)
                if bank == Institution() {
                    try xml.element("Othr") { (xml) throws(WritingFault) in
                        xml.value("Id", "NOTPROVIDED")
                    }
                }
            }
        }
    }

    mutating func account(_ name: String, _ account: Account) throws(WritingFault) {
        try element(name) { (xml) throws(WritingFault) in try xml.accountContent(account) }
    }

    mutating func accountContent(_ account: Account) throws(WritingFault) {
        try element("Id") { (xml) throws(WritingFault) in
            switch account.id {
            case .iban(let iban): xml.value("IBAN", iban.text)
            case .other(let number):
                try xml.element("Othr") { (xml) throws(WritingFault) in
                    try xml.whole("Id", number, max: 34)
                }
            }
        }
        if let currency = account.currency { value("Ccy", currency.description) }
        try cut("Nm", account.name, max: 70)
        if let proxy = account.proxy {
            try element("Prxy") { (xml) throws(WritingFault) in
                try xml.whole("Id", proxy, max: 2048)
            }
        }
    }

    mutating func remittance(_ remittance: Remittance) throws(WritingFault) {
        guard remittance != Remittance() else { return }
        try element("RmtInf") { (xml) throws(WritingFault) in
            for line in remittance.lines { try xml.cut("Ustrd", line, max: 140) }
            for structured in remittance.structured { try xml.structured(structured) }
        }
    }

    private mutating func structured(_ structured: StructuredRemittance) throws(WritingFault) {
        try element("Strd") { (xml) throws(WritingFault) in
            for document in structured.documents { try xml.document(document) }
            if let reference = structured.creditorReference {
                try xml.element("CdtrRefInf") { (xml) throws(WritingFault) in
                    try xml.whole("Ref", reference, max: 35)
                }
            }
            if let invoicee = structured.invoicee { try xml.party("Invcee", invoicee) }
            for line in structured.additionalLines.prefix(3) {
                try xml.cut("AddtlRmtInf", line, max: 140)
            }
        }
    }

    private mutating func document(
        _ document: StructuredRemittance.Document
    ) throws(WritingFault) {
        try element("RfrdDocInf") { (xml) throws(WritingFault) in
            if let kind = document.kind {
                try xml.element("Tp") { (xml) throws(WritingFault) in
                    try xml.element("CdOrPrtry") { (xml) throws(WritingFault) in
                        let isCode = StructuredRemittance.Document.codes.contains(kind)
                        try xml.whole(isCode ? "Cd" : "Prtry", kind, max: 35)
                    }
                }
            }
            if let number = document.number { try xml.whole("Nb", number, max: 35) }
            if let date = document.date { xml.value("RltdDt", date.description) }
            for line in document.lines {
                try xml.element("LineDtls") { (xml) throws(WritingFault) in
                    try xml.element("Id") { (xml) throws(WritingFault) in
                        try xml.whole("Nb", line, max: 35)
                    }
                }
            }
        }
    }
}

extension StructuredRemittance.Document {
    /// The codes of `DocumentType6Code`; other kinds are words of the parties' own.
    static let codes: Set = [
        "MSIN", "CNFA", "DNFA", "CINV", "CREN", "DEBN", "HIRI", "SBIN", "CMCN", "SOAC", "DISP",
        "BOLD", "VCHR", "AROI",
        "TSUT", "PUOR",
    ]
}
