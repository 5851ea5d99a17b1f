import JSON
import Ledger

/// What a desk works for: `desk.json`, written by `dip bank init`.
public struct DeskSettings: Sendable, Equatable {
    /// The node's address.
    public var node: String
    /// The ledger's chain id.
    public var chainID: UInt64
    /// The hash of block 0: chain ids may be used twice.
    public var genesis: Hash32
    /// The bank's operator.
    public var bank: Address
    /// The bank's deposit token.
    public var token: Address
    /// Its currency.
    public var currency: CurrencyCode
    /// The account at the bank in which the money behind the token stands: IBAN or another number, without
    /// spaces.
    public var account: String
    /// The bank's BIC; empty where it has none.
    public var bic: String
    /// The bank's name, as it stands in payment orders.
    public var name: String
    /// The file whose first line opens the keystores; empty: the password is asked for.
    public var passwordFile: String
    /// The file that names the signer with the operator's key; nil: the desk's keystore has that key.
    public var signerFile: String?
    /// Whether the bank takes names in all scripts; else only the Latin letters that every scheme carries.
    public var takesAllCharacters = false
    /// The largest file that is taken from the inbox, in bytes.
    public var largestFile = 1 << 30
    /// The most incoming payments in one transaction.
    public var issuesPerTransaction = 500
    /// The most redemptions in one payment file.
    public var paymentsPerFile = 1000

    /// Describes a desk.
    public init(
        node: String, chainID: UInt64, genesis: Hash32, bank: Address, token: Address,
        currency: CurrencyCode, account: String, bic: String, name: String, passwordFile: String
    ) {
        self.node = node
        self.chainID = chainID
        self.genesis = genesis
        self.bank = bank
        self.token = token
        self.currency = currency
        self.account = account
        self.bic = bic
        self.name = name
        self.passwordFile = passwordFile
    }
}

extension DeskSettings {
    /// Checks account, name and BIC, before a customer's money depends on them.
    ///
    /// - Throws: ``DeskFault/settings(_:)`` where no payment file could be written with them.
    public func check() throws(DeskFault) { try PaymentFile.check(self) }

    /// The largest file that is read, in bytes.
    public static let byteLimit = 1 << 20

    /// As `desk.json` has it.
    public var json: JSON {
        let signer = signerFile.map { [JSON.Member("signerFile", .string($0))] } ?? []
        return .object((members.object ?? []) + signer)
    }

    private var members: JSON {
        [
            "node": .string(node), "chainId": .integer(chainID), "genesis": .string(genesis.hex),
            "bank": .string(bank.checksummed), "token": .string(token.checksummed),
            "currency": .string(currency.description), "account": .string(account),
            "bic": .string(bic), "name": .string(name), "passwordFile": .string(passwordFile),
            "takesAllCharacters": .bool(takesAllCharacters),
            "largestFile": .integer(largestFile),
            "issuesPerTransaction": .integer(issuesPerTransaction),
            "paymentsPerFile": .integer(paymentsPerFile),
        ]
    }

    /// Reads settings.
    ///
    /// - Throws: ``DeskFault/settings(_:)`` naming the first bad member and what it should be. A member that is
    ///   not known is refused: a mistyped one would silently do nothing.
    public init(parsing bytes: [UInt8]) throws(DeskFault) {
        let json: JSON
        do { json = try JSON(parsing: bytes) } catch { throw .settings("it is no JSON: \(error)") }
        let known: Set = [
            "node", "chainId", "genesis", "bank", "token", "currency", "account", "bic", "name",
            "passwordFile", "signerFile", "takesAllCharacters", "largestFile",
            "issuesPerTransaction",
            "paymentsPerFile",
        ]
        if let stranger = json.object?.first(where: { !known.contains($0.name) }) {
            throw .settings("\(stranger.name) is not known")
        }
        func text(_ name: String) throws(DeskFault) -> String {
            guard let text = json[name]?.string, text.utf8.count <= 4096 else {
                throw .settings("\(name) must be a text")
            }
            return text
        }
        func number(_ name: String, _ range: ClosedRange<UInt64>) throws(DeskFault) -> UInt64 {
            guard let number = json[name]?.unsigned.flatMap({ UInt64(exactly: $0) }),
                range.contains(number)
            else { throw .settings("\(name) must be a number from \(range)") }
            return number
        }
        func address(_ name: String) throws(DeskFault) -> Address {
            guard let address = Address(checked: try text(name)) else {
                throw .settings("\(name) must be an address")
            }
            return address
        }
        guard let genesis = Hash32(hex: try text("genesis")) else {
            throw .settings("genesis must be a hash")
        }
        guard let currency = CurrencyCode(try text("currency")) else {
            throw .settings("currency must be a code of ISO 4217")
        }
        self.init(
            node: try text("node"), chainID: try number("chainId", 0...UInt64.max),
            genesis: genesis, bank: try address("bank"), token: try address("token"),
            currency: currency, account: AccountNumber.plain(try text("account")),
            bic: try text("bic"), name: try text("name"), passwordFile: try text("passwordFile"))
        if json["signerFile"] != nil { signerFile = try text("signerFile") }
        guard let takesAll = json["takesAllCharacters"]?.bool else {
            throw .settings("takesAllCharacters must be true or false")
        }
        takesAllCharacters = takesAll
        largestFile = Int(try number("largestFile", 1...1 << 40))
        issuesPerTransaction = Int(try number("issuesPerTransaction", 1...1000))
        paymentsPerFile = Int(try number("paymentsPerFile", 1...10_000))
    }
}
