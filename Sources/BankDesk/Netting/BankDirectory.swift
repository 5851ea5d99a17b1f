import Ledger

/// The banks of the consortium with their deposit tokens, as the ledger has them.
struct BankDirectory: Sendable {
    struct Entry: Sendable {
        let bank: IBanks.Bank
        let tokens: [Address]
    }

    let entries: [Entry]

    /// Asks the ledger.
    init(_ ledger: some DeskLedger) async throws(DeskFault) {
        var entries: [Entry] = []
        for account in try await ledger.operators() {
            let bank = try await ledger.asking(
                .banks, DeskCall.encoded(IBanks.Function.bank, words: 1) { $0.write(account) }
            ) { (reader) throws(Rejection) in try reader.read(IBanks.Bank.self) }
            let tokens = try await ledger.asking(
                .banks,
                DeskCall.encoded(IBanks.Function.depositTokens, words: 1) { $0.write(account) }
            ) { (reader) throws(Rejection) in try reader.array(of: Address.self) }
            entries.append(Entry(bank: bank, tokens: tokens))
        }
        self.entries = entries
    }

    /// The bank of a deposit token.
    func bank(of token: Address) -> Entry? { entries.first { $0.tokens.contains(token) } }

    /// Whether an account acts, or acted, for the bank of a deposit token; of a bank that left nobody else can tell.
    func isBank(
        of token: Address, _ account: Address, _ former: Journal.FormerOperators
    ) -> Bool {
        let isNow = { (account: Address) in entries.contains { $0.bank.operator == account } }
        let present = former.present(of: account, where: isNow)
        guard let bank = entries.first(where: { $0.bank.operator == present }) else {
            return self.bank(of: token) == nil
        }
        return bank.tokens.contains(token)
    }
}

extension DeskLedger {
    /// The operators of all banks.
    func operators() async throws(DeskFault) -> [Address] {
        try await asking(
            .treasury, DeskCall.encoded(IGovernance.Function.banks, words: 0) { _ in }
        ) { (reader) throws(Rejection) in try reader.array(of: Address.self) }
    }

    /// What a token's bank takes at par for it, with what it has in hand.
    func accepted(for token: Address) async throws(DeskFault) -> [(
        other: Address, inHand: UInt128
    )] {
        try await asking(
            .banks, DeskCall.encoded(IBanks.Function.accepted, words: 1) { $0.write(token) }
        ) { (reader) throws(Rejection) in
            let others = try reader.array(of: Address.self)
            _ = try reader.array(of: UInt128.self)
            return Array(zip(others, try reader.array(of: UInt128.self)))
        }
    }

    fileprivate func asking<Value>(
        _ contract: Address, _ call: [UInt8],
        _ body: (inout ABIReader) throws(Rejection) -> Value
    ) async throws(DeskFault) -> Value {
        var reader = ABIReader(try await read(contract, call))
        do { return try body(&reader) } catch {
            throw .wrongLedger("\(contract.checksummed) answers otherwise than it should")
        }
    }
}
