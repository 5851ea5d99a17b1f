import Ledger
import Settlement
import Tokens

/// Banks and their deposit tokens: fiat in, fiat out; answers at 0x…d105.
///
/// Decides who may do what; what happens to the tokens is the business of ``TokenLedger``.
public final class BankRegistry {
    /// How long an approval of a checker counts, in seconds.
    public static let approvalSeconds: UInt64 = 7 * 86_400

    let state: State
    let tokens: TokenLedger
    let governance: Governance
    let entities: EntityRegistry
    let orders: OrderBook

    init(
        state: State, tokens: TokenLedger, governance: Governance, entities: EntityRegistry,
        orders: OrderBook
    ) {
        self.state = state
        self.tokens = tokens
        self.governance = governance
        self.entities = entities
        self.orders = orders
    }

    var roll: BankRoll { BankRoll(state: state, tokens: tokens) }

    // MARK: Banks

    /// A bank and the id by which it is known here.
    struct Acting {
        let id: UInt64
        var bank: BankRecord
    }

    /// The bank of the consortium that an account operates; it has a record from now on.
    ///
    /// - Throws: ``Rejection/notBank(_:)``.
    func bank(actingBy account: Address) throws(Rejection) -> Acting {
        guard let member = governance.bankSet.bank(operatedBy: account) else {
            throw .notBank(account)
        }
        let (id, bank) = roll.record(of: member)
        return Acting(id: id, bank: bank)
    }

    /// A bank with a record, also one that left the consortium: what is in flight must still come to an end.
    ///
    /// - Throws: ``Rejection/notBank(_:)``.
    func bank(endingBy account: Address) throws(Rejection) -> Acting {
        guard let id = roll.id(operatedBy: account), let bank = roll.bank(id) else {
            throw .notBank(account)
        }
        return Acting(id: id, bank: bank)
    }

    /// What is known of the bank that an account operates, or operated last, nil if nothing.
    public func record(operatedBy account: Address) -> BankRecord? {
        roll.id(operatedBy: account).flatMap { roll.bank($0) }
    }

    /// The bank behind a deposit token.
    public func record(of deposit: DepositRecord) -> BankRecord? { roll.bank(deposit.bank) }

    /// A bank in the form that clients see; nobody where the account operates none.
    public func view(of account: Address) -> IBanks.Bank {
        let member = governance.bankSet.bank(operatedBy: account)
        let record = record(operatedBy: account)
        guard let name = member?.name ?? record?.name else {
            return IBanks.Bank(bic: "", name: "", operator: .zero, active: false)
        }
        return IBanks.Bank(
            bic: record?.bic ?? "", name: name, operator: account, active: member != nil)
    }

    // MARK: Deposit tokens

    /// What is kept of a deposit token, nil for any other.
    public func deposit(_ token: TokenID) -> DepositRecord? {
        guard tokens.isDeposit(token) else { return nil }
        return state.object(BankingKey.deposit(token)).map { bytes in
            believed { try DepositRecord(decoding: bytes) }
        }
    }

    func set(_ deposit: DepositRecord, at token: TokenID) {
        state.setObject(BankingKey.deposit(token), deposit.bytes)
    }

    /// The deposit token at an address, which must be that bank's.
    ///
    /// - Throws: ``Rejection/notThisBanksToken(_:)``.
    func deposit(
        at address: Address, of bank: UInt64
    ) throws(Rejection) -> (TokenID, DepositRecord) {
        guard let token = tokens.find(address), let deposit = deposit(token),
            deposit.bank == bank
        else { throw .notThisBanksToken(address) }
        return (token, deposit)
    }

    /// The deposit tokens of all banks, in the order in which they became some.
    public var depositTokens: [TokenID] {
        believed(listIn: state.object(BankingKey.tokens) ?? []) { TokenID(rawValue: try $0.read()) }
    }

    /// What a bank attested last of a token's reserve, nil if it never did.
    public func reserve(of token: TokenID) -> ReserveAttestation? {
        state.object(BankingKey.reserve(token)).map { bytes in
            believed { try ReserveAttestation(decoding: bytes) }
        }
    }
}
