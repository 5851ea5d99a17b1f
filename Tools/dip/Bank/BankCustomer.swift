import ArgumentParser
import BankDesk
import JSON
import Ledger
import Wallet

/// `dip bank customer …`.
struct BankCustomer: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "customer",
        abstract: "Say which account at the bank belongs to which account on the ledger.",
        discussion: """
            Names and account numbers stay at the desk, encrypted; on the ledger 32 bytes stand for them.
            """,
        subcommands: [
            CustomerAdd.self, CustomerList.self, CustomerShow.self, CustomerSet.self,
        ])
}

/// `dip bank customer add`.
struct CustomerAdd: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add", abstract: "Add a customer.",
        discussion: """
            With --fresh the desk makes a key and keeps it; with --key-file it keeps one that the customer \
            has as well, so that both can sign. --fees sends the new account some DIP of the bank's \
            for the fees of its orders.

              dip bank customer add --name 'Mill Ltd' --account DE02500105170137075030 --address 0x…
              dip bank customer add --name 'Buyer Inc' --account DE88100900001234567892 --fresh \\
                  --virtual DE41500105170123456789 --fund-orders --fees 5
            """)

    @Option(help: "Its name, as payment orders have it.")
    var name: String

    @Option(
        help: ArgumentHelp("Its account at a bank: IBAN or another number.", valueName: "number"))
    var account: String

    @Option(help: ArgumentHelp("The BIC of that bank, where it is another one.", valueName: "bic"))
    var agent = ""

    @Option(help: ArgumentHelp("Its account on the ledger.", valueName: "address"))
    var address: String?

    @Flag(help: "Make an account on the ledger, and keep its key.")
    var fresh = false

    @Option(
        help: ArgumentHelp(
            "Keep the customer's own key, 64 hexadecimal digits in a file of mode 0600.",
            valueName: "file"), completion: .file())
    var keyFile: String?

    @Option(
        name: .customLong("virtual"),
        help: ArgumentHelp(
            "The account number by which its payers name it.", valueName: "number"))
    var virtualAccount: String?

    @Flag(
        help:
            "Money that comes in for an order of its pays that order at once; with a key that the desk keeps."
    )
    var fundOrders = false

    @Option(help: ArgumentHelp("DIP to send to the account for fees.", valueName: "amount"))
    var fees: String?

    @OptionGroup var desk: DeskOptions
    @OptionGroup var sending: DeskSendingOptions

    func validate() throws {
        guard [fresh, address != nil, keyFile != nil].count(where: { $0 }) == 1 else {
            throw ValidationError("Give one of --address, --fresh and --key-file.")
        }
        guard address == nil || !fundOrders && fees == nil else {
            throw ValidationError(
                "--fund-orders and --fees go with --fresh or --key-file: the key must be here.")
        }
    }

    func run() async throws {
        let open = try desk.open(withBank: fees != nil)
        let session = try Session(
            sending.node.endpoint(open.settings), sending.keystore, sending.output)
        let fees = try fees.map { try Currency.dip.amount($0) }
        let address = try place(open.keys, session.names)
        try session.names.check(chainID: open.settings.chainID)
        let customer = try open.journal.add(
            NewCustomer(
                address: address, isKept: self.address == nil, name: name,
                account: account, agent: agent,
                virtualAccount: virtualAccount, fundsOrders: fundOrders),
            open.settings, at: OpenDesk.now)
        if let fees, let key = open.keys.bank {
            let call = ContractCall(to: customer.address, value: fees)
            _ = try await Sender(session, sending, key).demand(Plan(call, "send DIP for fees"))
        }
        session.show(customer.json(isFull: true)) {
            Output.line("Customer \(customer.id): \(customer.name)")
            Output.line("  on the ledger: \(customer.address.checksummed)")
            Output.line("  reference for its payers: \(customer.reference.text)")
            Output.line("  payout, for redemptions: \(customer.payout.hex)")
        }
    }
}

extension CustomerAdd {
    /// Its account on the ledger; a key that is to be kept is kept now.
    fileprivate func place(_ keys: DeskKeys, _ names: Names) throws -> Address {
        if let address { return try names.address(address) }
        guard let keyFile else { return try keys.makeCustomerKey(time: OpenDesk.now) }
        let key = try PrivateKey.read(
            hexText: PrivateFiles.read(keyFile, atMost: 1024, isSecret: true), of: keyFile)
        return try keys.keep(key, time: OpenDesk.now)
    }
}

/// `dip bank customer list`.
struct CustomerList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the customers.")

    @OptionGroup var desk: DeskOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let customers = try desk.open().journal.customers()
        if output.json { return Output.json(.array(customers.map { $0.json(isFull: false) })) }
        Output.table(
            ["customer", "name", "account", "on the ledger", "reference", "orders"],
            customers.map { customer in
                [
                    "\(customer.id)", Output.clean(customer.name, atMost: 40),
                    AccountNumber.hint(customer.account), customer.address.checksummed,
                    customer.reference.text,
                    customer.isActive ? customer.fundsOrders ? "paid at once" : "" : "not served",
                ]
            }, right: [0])
    }
}

/// `dip bank customer show`.
struct CustomerShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show all that the desk knows of a customer.")

    @Argument(help: "Its number, address or label.")
    var customer: String

    @OptionGroup var desk: DeskOptions
    @OptionGroup var keystore: KeystoreOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let customer = try desk.open().customer(customer, Names(try keystore.open()))
        let json = customer.json(isFull: true)
        if output.json { return Output.json(json) }
        for member in json.object ?? [] where !member.value.isNull {
            Output.line("\(member.name): \(Output.clean(member.value.plain))")
        }
    }
}

/// `dip bank customer set`.
struct CustomerSet: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "set",
        abstract: "Change a customer: another account on the ledger, orders, no longer served.")

    @Argument(help: "Its number, address or label.")
    var customer: String

    @Option(
        help: ArgumentHelp(
            "Its account on the ledger from now on, after it lost its key.", valueName: "address"))
    var address: String?

    @Flag(inversion: .prefixedNo, help: "Whether incoming money pays its orders at once.")
    var fundOrders: Bool?

    @Flag(inversion: .prefixedNo, help: "Whether it is served.")
    var serve: Bool?

    @OptionGroup var desk: DeskOptions
    @OptionGroup var keystore: KeystoreOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let open = try desk.open()
        let names = Names(try keystore.open())
        let customer = try open.customer(customer, names)
        let address = try address.map { try names.address($0) }
        try names.check(chainID: open.settings.chainID)
        try open.journal.update(
            customer.id, address: address,
            fundsOrders: fundOrders, isActive: serve)
        guard let changed = try open.journal.customer(customer.id) else { return }
        if output.json { return Output.json(changed.json(isFull: true)) }
        Output.line("Customer \(changed.id) is changed.")
    }
}

extension Customer {
    /// As programs read it; a list has no whole account numbers.
    func json(isFull: Bool) -> JSON {
        .members([
            ("id", .integer(id)), ("name", .string(name)),
            ("account", .string(isFull ? account : AccountNumber.hint(account))),
            ("agent", agent.isEmpty ? nil : .string(agent)),
            ("address", .string(address.checksummed)), ("isKept", .bool(isKept)),
            ("virtual", isFull ? virtualAccount.map { .string($0) } : nil),
            ("reference", .string(reference.text)), ("payout", .string(payout.hex)),
            ("fundsOrders", .bool(fundsOrders)), ("isActive", .bool(isActive)),
        ])
    }
}
