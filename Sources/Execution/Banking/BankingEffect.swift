import Ledger
import Tokens

/// The tags of the effects of banks, 0xb0 to 0xbf; `docs/formats/effects.md`.
public enum BankingEffectTag {
    static let admitted: UInt8 = 0xb0
    static let depositTokenSet: UInt8 = 0xb1
    static let checkerSet: UInt8 = 0xb2
    static let callApproved: UInt8 = 0xb3
    static let issueLimitSet: UInt8 = 0xb4
    static let operatorChanged: UInt8 = 0xb5
    static let reserveAttested: UInt8 = 0xb6
    static let acceptedAtPar: UInt8 = 0xb7
    static let recovered: UInt8 = 0xb8

    /// All of them, reserved ones included.
    public static let all: ClosedRange<UInt8> = 0xb0...0xbf
}

/// What a bank did at 0x…d105 beside issuing and paying, as its compact record says.
public enum BankingEffect: Hashable, Sendable {
    /// A bank said who it is in payment messages.
    case admitted(operator: Address, bic: String)
    /// A token became a bank's deposit token.
    case depositTokenSet(TokenID, bank: Address, currency: CurrencyCode)
    /// A bank named its checker.
    case checkerSet(operator: Address, checker: Address)
    /// A checker approved a call of the operator.
    case callApproved(operator: Address, call: Hash32, checker: Address, expiry: UInt64)
    /// So much may be issued a day without the checker.
    case issueLimitSet(TokenID, perDay: UInt128)
    /// Another key acts for a bank from now on.
    case operatorChanged(from: Address, to: Address)
    /// A bank said what is behind a token.
    case reserveAttested(TokenID, ReserveAttestation)
    /// A bank takes another bank's token for its own at par, up to a limit.
    case acceptedAtPar(TokenID, other: TokenID, limit: UInt128)
    /// What a customer had belongs to another key of it; so many lines are yet to be looked at for claims.
    case recovered(from: Address, to: Address, reason: Hash32, left: UInt64)

    /// The kind of effect, as it stands before the payload.
    public var tag: UInt8 {
        switch self {
        case .admitted: BankingEffectTag.admitted
        case .depositTokenSet: BankingEffectTag.depositTokenSet
        case .checkerSet: BankingEffectTag.checkerSet
        case .callApproved: BankingEffectTag.callApproved
        case .issueLimitSet: BankingEffectTag.issueLimitSet
        case .operatorChanged: BankingEffectTag.operatorChanged
        case .reserveAttested: BankingEffectTag.reserveAttested
        case .acceptedAtPar: BankingEffectTag.acceptedAtPar
        case .recovered: BankingEffectTag.recovered
        }
    }

    /// Notes that this happened in the running transaction or block.
    func record(in state: State) { state.record(tag) { write(to: &$0) } }

    /// Writes the payload.
    func write(to writer: inout ByteWriter) {
        switch self {
        case .admitted(let account, let bic):
            writer.write(account)
            writer.write(text: bic)
        case .depositTokenSet(let token, let bank, let currency):
            writer.write(token.rawValue)
            writer.write(bank)
            writer.write(raw: currency.bytes)
        case .checkerSet(let account, let checker):
            writer.write(account)
            writer.write(checker)
        case .callApproved(let account, let call, let checker, let expiry):
            writer.write(account)
            writer.write(call)
            writer.write(checker)
            writer.write(expiry)
        case .issueLimitSet(let token, let perDay):
            writer.write(token.rawValue)
            writer.write(perDay)
        case .operatorChanged(let from, let to):
            writer.write(from)
            writer.write(to)
        case .reserveAttested(let token, let attestation):
            writer.write(token.rawValue)
            writer.write(raw: attestation.bytes)
        case .acceptedAtPar(let token, let other, let limit):
            writer.write(token.rawValue)
            writer.write(other.rawValue)
            writer.write(limit)
        case .recovered(let from, let to, let reason, let left):
            writer.write(from)
            writer.write(to)
            writer.write(reason)
            writer.write(left)
        }
    }

