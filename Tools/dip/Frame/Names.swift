import Ledger
import Synchronization
import Wallet

/// Turns what people write into addresses, and addresses into what people know.
struct Names {
    private let keystore: Keystore
    private let labels: [Address: String]
    private let published = Published()

    /// What was asked for, of whoever else has the same names.
    private final class Published: Sendable {
        let wasNamed = Atomic(false)
    }

    /// Refuses names that were asked for where they must not be used: on a ledger with real money, what the account of a
    /// published key, `dev:N`, gets is anybody's.
    func check(chainID: UInt64) throws {
        guard published.wasNamed.load(ordering: .relaxed), chainID != Signer.developmentChain else {
            return
        }
        throw Failure.usage(
            "this is chain \(chainID): the key of dev:N is published, and whoever likes takes what such an "
                + "account gets; the name is for chain \(Signer.developmentChain) only")
    }

    init(_ keystore: Keystore) {
        self.keystore = keystore
        var labels: [Address: String] = [
            .dip: "DIP", .tokens: "tokens", .orders: "orders", .claims: "claims",
            .templates: "templates", .banks: "banks", .entities: "entities",
            .treasury: "treasury", .batch: "batch",
        ]
        // A keystore that cannot be read has no labels; commands that need it say why.
        for account in (try? keystore.entries()) ?? [] {
            if let label = account.label { labels[account.address] = label }
        }
        self.labels = labels
    }

    /// An address with its checksum checked, a label or the first digits of an account in the keystore, or
    /// `dev:N`.
    func address(_ text: String) throws -> Address {
        if text.hasPrefix("dev:"), let number = UInt32(text.dropFirst(4)) {
            published.wasNamed.store(true, ordering: .relaxed)
            return PrivateKey.development(number).address
        }
        let digits = text.hasPrefix("0x") ? text.dropFirst(2) : text[...]
        if digits.utf8.count == 40, Address(hex: text) != nil {
            guard let address = Address(checked: text) else {
                throw Failure.usage("\(text) has a wrong checksum: a digit or letter is mistyped")
            }
            return address
        }
        guard digits.utf8.count < 40 || Address(hex: text) == nil else {
            throw Failure.usage("\(text) is no address: it takes 40 hexadecimal digits")
        }
        return try keystore.entry(text).address
    }

    /// The label and the address, or the address alone.
    func text(_ address: Address) -> String {
        if let order = address.orderID { return "order \(order)" }
        guard let label = label(address) else { return address.checksummed }
        return address.isNativeContract ? label : "\(label) (\(address.short))"
    }

    /// The label, or the first and last digits of the address.
    func short(_ address: Address) -> String {
        if let order = address.orderID { return "order \(order)" }
        return label(address) ?? address.short
    }

    /// Published keys are named wherever they appear: nobody should take them for somebody's.
    private func label(_ address: Address) -> String? {
        labels[address] ?? Self.published[address]
    }

    private static let published = Dictionary(
        (0..<20 as Range<UInt32>).map { (PrivateKey.development($0).address, "dev:\($0)") },
        uniquingKeysWith: { first, _ in first })
}

extension Address {
    /// The first and last digits.
    var short: String {
        let text = checksummed
        return text.prefix(8) + "…" + text.suffix(4)
    }
}
