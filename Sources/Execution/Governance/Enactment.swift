import Ledger
import Tokens

/// What carrying out a proposal does, worked out and checked before anything is written.
enum Enactment: Hashable {
    /// The banks become these.
    case banks(BankSet)
    /// A bank's checker becomes this.
    case checker(of: Address, Address)
    /// The rules become these.
    case rules(Rules)
    /// The reviewers become these.
    case reviewers([Address])
    /// The treasury pays.
    case payment(TokenID, to: Address, amount: UInt128)
    /// A template may no longer be opened.
    case suspension(Hash32)
    /// A version that was put on the schedule when it was decided holds now.
    case version
}

extension Governance {
    /// Works out what a change does to the ledger as it stands.
    ///
    /// - Parameter change: the change.
    /// - Returns: what is to be written.
    /// - Throws: ``Rejection/badProposal(_:)`` if it cannot be done, or would do nothing.
    func enactment(of change: IGovernance.Change) throws(Rejection) -> Enactment {
        switch change {
        case .rotateKey(let account, .checker, let key):
            guard bankSet.bank(operatedBy: account) != nil else {
                throw .badProposal(BankSetFault.unknownBank(account).description)
            }
            if let why = roll.refusal(ofChecker: key, for: account) { throw .badProposal(why) }
            return .checker(of: account, key)
        case .admitBank, .removeBank, .rotateKey: return .banks(try banks(after: change))
        case .setParameter("certificateQuorum", let value):
            guard let quorum = UInt16(exactly: value) else {
                throw .badProposal("certificateQuorum: at most all \(bankSet.banks.count) banks")
            }
            return .banks(
                try Self.set { [bankSet] () throws(BankSetFault) in
                    try bankSet.requiring(quorum: quorum)
                })
        case .setParameter(let name, let value): return .rules(try rules(setting: name, to: value))
        case .admitReviewer(let account):
            guard !tokens.isKeyless(account) else {
                throw .badProposal("nobody can have the key of \(account)")
            }
            guard !reviewers.contains(account) else {
                throw .badProposal("\(account) is a reviewer already")
            }
            guard reviewers.count < Self.reviewersMax else {
                throw .badProposal("there are \(Self.reviewersMax) reviewers already")
            }
            return .reviewers((reviewers + [account]).sorted())
        case .removeReviewer(let account):
            guard reviewers.contains(account) else {
                throw .badProposal("\(account) is no reviewer")
            }
            return .reviewers(reviewers.filter { $0 != account })
        case .payTreasury(let address, let to, let amount):
            guard let token = tokens.find(address) else {
                throw .badProposal("no token answers at \(address)")
            }
            guard to != .treasury, amount > 0 else {
                throw .badProposal("the payment would move nothing")
            }
            do throws(Rejection) {
                try tokens.refuseReceiver(to)
            } catch {
                throw .badProposal("\(to) cannot receive: \(error.name)")
            }
            return .payment(token, to: to, amount: amount)
        // It is on the schedule since it was decided, and nothing else can come between that and its height.
        case .activateVersion: return .version
        case .suspendTemplate(let id):
            if let why = shelf.refusalToSuspend(id) { throw .badProposal(why) }
            return .suspension(id)
        }
    }

    private func banks(after change: IGovernance.Change) throws(Rejection) -> BankSet {
        // The set of banks knows no tokens, at whose addresses there are no keys either.
        for key in Self.keys(of: change) where tokens.find(key) != nil {
            throw .badProposal("nobody can have the key of \(key)")
        }
        if case .rotateKey(let account, .operator, let key) = change,
            let why = roll.refusal(of: key, for: account), key != account
        {
            throw .badProposal(why)
        }
        let set = try Self.set { [bankSet] () throws(BankSetFault) in
            switch change {
            case .admitBank(let name, let node, let account, let endpoint):
                try bankSet.admitting(
                    name: name, nodeKey: node, operator: account, endpoint: endpoint)
            case .removeBank(let account): try bankSet.removing(operator: account)
            case .rotateKey(let account, .node, let key):
                try bankSet.rotating(operator: account, nodeKey: key)
            case .rotateKey(let account, .operator, let key):
                try bankSet.rotating(operator: account, to: key)
            default: bankSet
            }
        }
        guard set != bankSet else { throw .badProposal("the bank has this key already") }
        return set
    }

    /// The keys that a change gives to a bank.
    private static func keys(of change: IGovernance.Change) -> [Address] {
        switch change {
        case .admitBank(_, let node, let account, _): [node, account]
        case .rotateKey(_, _, let key): [key]
        default: []
        }
    }

    private static func set(_ body: () throws(BankSetFault) -> BankSet) throws(Rejection) -> BankSet
    {
        do throws(BankSetFault) {
            return try body()
        } catch {
            throw .badProposal(error.description)
        }
    }

    private func rules(setting name: String, to value: UInt128) throws(Rejection) -> Rules {
        let next: Rules?
        do throws(RuleFault) {
            next = try rules.setting(name, to: value)
        } catch {
            throw .badProposal(
                "\(name): \(error.range.lowerBound) to \(error.range.upperBound) wanted")
        }
        guard let next else {
            throw .badProposal(
                "there is no such parameter; there are "
                    + (Rules.names + ["certificateQuorum"]).joined(separator: ", "))
        }
        if let why = refusal(toRaisePriceTo: next.gasPrice) {
            throw .badProposal("\(name): \(why)")
        }
        return next
    }
}
