import ArgumentParser
import Dispatch
import Files
import Foundation
import Gateway
import JSON
import Logging
import Node

/// `dip node`: runs a node unless one of the other words follows.
struct NodeGroup: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "node",
        abstract: "Run a bank's node, back up its data, restore them.",
        discussion: """
            'dip node' with options is 'dip node run'; 'dip help node run' lists them.

            Examples:
              dip node --dev
              dip node --config bank1/node.json
              dip node backup --data /var/lib/dipnet --to /backup/dipnet-2025-03-01
            """,
        subcommands: [NodeCommand.self, NodeBackup.self, NodeRestore.self],
        defaultSubcommand: NodeCommand.self)
}

/// `dip node run`.
struct NodeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Run a bank's node.",
        discussion: """
            With --config everything is said in a file (docs/formats/node-config.md), as \
            'dip consortium init' writes one for each bank; options given besides go before it. \
            Without it and without --dev a node needs a genesis (see 'dip genesis') and the key of \
            its bank, which is alone. With --dev it is a consortium of one on chain id 3355, with \
            published keys that hold test DIP; never put anything of value there.

            The node answers JSON-RPC over HTTP and WebSocket on one port, loopback unless --host \
            says otherwise; then it wants a certificate and tokens. Administration is on the socket \
            file DATA/admin.sock. It stops on SIGINT and SIGTERM after finishing what was ordered.

            Examples:
              dip node --dev
              dip node --dev --clock manual --start-time 2006-01-01
              dip node --config bank1/node.json
              dip node --data /var/lib/dipnet --genesis genesis.json --key-file node.key
            """)

    @Option(
        help: ArgumentHelp(
            "A JSON file that says how the node is set up and where it meets the other banks.",
            valueName: "file"), completion: .file())
    var config: String?

    @Flag(help: "A development ledger of one bank, chain id 3355.")
    var dev = false

    @Option(help: "The folder of the node's data; made if it is missing.")
    var data: String?

    @Option(
        help: "The genesis file; the data folder keeps a copy, so later starts can leave it out.")
    var genesis: String?

    @Option(
        help:
            "A file of mode 0600 with the node's private key, 64 hexadecimal digits, or that names the signer which has it (docs/remote-signer.md)."
    )
    var keyFile: String?

    @Option(help: "The address to listen on; 127.0.0.1 unless said.")
    var host: String?

    @Option(help: "The port to listen on, 8545 unless said; 0 lets the system choose.")
    var port: Int?

    @Option(help: "'system', or 'manual' on a development ledger: time moves by dip_advanceTime.")
    var clock = ClockKind.system

    @Option(
        help: "The time of a new development ledger's block 0, as 2006-01-31 or seconds since 1970."
    )
    var startTime: String?

    @Option(help: "PEM file with the server's certificate chain.")
    var tlsCertificate: String?

    @Option(help: "PEM file with the certificate's private key, of mode 0600.")
    var tlsKey: String?

    @Option(help: "File of mode 0600 with access tokens: a line of name, scopes and secret each.")
    var tokens: String?

    @Option(help: "A further name by which the node may be called in the Host header; repeatable.")
    var allowHost: [String] = []

    @Option(help: "A web page's origin that may call, such as https://wallet.example; repeatable.")
    var allowOrigin: [String] = []

    @Option(
        help: ArgumentHelp(
            "An address or network, such as 10.0.0.0/8, of proxies whose Forwarded or X-Forwarded-For header says who a request is from; repeatable (docs/gateway.md).",
            valueName: "network"))
    var proxy: [AddressNetwork] = []

    @Option(
        help: ArgumentHelp(
            "How many transactions of one address may be refused at once, after their signers were looked for, before none of its is looked at; 20000 unless said (docs/gateway.md).",
            valueName: "number"))
    var refusalsAtOnce: Int?

    @Option(
        help: ArgumentHelp(
            "How many of one address may be refused a second in the long run; 1000 unless said.",
            valueName: "number"))
    var refusalsPerSecond: Int?

    @Flag(help: "Listen beyond loopback although certificate or tokens are missing.")
    var unprotected = false

    @Option(
        help: "How many records of state to keep in memory, 64 bytes each; 4194304 unless said.")
    var cacheCells: Int?

    @Option(help: "How many blocks to keep below the last one; all unless said.")
    var keepBlocks: UInt64?

    @Option(help: "A file to write once the node serves: its address and process id, as JSON.")
    var readyFile: String?

    @Option(
        help:
            "What to log: trace, debug, info, notice, warning, error, critical; notice unless said."
    )
    var logLevel: Logger.Level?

    enum ClockKind: String, ExpressibleByArgument, CaseIterable { case system, manual }

    func validate() throws {
        guard config == nil || !dev else {
            throw ValidationError("Give --config or --dev, not both.")
        }
        for (option, number) in [
            ("--refusals-at-once", refusalsAtOnce), ("--refusals-per-second", refusalsPerSecond),
        ] {
            guard number.map({ (1...1_000_000_000).contains($0) }) != false else {
                throw ValidationError("\(option): from 1 to 1000000000.")
            }
        }
        guard keepBlocks != 0 else { throw ValidationError("--keep-blocks: at least 1.") }
    }

    func run() async throws {
        signal(SIGPIPE, SIG_IGN)
        let setup = try setup()
        let logger = JournalLog.logger("dipnet", setup.logLevel)
        let connections = setup.doors.rpc.limits.connections
        if connections < ServerLimits().connections {
            logger.notice(
                "at most \(connections) connections, as this process may not open more files: ulimit -Hn"
            )
        }
        let service: NodeService
        do {
            service = try await NodeService.start(
                setup.configuration, doors: setup.doors, logger: logger)
        } catch {
            // Whoever starts a service again must know where that is of no use.
            throw error.isLasting
                ? Failure.usage(error.description) : Failure.failed(error.description)
        }
        let address = setup.url(port: service.port)
        print("listening on \(address), data in \(setup.configuration.folder)")
        fflush(nil)
        // Who is told that it serves may ask it to stop at once.
        let signals = StopSignals()
        if let readyFile { try announce(address, in: readyFile) }
        ServiceManager.isReady("listening on \(address)")
        // The stores close when nobody holds the node any more.
        ServiceManager.watch { [weak node = service.node] in node?.pulse() }
        let wantsRestart = await signals.wait(orFor: service.node.restartWanted)
        logger.notice(wantsRestart ? "starting again" : "stopping")
        if !wantsRestart { ServiceManager.isStopping() }
        await service.stop()
        guard wantsRestart else { return }
        signals.letGo()
        // Whoever told it to stop while it did wants no next program either.
        if !signals.haveCome { throw Self.startAgain() }
    }

    /// Replaces this process by a new one with the same arguments, because the state was replaced.
    /// - Returns: why that did not work.
    private static func startAgain() -> Failure {
        // Only now, as to stop is something that can get stuck; the new one's data take their time to be opened.
        ServiceManager.stopWatching()
        let arguments = CommandLine.arguments.map { strdup($0) } + [nil]
        execv("/proc/self/exe", arguments)
        return .failed("the node has to be started again: \(String(cString: strerror(errno)))")
    }

    private func announce(_ address: String, in file: String) throws {
        let text = #"{"url":"\#(address)","pid":\#(ProcessInfo.processInfo.processIdentifier)}"#
        do {
            try WholeFile.write(
                Array((text + "\n").utf8), to: file, mode: 0o644, replacing: true)
        } catch {
            throw Failure.failed(error.description(of: "ready file"))
        }
    }
}

extension Logger.Level: @retroactive ExpressibleByArgument {}

extension AddressNetwork: ExpressibleByArgument {
    /// Reads a network of the command line.
    public init?(argument: String) { self.init(argument) }
}