    /// Reads the payload of an effect.
    ///
    /// - Parameters:
    ///   - tag: 0xb0 to 0xbf.
    ///   - payload: all of it.
    /// - Throws: ``DecodingFault`` for bytes that this module did not record.
    public init(tag: UInt8, payload: ArraySlice<UInt8>) throws(DecodingFault) {
        var reader = ByteReader(payload)
        switch tag {
        case BankingEffectTag.admitted:
            self = .admitted(operator: try reader.readAddress(), bic: try reader.readText())
        case BankingEffectTag.depositTokenSet:
            let token = TokenID(rawValue: try reader.read())
            let bank = try reader.readAddress()
            guard let currency = CurrencyCode(try reader.readRaw(3)) else {
                throw DecodingFault("no currency", at: reader.offset - 3)
            }
            self = .depositTokenSet(token, bank: bank, currency: currency)
        case BankingEffectTag.checkerSet:
            self = .checkerSet(
                operator: try reader.readAddress(), checker: try reader.readAddress())
        case BankingEffectTag.callApproved:
            self = .callApproved(
                operator: try reader.readAddress(), call: try reader.readHash(),
                checker: try reader.readAddress(), expiry: try reader.read())
        case BankingEffectTag.issueLimitSet:
            self = .issueLimitSet(TokenID(rawValue: try reader.read()), perDay: try reader.read())
        case BankingEffectTag.operatorChanged:
            self = .operatorChanged(from: try reader.readAddress(), to: try reader.readAddress())
        case BankingEffectTag.reserveAttested:
            let token = TokenID(rawValue: try reader.read())
            self = .reserveAttested(
                token, try ReserveAttestation(decoding: Array(try reader.readRaw(80))))
        case BankingEffectTag.acceptedAtPar:
            self = .acceptedAtPar(
                TokenID(rawValue: try reader.read()), other: TokenID(rawValue: try reader.read()),
                limit: try reader.read())
        case BankingEffectTag.recovered:
            self = .recovered(
                from: try reader.readAddress(), to: try reader.readAddress(),
                reason: try reader.readHash(), left: try reader.read())
        default: throw DecodingFault("no effect of banks has the tag \(tag)")
        }
        try reader.finish()
    }

    /// The Ethereum log that follows from it.
    public var log: Log {
        switch self {
        case .admitted(let account, let bic):
            Self.log(.bankAdmitted, Hash32(word: account), words: 1) { $0.write(string: bic) }
        case .depositTokenSet(let token, let bank, let currency):
            Self.log(.depositTokenSet, Hash32(word: token.address), Hash32(word: bank), words: 1) {
                $0.write(fixedBytes: currency.bytes)
            }
        case .checkerSet(let account, let checker):
            Self.log(.checkerSet, Hash32(word: account), words: 1) { $0.write(checker) }
        case .callApproved(let account, let call, let checker, let expiry):
            Self.log(.callApproved, Hash32(word: account), call, words: 2) {
                $0.write(checker)
                $0.write(expiry)
            }
        case .issueLimitSet(let token, let perDay):
            Self.log(.issueLimitSet, Hash32(word: token.address), words: 1) { $0.write(perDay) }
        case .operatorChanged(let from, let to):
            Self.log(.operatorChanged, Hash32(word: from), Hash32(word: to), words: 0) { _ in }
        case .reserveAttested(let token, let attestation):
            Self.log(.reserveAttested, Hash32(word: token.address), words: 4) {
                $0.write(attestation.statementBalance)
                $0.write(attestation.supply)
                $0.write(attestation.statement)
                $0.write(attestation.asOf)
            }
        case .acceptedAtPar(let token, let other, let limit):
            Self.log(
                .acceptedAtPar, Hash32(word: token.address), Hash32(word: other.address), words: 1
            ) { $0.write(limit) }
        case .recovered(let from, let to, let reason, let left):
            Self.log(.recovered, Hash32(word: from), Hash32(word: to), words: 2) {
                $0.write(word: reason)
                $0.write(left)
            }
        }
    }

    private static func log(
        _ event: IBanks.Event, _ topics: Hash32..., words: Int, _ body: (inout ABIWriter) -> Void
    ) -> Log {
        var writer = ABIWriter(words: words)
        body(&writer)
        return Log(address: .banks, topics: [event.topic] + topics, data: writer.finish())
    }
}
