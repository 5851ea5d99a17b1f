import Ledger

/// Why the pool does not take a transaction; the ledger never saw it, so it cost nothing.
public enum PoolRefusal: Error, Equatable, Sendable {
    /// The bytes are no valid transaction of this ledger.
    case invalid(TransactionFault)
    /// The same transaction is in the pool or was executed.
    case alreadyKnown(Hash32)
    /// The nonce was used.
    case nonceTooLow(given: UInt64, next: UInt64)
    /// The nonce is further ahead than the pool keeps.
    case nonceTooHigh(given: UInt64, next: UInt64, window: UInt64)
    /// Another transaction of the nonce is waiting and offers too much to be replaced.
    case replacementUnderpriced(offered: UInt128, needed: UInt128)
    /// Another transaction of the nonce is being ordered.
    case nonceBeingOrdered(UInt64)
    /// It offers less than the price of gas.
    case gasPriceTooLow(offered: UInt128, price: UInt128)
    /// It allows less gas than being a transaction takes.
    case gasLimitTooLow(given: UInt64, needed: UInt64)
    /// It asks for more gas than a block has.
    case gasLimitTooHigh(given: UInt64, block: UInt64)
    /// Nobody who could be asked has enough DIP for fee and value.
    case insufficientFunds(account: Address, balance: UInt128, needed: UInt128)
    /// Contracts cannot be created.
    case contractCreation
    /// The sender has as many waiting as it may have.
    case accountFull(limit: Int)
    /// The pool is full.
    case full(limit: Int)
    /// The node is stopping, or has stopped ordering.
    case notServing(String)
    /// So many of the client's transactions were refused that it was not looked at.
    case tooManyRefused(retryMillis: UInt64)
}

extension PoolRefusal: CustomStringConvertible {
    /// What was wrong and what to do, in the words that Ethereum clients know where there are some.
    public var description: String {
        switch self {
        case .invalid(let fault): "invalid transaction: \(fault)"
        case .alreadyKnown(let hash): "already known: \(hash)"
        case .nonceTooLow(let given, let next):
            "nonce too low: \(given) was used, the account's next is \(next)"
        case .nonceTooHigh(let given, let next, let window):
            "nonce too high: \(given) given, the account's next is \(next) and at most \(window) are kept ahead of it"
        case .replacementUnderpriced(let offered, let needed):
            "replacement transaction underpriced: a maxFeePerGas of \(offered) was offered, \(needed) is needed"
        case .nonceBeingOrdered(let nonce):
            "nonce too low: another transaction with nonce \(nonce) is being ordered and cannot be replaced"
        case .gasPriceTooLow(let offered, let price):
            "max fee per gas less than block base fee: \(offered) offered, the price is \(price)"
        case .gasLimitTooLow(let given, let needed):
            "intrinsic gas too low: \(given) given, \(needed) needed"
        case .gasLimitTooHigh(let given, let block):
            "exceeds block gas limit: \(given) asked for, a block has \(block)"
        case .insufficientFunds(let account, let balance, let needed):
            "insufficient funds for gas * price + value: \(account) has \(balance), \(needed) needed (units of 10^-18 DIP)"
        case .contractCreation:
            "contracts cannot be created: there is no EVM here. Issue tokens with the factory at \(Address.contract(0xd101)), open orders at \(Address.contract(0xd102)), or publish a template"
        case .accountFull(let limit):
            "the account has \(limit) transactions waiting, which is the limit: wait for some to be executed"
        case .full(let limit):
            "the node's pool is full (\(limit) transactions): try again later"
        case .notServing(let why): "the node takes no transactions: \(why)"
        case .tooManyRefused(let millis):
            "not looked at: too many transactions from your address were refused; see why, and send again in \(millis) ms"
        }
    }
}
