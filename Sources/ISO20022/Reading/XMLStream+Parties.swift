/// Reading parties, banks and accounts: the element that was just opened, up to its end.
extension XMLStream {
    /// A party, which from version 08 of account reports is wrapped, and may be a bank.
    mutating func wrappedParty(since version: Int) throws(MessageFault) -> Party {
        guard version >= 8 else { return try party() }
        var children = Children(Grammar.partyOrAgent, of: self)
        var party: Party?
        while let tag = try children.next(&self) {
            party = tag == .pty ? try self.party() : Party(try institution())
        }
        return try found(party, "Pty")
    }

    /// A person or firm.
    mutating func party() throws(MessageFault) -> Party {
        var children = Children(Grammar.party, of: self)
        var party = Party()
        while let tag = try children.next(&self) {
            switch tag {
            case .nm: party.name = try text(140)
            case .pstlAdr: try readAddress(into: &party)
            case .id: try readID(into: &party)
            default: break
            }
        }
        return party
    }

    private mutating func readAddress(into party: inout Party) throws(MessageFault) {
        var children = Children(Grammar.address, of: self)
        while let tag = try children.next(&self) {
            switch tag {
            case .ctry: party.country = try country()
            case .twnNm: party.town = try text(35)
            case .strtNm, .bldgNb, .pstCd, .adrLine: party.address.append(try text(70))
            default: break
            }
        }
    }

    private mutating func readID(into party: inout Party) throws(MessageFault) {
        var children = Children(Grammar.partyID, of: self)
        while try children.moves(to: .orgId, &self) {
            var inner = Children(Grammar.organisation, of: self)
            while let tag = try inner.next(&self) {
                switch tag {
                case .bicOrBEI, .anyBIC: party.bic = try bic()
                case .lei: party.lei = try lei()
                case .othr where party.otherID == nil: party.otherID = try otherID(35)
                default: break
                }
            }
        }
    }

    /// An identification of another kind.
    private mutating func otherID(_ max: Int) throws(MessageFault) -> String {
        var children = Children(Grammar.otherID, of: self)
        var id: String?
        while try children.moves(to: .id, &self) { id = try text(max) }
        return try found(id, "Id")
    }

    /// A bank.
    mutating func institution() throws(MessageFault) -> Institution {
        var children = Children(Grammar.institution, of: self)
        var institution = Institution()
        while try children.moves(to: .finInstnId, &self) {
            var inner = Children(Grammar.institutionID, of: self)
            while let tag = try inner.next(&self) {
                switch tag {
                case .bic, .bicfi: institution.bic = try bic()
                case .clrSysMmbId: try readClearingMember(into: &institution)
                case .lei: institution.lei = try lei()
                case .nm: institution.name = try text(140)
                default: break
                }
            }
        }
        return institution
    }

    private mutating func readClearingMember(
        into institution: inout Institution
    ) throws(MessageFault) {
        var children = Children(Grammar.clearingMember, of: self)
        while let tag = try children.next(&self) {
            if tag == .mmbId {
                institution.clearingMember = try text(35)
            } else {
                let system = try codeOrProprietary(code: 5)
                institution.clearingSystem = system.code ?? system.proprietary
            }
        }
    }

    /// An account.
    mutating func account() throws(MessageFault) -> Account {
        var children = Children(Grammar.cashAccount, of: self)
        var id: AccountID?
        var account: Account?
        while let tag = try children.next(&self) {
            if tag == .id {
                id = try accountID()
                account = id.map { Account($0) }
                continue
            }
            switch tag {
            case .ccy: account?.currency = try currency()
            case .nm: account?.name = try text(70)
            case .prxy: account?.proxy = try proxy()
            case .ownr: account?.owner = try party()
            case .svcr: account?.servicer = try institution()
            default: break
            }
        }
        return try found(account, "Id")
    }

    private mutating func accountID() throws(MessageFault) -> AccountID {
        var children = Children(Grammar.accountID, of: self)
        var id: AccountID?
        while let tag = try children.next(&self) {
            id = tag == .iban ? .iban(try iban()) : .other(try otherID(34))
        }
        return try found(id, "IBAN")
    }

    private mutating func proxy() throws(MessageFault) -> String? {
        var children = Children(Grammar.proxy, of: self)
        var proxy: String?
        while try children.moves(to: .id, &self) { proxy = try text(2048) }
        return proxy
    }
}
