import JSON
import Ledger

/// A proposal as it stands on the ledger, with the banks that vote on it.
struct Proposal {
    /// A bank as far as votes go.
    struct Voter {
        let id: UInt64
        let name: String
        let account: Address
    }

    let id: UInt64
    let kind: IGovernance.Kind
    /// What it would do; nil for bytes that this program does not understand.
    let content: IGovernance.Proposal?
    let yes: [Address]
    let no: [Address]
    /// Until when banks may vote, seconds since 1970.
    let expiry: UInt64
    let stage: IGovernance.Stage
    /// The height to come, or at which it happened.
    let height: UInt64
    let banks: [Voter]

    /// More than half of the banks that there are.
    var needed: Int { banks.count / 2 + 1 }

    /// How many banks have still to say yes; those that left do not count.
    var missing: Int { max(0, needed - banks.count { yes.contains($0.account) }) }

    // MARK: In words

    /// What it would do, as in "admit Delta".
    func what(_ names: Names) -> String { content.map { text($0.change, names) } ?? "\(kind)" }

    private func text(_ change: IGovernance.Change, _ names: Names) -> String {
        switch change {
        case .admitBank(let name, _, let account, let endpoint):
            let place = endpoint.isEmpty ? "" : ", met at \(Output.clean(endpoint, atMost: 300))"
            return "admit \(Output.clean(name, atMost: 64)) (operator \(account.short)\(place))"
        case .removeBank(let account): return "remove \(name(account))"
        case .rotateKey(let bank, let which, let key):
            return "make \(key.checksummed) the \(which) key of \(name(bank))"
        case .setParameter(let name, let value):
            return "set \(Output.clean(name, atMost: 64)) to \(value)"
        case .admitReviewer(let account): return "make \(names.text(account)) a reviewer"
        case .removeReviewer(let account): return "have \(names.text(account)) review no more"
        case .payTreasury(let token, let to, let amount):
            let sum =
                token == .dip
                ? Currency.dip.text(amount) : "\(amount) units of \(token.checksummed)"
            return "pay \(sum) from the treasury to \(names.text(to))"
        case .activateVersion(let version): return "activate protocol version \(version)"
        case .suspendTemplate(let template): return "suspend template \(template.hex)"
        }
    }

    /// A bank by its operator.
    func name(_ account: Address) -> String {
        guard let bank = banks.first(where: { $0.account == account }) else {
            return account.checksummed
        }
        return "bank \(bank.id) (\(Output.clean(bank.name, atMost: 64)))"
    }

    /// How far it has come, in a few words.
    var standing: String {
        switch stage {
        case .open: "open, \(yes.count) for and \(no.count) against, \(missing) missing"
        case .decided: "decided, for block \(height)"
        case .enacted: "in force since block \(height)"
        case .failed: "failed in block \(height)"
        case .expired: "expired"
        }
    }

    /// What has to happen next.
    var next: [String] {
        switch stage {
        case .open where missing == 0:
            // Votes are counted when one is cast, and a bank that left casts none.
            return [
                "Enough banks are for it since others left, and one more vote, any bank's, decides it: "
                    + "dip consortium vote \(id)"
            ]
        case .open:
            let votes = missing == 1 ? "1 more bank has" : "\(missing) more banks have"
            return [
                "\(votes) to say yes before \(Moment.text(expiry)), \(needed) of \(banks.count) in all: "
                    + "dip consortium vote \(id)"
            ]
        case .decided, .enacted: return afterwards
        case .failed: return ["It was wanted, but could not be done any more when its block came."]
        case .expired: return ["Its time has passed; whoever still wants it proposes it again."]
        }
    }

    /// What people have to do once it holds.
    private var afterwards: [String] {
        switch content?.change {
        case .admitBank(let name, _, _, _)?:
            [
                "\(Output.clean(name, atMost: 64)) starts its node (dip node --config), which fetches the "
                    + "ledger first and votes once it has it; 'dip consortium status' shows it as standby, "
                    + "then as voter."
            ]
        case .removeBank?:
            ["Its node leaves the group by itself and can be stopped once its role is none."]
        case .rotateKey(_, .node, _)?:
            [
                "The bank stops its node, puts the new key in its key file, and starts it again: "
                    + "until then the others refuse it."
            ]
        case .rotateKey(_, .operator, _)?: ["The bank votes with the new key from then on."]
        case .rotateKey(_, .checker, _)?:
            ["What the checker before approved and was not used yet is void."]
        case .activateVersion?:
            ["Every node needs a program that knows the version before that block."]
        default: []
        }
    }

    // MARK: For programs

    func json(_ names: Names) -> JSON {
        .members([
            ("id", .integer(id)), ("kind", .string("\(kind)")),
            ("does", .string(what(names))),
            ("yes", .array(yes.map { .string($0.checksummed) })),
            ("no", .array(no.map { .string($0.checksummed) })),
            ("missing", stage == .open ? .integer(missing) : nil), ("expiry", .integer(expiry)),
            ("stage", .string("\(stage)")), ("height", height == 0 ? nil : .integer(height)),
            ("effectiveFrom", content.map { .integer($0.height) }),
        ])
    }
}

extension Session {
    /// The banks that vote, as the node tells them.
    func voters() async throws -> [Proposal.Voter] {
        let answer = try await call("dip_consortium")
        return try (answer["validators"]?.elements ?? []).map { bank in
            guard let id = bank["id"]?.whole64, let account = bank["operator"]?.address else {
                throw strange("dip_consortium", answer)
            }
            return Proposal.Voter(id: id, name: bank["name"]?.string ?? "", account: account)
        }
    }

    /// How many proposals were made; their ids are 1 to this.
    func proposalCount() async throws -> UInt64 {
        try await read(ContractCall(.treasury, IGovernance.Function.count)) {
            (reader) throws(Rejection) in try reader.uint()
        }
    }

    /// A proposal as it stands.
    func proposal(_ id: UInt64, banks: [Proposal.Voter]) async throws -> Proposal {
        let outcome = ContractCall(.treasury, IGovernance.Function.outcome, words: 1) {
            $0.write(id)
        }
        let (stage, height) = try await read(outcome) { (reader) throws(Rejection) in
            (try reader.read(IGovernance.Stage.self), try reader.uint() as UInt64)
        }
        let view = ContractCall(.treasury, IGovernance.Function.proposal, words: 1) {
            $0.write(id)
        }
        return try await read(view) { (reader) throws(Rejection) in
            let kind: IGovernance.Kind = try reader.read()
            let data = try reader.bytes()
            let yes = try reader.array(of: Address.self)
            let no = try reader.array(of: Address.self)
            let expiry: UInt64 = try reader.uint()
            _ = try reader.bool()
            return Proposal(
                id: id, kind: kind, content: try? IGovernance.Proposal(kind, decoding: data),
                yes: yes, no: no, expiry: expiry, stage: stage, height: height, banks: banks)
        }
    }

    /// The operator of a bank that is given by its number, its name or its operator.
    func bank(_ text: String) async throws -> Proposal.Voter {
        let banks = try await voters()
        if let number = UInt64(text), let bank = banks.first(where: { $0.id == number }) {
            return bank
        }
        if let bank = banks.first(where: { $0.name == text }) { return bank }
        if let address = try? names.address(text),
            let bank = banks.first(where: { $0.account == address })
        {
            return bank
        }
        throw Failure.usage(
            "there is no bank '\(text)'; 'dip consortium status' shows their numbers and names")
    }
}
