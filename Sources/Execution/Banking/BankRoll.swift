import Ledger
import Tokens

/// The banks as 0x…d105 knows them, and how they follow what governance decides.
struct BankRoll {
    let state: State
    let tokens: TokenLedger

    // MARK: Reading

    /// A bank by its id here.
    func bank(_ id: UInt64) -> BankRecord? {
        state.object(BankingKey.bank(id)).map { bytes in
            believed { try BankRecord(decoding: bytes) }
        }
    }

    /// The id of the bank that an account operates, or operated last.
    func id(operatedBy account: Address) -> UInt64? { id(BankingKey.operator(account)) }

    /// The id of the bank whose checker an account is.
    func id(checkedBy account: Address) -> UInt64? { id(BankingKey.checker(account)) }

    private func id(_ key: [UInt8]) -> UInt64? {
        state.object(key).map { believed($0) { try $0.read() } }
    }

    /// The id of the bank behind a deposit token; nil for any other token.
    func bank(of token: TokenID) -> UInt64? {
        state.object(BankingKey.deposit(token)).map { bytes in
            believed { try DepositRecord(decoding: bytes) }.bank
        }
    }

    /// Who operates the bank behind a deposit token, or operated it last; nil for any other token.
    static func `operator`(of token: TokenID, in state: State) -> Address? {
        guard let bytes = state.object(BankingKey.deposit(token)) else { return nil }
        let deposit = believed { try DepositRecord(decoding: bytes) }
        return state.object(BankingKey.bank(deposit.bank)).map { bytes in
            believed { try BankRecord(decoding: bytes) }.operator
        }
    }

    /// What a bank takes at par for a deposit token of its own.
    func acceptances(for token: TokenID) -> [ParAcceptance] {
        state.object(BankingKey.acceptances(token)).map { bytes in
            believed { try ParAcceptance.decode(bytes) }
        } ?? []
    }

    // MARK: Writing

    func set(_ acceptances: [ParAcceptance], for token: TokenID) {
        state.setObject(
            BankingKey.acceptances(token),
            acceptances.isEmpty ? nil : ParAcceptance.bytes(of: acceptances))
    }

    /// Writes a bank as it is now, without its keys.
    func set(_ bank: BankRecord, at id: UInt64) {
        state.setObject(BankingKey.bank(id), bank.bytes)
    }

    func setOperator(_ account: Address, to id: UInt64?) {
        setID(BankingKey.operator(account), id)
    }

    func setChecker(_ account: Address, to id: UInt64?) {
        setID(BankingKey.checker(account), id)
    }

    private func setID(_ key: [UInt8], _ id: UInt64?) {
        var writer = ByteWriter(capacity: 8)
        if let id { writer.write(id) }
        state.setObject(key, id == nil ? nil : writer.bytes)
    }

    /// The record of a bank of the consortium and its id here; made if there is none.
    func record(of member: Bank) -> (id: UInt64, bank: BankRecord) {
        if let id = id(operatedBy: member.operator), let bank = bank(id) { return (id, bank) }
        let bank = BankRecord(operator: member.operator, name: member.name)
        set(bank, at: member.id)
        setOperator(member.operator, to: member.id)
        return (member.id, bank)
    }

    /// Gives a bank of the consortium another checker.
    func setChecker(_ checker: Address, of member: Bank) {
        var (id, bank) = record(of: member)
        if bank.checker != .zero { setChecker(bank.checker, to: nil) }
        setChecker(checker, to: id)
        bank.checker = checker
        set(bank, at: id)
        BankingEffect.checkerSet(operator: member.operator, checker: checker).record(in: state)
    }

    /// Why an account cannot be the checker of a bank, nil where it can.
    func refusal(ofChecker checker: Address, for account: Address) -> String? {
        if tokens.isKeyless(checker) { return "nobody can have the key of \(checker)" }
        guard checker != account else { return "two keys are wanted, \(checker) is the operator" }
        let other = id(checkedBy: checker)
        guard other == nil || other == id(operatedBy: account) else {
            return "\(checker) is another bank's checker"
        }
        return nil
    }

    // MARK: Following governance

    /// Why a bank's operator cannot become an account, nil where it can.
    func refusal(of next: Address, for account: Address) -> String? {
        if tokens.isKeyless(next) { return "nobody can have the key of \(next)" }
        if id(operatedBy: next) != nil { return "\(next) operates another bank, or did" }
        if let id = id(operatedBy: account), id == self.id(checkedBy: next) {
            return "\(next) is the bank's checker"
        }
        return nil
    }

    /// Takes over what changed between two sets of banks: names, and operators with the roles that they have
    /// in the bank's deposit tokens.
    func follow(from old: BankSet, to new: BankSet) {
        for before in old.banks {
            guard let id = id(operatedBy: before.operator), var bank = bank(id) else { continue }
            bank.name = before.name
            if let after = new[id: before.id], after.operator != before.operator {
                bank.operator = after.operator
                setOperator(before.operator, to: nil)
                setOperator(after.operator, to: id)
                for token in bank.tokens {
                    tokens.handOverRoles(of: token, from: before.operator, to: after.operator)
                    // What it has in hand for payees of other banks' customers.
                    for acceptance in acceptances(for: token) {
                        tokens.handOver(
                            acceptance.other, from: before.operator, to: after.operator)
                        noteSuccession(of: before.operator, in: acceptance.other, by: id)
                    }
                }
                BankingEffect.operatorChanged(from: before.operator, to: after.operator)
                    .record(in: state)
            }
            set(bank, at: id)
        }
    }
}
