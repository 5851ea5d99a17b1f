import ArgumentParser
import Foundation
import JSON
import Ledger
import SupplyChain
import Wallet

/// `dip demo`.
struct DemoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "Settle a real supply chain on nodes of its own, and show what happened.",
        discussion: """
            Starts a development node in a temporary folder, issues a deposit token, gives every firm \
            of the chain a key of its own, lets each open the order on its suppliers and pledge to it \
            what it is owed; then the buyer pays once. Everything goes through JSON-RPC and is read \
            back from the ledger: any difference to the plan ends with status 1.

            With --banks each bank has a node of its own, which meet over TLS. While the buyer pays, \
            the node that leads is killed as a power switch would; the payment is final all the same, \
            and the killed node comes back to the same state as the others.

            With --bank the money comes from a bank and goes back to one: a camt.054 arrives at the bank's \
            desk, tokens are issued, the order is paid at once, every supplier's redemption leaves as \
            pain.001, confirmations come back, and the books of both days balance to the last cent.

            A chain is a table with a row for each stage, or FILE#N for the N-th line of a file of \
            JSON lines. With --purchase-orders real orders from 2006 to 2015 are replayed day by day, \
            the node's clock moved by hand; see docs/demo.md for how a row becomes an order.

            Examples:
              dip demo
              dip demo --banks 3
              dip demo --bank
              dip demo --chain Genesis/chains/food.txt --product Retail_0004
              dip demo --purchase-orders purchase-orders.csv
              dip demo --json | jq .settleMilliseconds
            """)

    @Option(
        help: ArgumentHelp(
            "The supply chain; the bulldozer's if left out.", valueName: "file[#n]"),
        completion: .file())
    var chain: String?

    @Option(help: "Which finished product, where the chain has several.")
    var product: String?

    @Option(
        help: ArgumentHelp(
            "Replay the delivered purchase orders of this file instead.", valueName: "file"),
        completion: .file())
    var purchaseOrders: String?

    @Option(help: "On a consortium of so many banks, 3 to 15, whose leader fails meanwhile.")
    var banks: Int?

    @Flag(help: "With a bank's desk: the money comes in and leaves as ISO 20022 messages.")
    var bank = false

    @Flag(help: "Leave everything running and say how to talk to it.")
    var keep = false

    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard purchaseOrders == nil || chain == nil && product == nil else {
            throw ValidationError("Give --purchase-orders or a chain, not both.")
        }
        guard !bank || purchaseOrders == nil && banks == nil else {
            throw ValidationError("--bank goes with a chain on one node.")
        }
        if let banks {
            guard purchaseOrders == nil else {
                throw ValidationError(
                    "Purchase orders are replayed on one node, whose clock is moved by hand.")
            }
            guard (3...BankSet.banksMax).contains(banks) else {
                throw ValidationError(
                    "--banks: from 3, which can spare one, to \(BankSet.banksMax).")
            }
        }
    }

    func run() async throws {
        if let purchaseOrders {
            try await replay(purchaseOrders)
        } else if bank {
            try await settleFromBank()
        } else {
            try await settle()
        }
    }

    // MARK: A chain

    private func settle() async throws {
        let path = try chain ?? ShippedFile.path("Genesis/chains/bulldozer.txt")
        let (chain, plan) = try Self.plan(path, product: product)
        say("\(path): \(plan.firms.count) firms in \(plan.tiers) tiers")
        let nodes = try await start()
        let signals = nodes.endWhenAsked()
        defer { for signal in signals { signal.cancel() } }
        do {
            let loss = banks.map { _ in LeaderLoss(nodes, say) }
            let demo = try ChainDemo(
                plan, try await DemoLedger(try nodes.client()), operators: try nodes.operators())
            let result = try await demo.run(losing: loss, say)
            if output.json {
                Output.jsonLine(result.json(plan, loss))
            } else {
                report(chain, plan, result, loss)
            }
            try leave(nodes) { try demo.keepKeys(in: $0) }
            if keep { say("  dip order tree \(result.firstOrder) --node \(nodes.urls[0])") }
        } catch {
            await nodes.endAfterFailure()
            throw error
        }
    }

    private func start() async throws -> DemoNodes {
        guard let banks else { return try await DemoNodes.alone() }
        say("\(banks) banks found a consortium: a genesis, keys, certificates; their nodes start")
        return try await DemoNodes.consortium(banks: banks)
    }

    private static func plan(
        _ path: String, product: String?, decimals: Int = 0
    ) throws -> (Chain, SettlementPlan) {
        // A name may hold a #; what stands behind the last one is a choice only if the rest is a file.
        var file = path
        var choice: String?
        if !FileManager.default.fileExists(atPath: path), let mark = path.lastIndex(of: "#") {
            file = String(path[..<mark])
            choice = String(path[path.index(after: mark)...])
        }
        do {
            let bytes = try Input.bytes(file, atMost: ChainFile.maximumBytes)
            let chain = try ChainFile(bytes, file: file).chain(choice, file: file)
            return (chain, try SettlementPlan(chain, product: product, decimals: decimals))
        } catch let fault as ChainFault {
            throw Failure.usage("\(fault)")
        }
    }

    private func report(
        _ chain: Chain, _ plan: SettlementPlan, _ result: ChainResult, _ loss: LeaderLoss?
    ) {
        func money(_ units: UInt128) -> String {
            "\(plan.decimal(units).grouped()) \(DemoBank.symbol)"
        }
        Output.line("")
        Output.line(ChainTree(chain: chain, plan: plan, result: result).text)
        Output.line("")
        Output.line(
            """
            One payment of \(money(result.cash)) in block \(result.block) paid \
            \(result.firms.count) firms in \(plan.tiers) tiers.
            Submitted, executed and final after \(result.settleMilliseconds) ms.
            Paid order by order, \(money(result.gross)) would have had to move; \
            \(money(result.cash)) did.
            Read back from the ledger: every firm kept what its own stage costs, and the books balance.
            State \(result.stateHash)
            """)
        guard let hashes = result.stateHashes, let loss, let killed = loss.killed else { return }
        Output.line("")
        Output.line(
            """
            Bank \(killed) led and was killed while the buyer paid; \
            \(loss.killToFinal.milliseconds) ms later the payment was final at the others.
            The state after block \(result.block), as each bank has it:
            """)
        for (index, hash) in hashes.enumerated() {
            let note = index + 1 == killed ? "  killed, and caught up" : ""
            Output.line("  bank \(index + 1)  \(hash)\(note)")
        }
    }

    // MARK: A bank's desk

    private func settleFromBank() async throws {
        let path = try chain ?? ShippedFile.path("Genesis/chains/bulldozer.txt")
        let decimals = BankDemo.currency?.decimals ?? 0
        let (_, plan) = try Self.plan(path, product: product, decimals: decimals)
        guard plan.decimals == decimals else {
            throw Failure.usage(
                "\(path): the costs have \(plan.decimals) decimals, a bank's dollars have \(decimals)"
            )
        }
        say("\(path): \(plan.firms.count) firms in \(plan.tiers) tiers")
        let nodes = try await DemoNodes.alone()
        let signals = nodes.endWhenAsked()
        defer { for signal in signals { signal.cancel() } }
        do {
            let demo = try await BankDemo(plan, nodes, say)
            let result = try await demo.run(say)
            if output.json {
                Output.jsonLine(result.json(plan))
            } else {
                for line in result.text(plan) { Output.line(line) }
            }
            try leave(nodes) { try demo.chain.keepKeys(in: $0) }
        } catch {
            await nodes.endAfterFailure()
            throw error
        }
    }

    // MARK: Purchase orders

    private func replay(_ path: String) async throws {
        let file: PurchaseOrderFile
        do {
            file = try PurchaseOrderFile(
                try Input.bytes(path, atMost: PurchaseOrderFile.maximumBytes), file: path)
        } catch let fault as ChainFault {
            throw Failure.usage("\(fault)")
        }
        guard let start = file.orders.map(\.ordered).min() else {
            throw Failure.usage("\(path): none of its \(file.rows) lines can be settled")
        }
        say("\(path): \(file.orders.count) of \(file.rows) lines can be settled")
        let node = try await DemoNodes.alone(startTime: start.adding(days: -1).seconds)
        let signals = node.endWhenAsked()
        defer { for signal in signals { signal.cancel() } }
        do {
            let replay = try Replay(file, try await DemoLedger(try node.client()))
            let result = try await replay.run(say)
            if output.json {
                Output.jsonLine(result.json(file))
            } else {
                Output.line("")
                Output.line(result.text(file))
            }
            try leave(node) { try replay.keepKeys(in: $0) }
        } catch {
            await node.endAfterFailure()
            throw error
        }
    }

    // MARK: The end

    /// Ends the nodes, or leaves them with the keys of the accounts.
    private func leave(_ nodes: DemoNodes, _ keepKeys: (Keystore) throws -> Void) throws {
        guard keep else { return nodes.end() }
        let keystore = Keystore(folder: nodes.folder + "/keystore")
        say("keeping the accounts' keys, under the password 'demo'")
        try keepKeys(keystore)
        let (urls, processes) = (nodes.urls, nodes.processIDs + (nodes.deskID.map { [$0] } ?? []))
        for (index, url) in urls.enumerated() {
            let whose = urls.count == 1 ? "The node" : "The node of bank \(index + 1)"
            say("\(whose) goes on at \(url), process \(processes[index])")
        }
        say(
            """
            Everything is in \(nodes.folder). Talk to it with:
              export DIP_NODE=\(urls[0]) DIP_KEYSTORE=\(keystore.folder)
              dip key list
              dip token list\(urls.count == 1 ? "" : "\n  dip consortium status")
            and end it with: kill \(processes.map(String.init).joined(separator: " "))
            """)
        guard nodes.deskID != nil else { return }
        say(
            """
            The desk goes on as well, in \(nodes.folder)/desk. Look into its inbox, outbox and archive, and try:
              export DIP_DESK=\(nodes.folder)/desk
              dip bank quarantine
              dip bank redemptions --all
              dip bank reconcile
            """)
    }

    /// A line on how it goes; with --json standard output is for the result alone.
    private func say(_ text: String) { Output.note(text) }
}

extension Keystore {
    /// Keeps a key of the demo, cheaply encrypted, under a name as near to the given one as may be.
    func keep(_ key: PrivateKey, as name: String) throws {
        let plain = name.map { character in
            character.isLetter || character.isNumber || " ._-".contains(character)
                ? character : "-"
        }
        let label = String(plain.prefix(64))
        let password = SecretBytes(Array("demo".utf8))
        let cost = KeyDerivation.scrypt(n: 4096, r: 8, p: 1)
        let time = Int(Date().timeIntervalSince1970)
        do {
            _ = try add(key, password: password, label: label, time: time, derivation: cost)
        } catch {
            // The name is taken or looks like an address: the key matters more.
            _ = try add(key, password: password, time: time, derivation: cost)
        }
    }
}

extension ChainDemo {
    /// Keeps the keys of the buyer and the firms.
    func keepKeys(in keystore: Keystore) throws {
        try keystore.keep(buyer, as: "buyer")
        for (key, firm) in zip(firms, plan.firms) { try keystore.keep(key, as: firm.name) }
    }
}
