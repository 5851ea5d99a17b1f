import ArgumentParser
import JSON
import Ledger
import Signing

/// Which gate of which order.
struct GateArguments: ParsableArguments {
    @Argument(help: "The order's number.")
    var order: UInt64

    @Argument(help: "The gate, counted from 0.")
    var gate: UInt8
}

/// `dip order attest`.
struct OrderAttest: SendingCommand {
    static let configuration = CommandConfiguration(
        commandName: "attest",
        abstract: "Say, as an attestor, how much of a gate is fulfilled.",
        discussion: """
            100 is all of it, 80 is four fifths of what was due, 0 is no. An attestor speaks once.

              dip order attest 12 0 100 --evidence-file delivery-note.pdf
            """)

    @OptionGroup var gate: GateArguments

    @Argument(help: "The share, in per cent.")
    var share: Share

    @OptionGroup var evidence: EvidenceOptions
    @OptionGroup var sending: SendingOptions

    func plan(_ session: Session, sender: Address) async throws -> Plan {
        let evidence = try evidence.word()
        let call = ContractCall(.orders, IOrders.Function.attest, words: 4) {
            $0.write(gate.order)
            $0.write(gate.gate)
            $0.write(share.bps)
            $0.write(word: evidence)
        }
        return Plan(
            call, "say that gate \(gate.gate) of order \(gate.order) is fulfilled to \(share.text)")
    }
}

/// `dip order attest-sign`.
struct OrderAttestSign: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "attest-sign",
        abstract: "Sign an attestation off-line, for somebody else to bring in.",
        discussion: """
            Nothing is sent and no node is asked: a device at the dock needs no DIP and no \
            connection. The JSON that it prints goes to 'dip order attest-submit'.

              dip order attest-sign 12 0 100 --chain-id 3355 --until 2026-12-31 > said.json
            """)

    @OptionGroup var gate: GateArguments

    @Argument(help: "The share, in per cent.")
    var share: Share

    @Option(help: ArgumentHelp("The ledger's chain id.", valueName: "id"))
    var chainID: UInt64

    @Option(
        help: ArgumentHelp(
            "Until when it may be brought in: seconds since 1970, or a date.", valueName: "time"))
    var until: Moment

    @OptionGroup var evidence: EvidenceOptions
    @OptionGroup var signer: SignerOptions
    @OptionGroup var keystore: KeystoreOptions
    // The result is JSON in any case; with --json a fault is, too.
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard !until.isRelative else {
            throw ValidationError("--until must be a time, not a distance: no node is asked here.")
        }
    }

    func run() async throws {
        let signer = try Signer(signer, try keystore.open())
        try signer.check(chainID: chainID)
        let deadline = until.seconds(now: 0)
        guard !Moment.isPast(deadline) else { throw Moment.past(deadline) }
        let attestation = EIP712.Attestation(
            order: gate.order, gate: gate.gate, bps: share.bps, evidence: try evidence.word(),
            deadline: deadline)
        let domain = EIP712.Domain(chainID: chainID, contract: .orders)
        let signature = try await attestation.sign(with: signer.unlock(), in: domain)
        Output.json([
            "chainId": .integer(chainID), "order": .integer(attestation.order),
            "gate": .integer(attestation.gate), "bps": .integer(attestation.bps),
            "evidence": .string(attestation.evidence.hex),
            "deadline": .integer(attestation.deadline),
            "attestor": .string(signer.address.checksummed), "signature": .data(signature.bytes),
        ])
    }
}

/// `dip order attest-submit`.
struct OrderAttestSubmit: SendingCommand {
    static let configuration = CommandConfiguration(
        commandName: "attest-submit", abstract: "Bring in an attestation that somebody signed.")

    @Argument(help: "The file with it; - is the standard input.", completion: .file())
    var file: String

    @OptionGroup var sending: SendingOptions

    func plan(_ session: Session, sender: Address) async throws -> Plan {
        let said = try Input.json(file)
        guard let order = said["order"]?.whole64,
            let gate = said["gate"]?.whole.flatMap({ UInt8(exactly: $0) }),
            let bps = said["bps"]?.whole.flatMap({ UInt16(exactly: $0) }),
            let evidence = said["evidence"]?.string.flatMap({ Hash32(hex: $0) }),
            let deadline = said["deadline"]?.whole64, let attestor = said["attestor"]?.address,
            let signature = said["signature"]?.data.flatMap({ Signature($0) })
        else {
            throw Failure.usage("\(file) is no attestation as 'dip order attest-sign' prints it")
        }
        let chainID = try await session.chainID()
        guard said["chainId"]?.whole64 == chainID else {
            throw Failure.usage("\(file) is for another ledger; this is chain \(chainID)")
        }
        let message = EIP712.Attestation(
            order: order, gate: gate, bps: bps, evidence: evidence, deadline: deadline)
        let domain = EIP712.Domain(chainID: chainID, contract: .orders)
        guard message.recover(signature, in: domain) == attestor else {
            throw Failure.failed("\(file): the signature is not that of \(attestor.checksummed)")
        }
        let call = ContractCall(.orders, IOrders.Function.attestBySig, words: 7) {
            $0.write(order)
            $0.write(gate)
            $0.write(bps)
            $0.write(word: evidence)
            $0.write(deadline)
            $0.write(attestor)
            $0.write(signature.bytes)
        }
        return Plan(
            call,
            "bring in that \(session.names.text(attestor)) says gate \(gate) of order \(order) is "
                + "fulfilled to \(Arguments.percent(bps: UInt64(bps)))")
    }
}

/// `dip order dispute`.
struct OrderDispute: SendingCommand {
    static let configuration = CommandConfiguration(
        commandName: "dispute", abstract: "Hand a gate to the arbiter.")

    @OptionGroup var gate: GateArguments

    @Option(
        help: ArgumentHelp("Why: a text, or a hash of one (0x and 64 digits).", valueName: "text"))
    var reason: String

    @OptionGroup var sending: SendingOptions

    func plan(_ session: Session, sender: Address) async throws -> Plan {
        let call = ContractCall(.orders, IOrders.Function.dispute, words: 3) {
            $0.write(gate.order)
            $0.write(gate.gate)
            $0.write(word: Digest.word(reason))
        }
        return Plan(call, "dispute gate \(gate.gate) of order \(gate.order)")
    }
}

/// `dip order resolve`.
struct OrderResolve: SendingCommand {
    static let configuration = CommandConfiguration(
        commandName: "resolve",
        abstract: "Decide, as the arbiter, how much of a disputed gate is fulfilled.")

    @OptionGroup var gate: GateArguments

    @Argument(help: "The share, in per cent; 0 fails the gate.")
    var share: Share

    @OptionGroup var sending: SendingOptions

    func plan(_ session: Session, sender: Address) async throws -> Plan {
        let call = ContractCall(.orders, IOrders.Function.resolve, words: 3) {
            $0.write(gate.order)
            $0.write(gate.gate)
            $0.write(share.bps)
        }
        return Plan(
            call,
            "decide that gate \(gate.gate) of order \(gate.order) is fulfilled to \(share.text)")
    }
}
