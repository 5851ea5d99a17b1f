import ArgumentParser
import JSON
import Ledger
import Signing

/// `dip token permit`.
struct TokenPermit: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "permit",
        abstract: "Sign, without sending anything, that an account may spend your tokens.",
        discussion: """
            Prints a permit (EIP-2612) as JSON; whoever brings it in with 'dip token permit-submit' \
            pays the fee. With --nonce and --chain-id and the token's address and --units, no node \
            is needed.

              dip token permit EBD shop 100 --until +1d > permit.json
            """)

    @OptionGroup var token: TokenAmountOptions

    @Argument(help: "Who may spend.")
    var spender: String

    @Argument(help: "Up to how much; unlimited for no limit.")
    var amount: String

    @Option(
        help: ArgumentHelp("Until when it may be brought in: \(Moment.help).", valueName: "time"))
    var until: Moment

    @Option(
        help: ArgumentHelp(
            "How many permits of yours the token has taken; else it is asked.", valueName: "number")
    )
    var nonce: UInt64?

    @Option(help: ArgumentHelp("The ledger's chain id; else the node is asked.", valueName: "id"))
    var chainID: UInt64?

    @OptionGroup var signer: SignerOptions
    @OptionGroup var reading: ReadingOptions

    func run() async throws {
        let session = try reading.session()
        let signer = try Signer(signer, session.keystore)
        let currency = try await currency(session)
        let spender = try session.names.address(spender)
        let limit = try Allowance(amount, currency, inUnits: token.units)
        let chainID = try await chainID.orAsk { try await session.chainID() }
        try signer.check(chainID: chainID)
        let nonce = try await nonce.orAsk {
            let call = ContractCall(currency.address, IToken.Function.nonces, words: 1) {
                $0.write(signer.address)
            }
            return try await session.read(call) { reader throws(Rejection) in
                try reader.uint(UInt64.self)
            }
        }
        let deadline = try await until.seconds(session)
        guard !Moment.isPast(deadline) else { throw Moment.past(deadline) }
        let permit = EIP712.Permit(
            owner: signer.address, spender: spender, value: limit.word, nonce: nonce,
            deadline: Hash32(word: UInt128(deadline)))
        let domain = EIP712.Domain(chainID: chainID, contract: currency.address)
        let signature = try await permit.sign(with: signer.unlock(), in: domain)
        Output.json([
            "chainId": .integer(chainID), "token": .string(currency.address.checksummed),
            "owner": .string(permit.owner.checksummed), "spender": .string(spender.checksummed),
            "value": .string(permit.value.hex), "nonce": .integer(nonce),
            "deadline": .integer(deadline), "signature": .data(signature.bytes),
        ])
    }

    private func currency(_ session: Session) async throws -> Currency {
        guard token.units, token.token.hasPrefix("0x") else {
            return try await session.currency(token.token)
        }
        return Currency(
            address: try session.names.address(token.token), symbol: "units", decimals: 0)
    }
}

extension Optional {
    /// The value, or what an answer gives.
    func orAsk(_ ask: () async throws -> Wrapped) async throws -> Wrapped {
        if let self { return self }
        return try await ask()
    }
}

extension Moment {
    /// Seconds since 1970; asks the node for the time only where the moment is a distance from now.
    func seconds(_ session: Session) async throws -> UInt64 {
        isRelative ? seconds(now: try await session.blockTime()) : seconds(now: 0)
    }
}

/// `dip token permit-submit`.
struct TokenPermitSubmit: SendingCommand {
    static let configuration = CommandConfiguration(
        commandName: "permit-submit", abstract: "Bring in a permit that somebody signed.")

    @Argument(help: "The file with the permit; - is the standard input.", completion: .file())
    var file: String

    @OptionGroup var sending: SendingOptions

    func plan(_ session: Session, sender: Address) async throws -> Plan {
        let permit = try Input.json(file)
        guard let token = permit["token"]?.address, let owner = permit["owner"]?.address,
            let spender = permit["spender"]?.address,
            let value = permit["value"]?.string.flatMap({ Hash32(hex: $0) }),
            let deadline = permit["deadline"]?.whole64,
            let signature = permit["signature"]?.data.flatMap({ Signature($0) })
        else { throw Failure.usage("\(file) is no permit as 'dip token permit' prints it") }
        let chainID = try await session.chainID()
        guard permit["chainId"]?.whole64 == chainID else {
            throw Failure.usage("\(file) is a permit for another ledger; this is chain \(chainID)")
        }
        let call = ContractCall(token, IToken.Function.permit, words: 7) {
            $0.write(owner)
            $0.write(spender)
            $0.write(word: value)
            $0.write(deadline)
            $0.write(signature.v)
            $0.write(word: signature.r)
            $0.write(word: signature.s)
        }
        return Plan(
            call,
            "let \(session.names.text(spender)) spend what \(session.names.text(owner)) permits")
    }
}
