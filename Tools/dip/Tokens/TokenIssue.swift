import ArgumentParser
import JSON
import Ledger
import Tokens

/// `dip token issue`.
struct TokenIssue: SendingCommand {
    static let configuration = CommandConfiguration(
        commandName: "issue",
        abstract: "Issue a token.",
        discussion: """
            What you will be able to do with it besides moving it is fixed now, for ever: a control \
            that is not asked for here can never be had, which is what its holders rely on. You get \
            the role that goes with each control, and may grant it to others.

              dip token issue --name 'East Bank Dollar' --symbol EBD --decimals 2 \\
                  --supply 1000000 --mint --burn --pause --freeze --clawback
              dip token issue --name Pallets --symbol PAL --decimals 0 --supply 500
            """)

    @Option(help: "Its name.")
    var name: String

    @Option(help: "Its symbol.")
    var symbol: String

    @Option(help: ArgumentHelp("How many decimal places.", valueName: "number"))
    var decimals: UInt8 = 2

    @Option(
        help: ArgumentHelp("What you get at once, in whole units.", valueName: "amount"))
    var supply = "0"

    @Option(
        help: ArgumentHelp(
            "The most that there may ever be, in whole units; without it 2^128 - 1 smallest units.",
            valueName: "amount"))
    var cap: String?

    @Option(help: ArgumentHelp("Where more is said about it.", valueName: "address"))
    var uri = ""

    @Flag(help: "Be able to make more of it, up to the cap.")
    var mint = false

    @Flag(help: "Let holders destroy what they hold.")
    var burn = false

    @Flag(help: "Be able to stop all transfers.")
    var pause = false

    @Flag(help: "Be able to freeze accounts.")
    var freeze = false

    @Flag(help: "Be able to take units back from an account.")
    var clawback = false

    @Flag(help: "Let only accounts on a list hold it.")
    var allowList = false

    @Flag(help: "The supply and the cap are in smallest units.")
    var units = false

    @OptionGroup var sending: SendingOptions

    private var controls: TokenControls {
        var controls: TokenControls = []
        if mint { controls.insert(.mint) }
        if burn { controls.insert(.burn) }
        if pause { controls.insert(.pause) }
        if freeze { controls.insert(.freeze) }
        if clawback { controls.insert(.clawback) }
        if allowList { controls.insert(.allowList) }
        return controls
    }

    func plan(_ session: Session, sender: Address) async throws -> Plan {
        let currency = Currency(address: .zero, symbol: symbol, decimals: Int(decimals))
        let supply = try currency.amount(supply, inUnits: units)
        let cap = try cap.map { try currency.amount($0, inUnits: units) } ?? 0
        guard self.cap == nil || cap > 0 else {
            throw Failure.usage("a cap of 0 would allow no token at all; leave it out for none")
        }
        let token = ITokens.NewToken(
            name: name, symbol: symbol, decimals: decimals, cap: cap, initialSupply: supply,
            controls: controls.rawValue, uri: uri)
        let call = ContractCall(.tokens, ITokens.Function.create, words: 1) { $0.write(token) }
        return Plan(call, "issue \(name) with a supply of \(currency.text(supply))") { reader in
            let address = try reader.address()
            return (
                "token \(address.checksummed)",
                JSON.Member("token", .string(address.checksummed))
            )
        }
    }
}
