import Files
import JSON
import Ledger
import Signing
import Tokens

/// What a bank's operator does on the ledger before its desk can work; what is done already is left.
struct BankDoor {
    let session: Session
    let options: SendingOptions
    let key: SigningKey
    /// The bank as the ledger has it.
    private let bank: JSON

    /// Asks the ledger for the operator's bank.
    ///
    /// - Throws: ``Failure/failed(_:)`` where there is none.
    init(session: Session, options: SendingOptions, key: SigningKey) async throws {
        self.session = session
        self.options = options
        self.key = key
        let found = try await session.call("dip_banks").elements
            .first { $0["operator"]?.address == key.address && $0["active"]?.bool == true }
        guard let found else {
            throw Failure.failed(
                "NotBank: \(session.names.text(key.address)) is no bank's operator; the banks admit one, "
                    + "see docs/governance.md")
        }
        bank = found
    }

    private func demand(
        _ call: ContractCall, _ what: String, by key: SigningKey? = nil
    ) async throws -> [UInt8] {
        let sender = Sender(session: session, options: options, signer: .plain(key ?? self.key))
        let output = try await sender.demand(Plan(call, what))
        Output.note("done: \(what)")
        return output
    }

    // MARK: The token

    /// The bank's deposit token in a currency, where a folder may be made for it; nothing is sent.
    ///
    /// - Parameters:
    ///   - currency: which.
    ///   - given: the token that the person names.
    ///   - begun: how an earlier run began the folder.
    /// - Returns: nil where the bank has none yet.
    /// - Throws: ``Failure/failed(_:)`` where the bank has one, and neither person nor folder knows it.
    func token(
        in currency: CurrencyCode, _ given: Address?, _ begun: DeskBeginning?
    ) throws -> Address? {
        let known = bank["tokens"]?.elements
            .first { $0["currency"]?.string == currency.description }?["address"]?.address
        guard let known, given ?? begun?.token != known else { return known }
        throw Failure.failed(
            "the bank has a deposit token in this currency already: --token \(known.checksummed) "
                + "makes a desk for it; no other desk may work for it")
    }

    /// The token that is to become the bank's: the one that is known, that an earlier run made, or a new one.
    ///
    /// - Parameters:
    ///   - known: one that is to be used.
    ///   - currency: its currency.
    ///   - name: of a new one.
    ///   - symbol: of a new one.
    ///   - mayBeMade: whether an earlier run for the same folder may have made it.
    /// - Returns: its address.
    /// - Throws: ``Failure`` where it cannot be made.
    func token(
        _ known: Address?, _ currency: CurrencyCode, name: String, symbol: String, mayBeMade: Bool
    ) async throws -> Address {
        if let known { return known }
        if mayBeMade, let token = try await made(name, symbol, currency) { return token }
        return try await make(name, symbol, currency)
    }

    /// Makes a token the bank's deposit token.
    func register(_ token: Address, _ currency: CurrencyCode) async throws {
        let register = ContractCall(.banks, IBanks.Function.setDepositToken, words: 2) {
            $0.write(token)
            $0.write(fixedBytes: currency.bytes)
        }
        _ = try await demand(register, "make it the bank's deposit token in \(currency)")
    }

    private static let controls: TokenControls = [.mint, .burn, .freeze, .clawback]

    private func make(
        _ name: String, _ symbol: String, _ currency: CurrencyCode
    ) async throws -> Address {
        let new = ITokens.NewToken(
            name: name, symbol: symbol, decimals: UInt8(currency.decimals), cap: 0,
            initialSupply: 0, controls: Self.controls.rawValue, uri: "")
        let call = ContractCall(.tokens, ITokens.Function.create, words: 1) { $0.write(new) }
        var reader = ABIReader(try await demand(call, "issue the token \(symbol)"))
        let token = try reader.address()
        Output.note("the token is \(token.checksummed)")
        return token
    }

    /// The token that an earlier run made and did not come to register.
    private func made(
        _ name: String, _ symbol: String, _ currency: CurrencyCode
    ) async throws -> Address? {
        let taken = Set(
            (bank["tokens"]?.elements ?? []).compactMap { $0["address"]?.address })
        return try await session.pages("dip_tokens", [], member: "tokens", atMost: 100_000)
            .elements.first { token in
                token["issuer"]?.address == key.address && token["name"]?.string == name
                    && token["symbol"]?.string == symbol && token["supply"]?.whole == 0
                    && token["decimals"]?.whole == UInt128(currency.decimals)
                    && !(token["address"]?.address.map(taken.contains) ?? true)
            }?["address"]?.address
    }

    // MARK: Keys and limit

    /// Refuses a checker that the bank cannot have, before anything is made.
    ///
    /// - Throws: ``Failure``.
    func check(_ checker: Address?) throws {
        guard let checker else { return }
        guard checker != key.address else {
            throw Failure.usage(
                "the checker cannot be the operator, \(session.names.text(checker)): it is the bank's second key, "
                    + "without which no one person issues money")
        }
        guard let current = bank["checker"]?.address, current != checker else { return }
        throw Failure.failed(
            "the bank's checker is \(session.names.text(current)) and not "
                + "\(session.names.text(checker)); replacing it takes its approval of "
                + "'dip call Banks setChecker'")
    }

    /// Sets BIC, checker and limit as far as the keys at hand go.
    ///
    /// - Returns: what is left to do, in sentences.
    func secure(
        _ token: Address, _ checker: Address?, _ checkerKey: SigningKey?, limit: UInt128?,
        bic: String, desk: String
    ) async throws -> [String] {
        if !bic.isEmpty, bank["bic"]?.string != bic {
            let call = ContractCall(.banks, IBanks.Function.setBic, words: 1) {
                $0.write(string: bic)
            }
            _ = try await demand(call, "tell the bank's BIC")
        }
        let current = bank["checker"]?.address
        if let checker, current == nil {
            let call = ContractCall(.banks, IBanks.Function.setChecker, words: 1) {
                $0.write(checker)
            }
            _ = try await demand(call, "set the checker to \(session.names.text(checker))")
        } else if current == nil {
            return [
                "Nothing is issued before the bank has a checker: dip call Banks setChecker ACCOUNT --send"
            ]
        }
        guard let limit else { return [] }
        let asked = ContractCall(.banks, IBanks.Function.issueLimit, words: 1) { $0.write(token) }
        let now = try await session.read(asked) { reader throws(Rejection) in
            (try reader.amount(), try reader.amount()).0
        }
        let call = BankLimit.call(token, limit)
        guard now != limit else { return [] }
        let checked = try CheckedCall(call.data)
        guard let checkerKey else {
            return [
                "The checker approves the limit: \(checked.request)",
                "Then: dip bank limit \(limit) --units --desk \(ShellWord.quoted(desk))",
            ]
        }
        _ = try await demand(
            BankApprove.call(checked.hash), "approve the limit by the checker", by: checkerKey)
        _ = try await demand(call, "set the limit a day")
        return []
    }
}
