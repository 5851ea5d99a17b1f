import JSON
import Ledger
import Replica

/// A refusal before the ledger: the transaction was not taken and cost nothing.
public struct PoolRefusalEntry: Sendable {
    /// The stable number, never reused; above those of the ledger's refusals.
    public let code: UInt16
    /// Its name, for programs.
    public let name: String
    /// Why it happens.
    public let cause: String
    /// What to do.
    public let cure: String
    /// All of it, as it goes with an error; made once, since a flood of refusals should cost little.
    let data: JSON

    init(_ code: UInt16, _ name: String, _ cause: String, _ cure: String) {
        self.code = code
        self.name = name
        self.cause = cause
        self.cure = cure
        data = [
            "name": .string(name), "code": .integer(code), "cause": .string(cause),
            "cure": .string(cure),
        ]
    }
}

extension PoolRefusal {
    /// What the catalogue says of it.
    public var entry: PoolRefusalEntry {
        switch self {
        case .invalid(let fault): fault.entry
        case .alreadyKnown: .alreadyKnown
        case .nonceTooLow: .nonceTooLow
        case .nonceTooHigh: .nonceTooHigh
        case .replacementUnderpriced: .replacementUnderpriced
        case .nonceBeingOrdered: .nonceBeingOrdered
        case .gasPriceTooLow: .gasPriceTooLow
        case .gasLimitTooLow: .gasLimitTooLow
        case .gasLimitTooHigh: .gasLimitTooHigh
        case .insufficientFunds: .insufficientFunds
        case .contractCreation: .contractCreation
        case .accountFull: .accountFull
        case .full: .full
        case .notServing: .notServing
        case .tooManyRefused: .tooManyRefused
        }
    }
}

extension TransactionFault {
    /// What the catalogue says of it.
    public var entry: PoolRefusalEntry {
        switch self {
        case .tooLarge: .tooLarge
        case .unknownType: .unknownType
        case .malformed: .malformed
        case .amountTooLarge: .valueTooLarge
        case .noChainID: .noChainID
        case .wrongChain: .wrongChain
        case .priorityAboveMaximum: .priorityAboveMaximum
        case .highS: .highS
        case .badSignature: .badSignature
        }
    }
}

extension PoolRefusalEntry {
    /// All entries by their numbers.
    public static let all: [PoolRefusalEntry] = [
        alreadyKnown, nonceTooLow, nonceTooHigh, replacementUnderpriced, nonceBeingOrdered,
        gasPriceTooLow, gasLimitTooLow, gasLimitTooHigh, insufficientFunds, contractCreation,
        accountFull, full, notServing, tooManyRefused, tooLarge, unknownType, malformed,
        valueTooLarge, noChainID, wrongChain, priorityAboveMaximum, highS, badSignature,
    ]

    static let alreadyKnown = PoolRefusalEntry(
        1001, "AlreadyKnown", "The same transaction is waiting or was executed.",
        "Nothing: ask for its receipt.")
    static let nonceTooLow = PoolRefusalEntry(
        1002, "NonceTooLow", "Another transaction of the account used this nonce.",
        "Ask eth_getTransactionCount with \"pending\" and sign again with that nonce.")
    static let nonceTooHigh = PoolRefusalEntry(
        1003, "NonceTooHigh", "The nonce is further ahead than the pool keeps.",
        "Send the transactions before it first.")
    static let replacementUnderpriced = PoolRefusalEntry(
        1004, "ReplacementUnderpriced", "A transaction with this nonce is waiting.",
        "Wait for it, or offer a maxFeePerGas that is a tenth higher to replace it.")
    static let nonceBeingOrdered = PoolRefusalEntry(
        1005, "NonceBeingOrdered", "A transaction with this nonce is on its way into a block.",
        "Use the next nonce.")
    static let gasPriceTooLow = PoolRefusalEntry(
        1006, "GasPriceTooLow", "maxFeePerGas is below the price that governance set.",
        "Offer at least eth_gasPrice; more is never charged.")
    static let gasLimitTooLow = PoolRefusalEntry(
        1007, "GasLimitTooLow", "The gas limit does not even cover the transaction as such.",
        "Set at least what eth_estimateGas says.")
    static let gasLimitTooHigh = PoolRefusalEntry(
        1008, "GasLimitTooHigh", "The gas limit is above that of a block.",
        "Set what eth_estimateGas says, or split the work.")
    static let insufficientFunds = PoolRefusalEntry(
        1009, "InsufficientFunds",
        "Neither the sender nor its fee payer has enough DIP for gas limit x price and value.",
        "Send DIP to the account, have a bank grant it fees, or lower the gas limit.")
    static let contractCreation = PoolRefusalEntry(
        1010, "ContractCreation", "The transaction has no receiver; contracts cannot be created.",
        "Issue tokens with the factory at 0x…d101, open orders at 0x…d102, or publish a template.")
    static let accountFull = PoolRefusalEntry(
        1011, "AccountFull", "The account has as many transactions waiting as it may have.",
        "Wait for some to be executed.")
    static let full = PoolRefusalEntry(
        1012, "PoolFull", "The node has as many transactions waiting as it can keep.",
        "Try again in a moment.")
    static let notServing = PoolRefusalEntry(
        1013, "NotServing", "The node takes no transactions at present.",
        "Look at /ready for the reason, or ask another node.")
    static let tooManyRefused = PoolRefusalEntry(
        1014, "TooManyRefused",
        "So many transactions from the client's address were refused that no more are looked at for a while.",
        "See why they were refused, and send again after retryMillis milliseconds.")
    static let tooLarge = PoolRefusalEntry(
        1101, "TooLarge", "A transaction has at most 512 KiB.", "Split the work.")
    static let unknownType = PoolRefusalEntry(
        1102, "UnknownType", "Only transactions of types 0, 1 and 2 are taken.",
        "Sign as EIP-1559 (type 2).")
    static let malformed = PoolRefusalEntry(
        1103, "Malformed", "The bytes are not the canonical encoding of a transaction.",
        "Send exactly what the signing library gave.")
    static let valueTooLarge = PoolRefusalEntry(
        1104, "ValueTooLarge", "Amounts and prices are below 2^128.", "Give smaller numbers.")
    static let noChainID = PoolRefusalEntry(
        1105, "NoChainID", "The transaction is signed for every chain.",
        "Sign with the chain id (EIP-155).")
    static let wrongChain = PoolRefusalEntry(
        1106, "WrongChain", "The transaction is signed for another chain.",
        "Sign with the chain id that eth_chainId gives.")
    static let priorityAboveMaximum = PoolRefusalEntry(
        1107, "PriorityAboveMaximum", "maxPriorityFeePerGas is above maxFeePerGas.",
        "Set maxPriorityFeePerGas to 0.")
    static let highS = PoolRefusalEntry(
        1108, "HighS", "The signature is the twin with the high s, which is not taken (EIP-2).",
        "Send n - s with the other parity; every current library does.")
    static let badSignature = PoolRefusalEntry(
        1109, "BadSignature", "The signature is not that of any key.", "Sign again.")
}
