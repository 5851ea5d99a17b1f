/// Reading reports on accounts: camt.052, camt.053 and camt.054.
extension MessageReader {
    enum AccountStep {
        case entry(Entry)
        case end(AccountEnd)
    }

    /// Reads an account up to its first entry.
    mutating func account() throws(MessageFault) -> AccountStatement {
        var group = Children(Grammar.account, of: stream)
        var id: String?
        var head = AccountStatement.Head()
        var statement: AccountStatement?
        accountSums = AccountSums()
        opened = nil
        reading: while let tag = try group.next(&stream) {
            switch tag {
            case .id: id = try stream.text(35)
            case .stmtPgntn, .rptPgntn, .ntfctnPgntn: head.page = try page()
            case .elctrncSeqNb: head.electronicSequence = try stream.count(digits: 18)
            case .lglSeqNb: head.legalSequence = try stream.count(digits: 18)
            case .creDtTm: head.created = try stream.time()
            case .frToDt: (head.from, head.to) = try period()
            case .cpyDplctInd:
                _ = try stream.code(Copy.self)
                head.isCopy = true
            case .acct:
                if head.created == nil, definition.version < 8 {
                    throw stream.fault(.missing, "<CreDtTm> is missing before this place")
                }
                statement = AccountStatement(
                    id: try stream.found(id, "Id"), account: try stream.account(), head)
            case .bal:
                guard definition.kind != .notification else {
                    throw stream.fault(.unexpected, "a notification has no balances")
                }
                statement?.balances.append(try balance())
            case .txsSummry: statement?.summary = try summary()
            case .ntry:
                opened = tag
                break reading
            default: break
            }
        }
        self.group = group
        guard let statement else { throw stream.faultInClosed(.missing, "<Acct> is missing") }
        guard definition.kind != .statement || !statement.balances.isEmpty else {
            throw stream.fault(.missing, "<Bal> is missing before this place")
        }
        accountSums.currency =
            statement.account.currency ?? statement.balances.first?.money.currency
        accountSums.opening =
            statement.balance(.openingBooked) ?? statement.balance(.previouslyClosedBooked)
        accountSums.closing = statement.balance(.closingBooked)
        accountSums.summary = statement.summary
        return statement
    }

    /// Reads the account's next entry up to its details, or the account's end.
    mutating func nextInAccount() throws(MessageFault) -> AccountStep {
        if opened == nil { opened = try nextEntryTag() }
        guard opened != nil else { return .end(accountSums.finished()) }
        opened = nil
        let entry = try readEntry()
        accountSums.add(entry)
        return .entry(entry)
    }

    private mutating func nextEntryTag() throws(MessageFault) -> Tag? {
        while let tag = try group?.next(&stream) {
            if tag == .ntry { return tag }
        }
        return nil
    }

    /// Whether an account report or a part of it is a copy.
    private enum Copy: String {
        case copyOfDuplicate = "CODU"
        case copy = "COPY"
        case duplicate = "DUPL"
    }

    private mutating func period() throws(MessageFault) -> (MessageTime?, MessageTime?) {
        var children = Children(Grammar.period, of: stream)
        var period: (MessageTime?, MessageTime?) = (nil, nil)
        while let tag = try children.next(&stream) {
            if tag == .frDtTm {
                period.0 = try stream.time()
            } else {
                period.1 = try stream.time()
            }
        }
        return period
    }

    private mutating func balance() throws(MessageFault) -> Balance {
        var children = Children(Grammar.balance, of: stream)
        var kind: Balance.Kind?
        var money: Money?
        var direction: Direction?
        var date: MessageDate?
        while let tag = try children.next(&stream) {
            switch tag {
            case .tp:
                var inner = Children(Grammar.balanceType, of: stream)
                while try inner.moves(to: .cdOrPrtry, &stream) {
                    let type = try stream.codeOrProprietary()
                    kind = type.code.map(Balance.Kind.init) ?? .other(type.proprietary ?? "")
                }
            case .amt: money = try stream.money()
            case .cdtDbtInd: direction = try stream.code(Direction.self)
            case .dt: date = try stream.dayOrTime()
            default: break
            }
        }
        return Balance(
            try stream.found(kind, "Tp"), try stream.found(money, "Amt"),
            try stream.found(direction, "CdtDbtInd"), on: try stream.found(date, "Dt"))
    }

    private mutating func summary() throws(MessageFault) -> EntrySummary {
        var children = Children(Grammar.summary, of: stream)
        var summary = EntrySummary()
        while let tag = try children.next(&stream) {
            guard tag != .ttlNtriesPerBkTxCd else { continue }
            var inner = Children(Grammar.numberAndSum, of: stream)
            while try inner.moves(to: .nbOfNtries, &stream) {
                let count = try stream.count()
                switch tag {
                case .ttlNtries: summary.entries = count
                case .ttlCdtNtries: summary.credits = count
                default: summary.debits = count
                }
            }
        }
        return summary
    }
}
