import ArgumentParser
import Glibc
import JSON
import Ledger

/// `dip events`.
struct Events: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Follow what happens on the ledger.",
        discussion: """
            Prints events as they come, from now on or from a cursor, until it is ended. With \
            --json one object a line, each with its cursor: whoever keeps the cursor of the last \
            event that it dealt with, and starts again with --after, misses none and sees none \
            twice.

              dip events --account mill
              dip events --order 12 --from 0:0 --no-follow
              dip events --event Paid --event Refunded --json >> events.jsonl
            """)

    @Option(
        help: ArgumentHelp(
            "From which place on: a cursor, or a height; 0:0 is the beginning.",
            valueName: "cursor"))
    var from: String?

    @Option(help: ArgumentHelp("From behind the event with this cursor.", valueName: "cursor"))
    var after: String?

    @Option(help: ArgumentHelp("Only of this account (repeatable).", valueName: "account"))
    var account: [String] = []

    @Option(help: ArgumentHelp("Only of this order (repeatable).", valueName: "number"))
    var order: [UInt64] = []

    @Option(help: ArgumentHelp("Only of this name, such as Paid (repeatable).", valueName: "name"))
    var event: [String] = []

    @Option(
        help: ArgumentHelp(
            "Only of this contract, by name or address (repeatable).", valueName: "contract"))
    var contract: [String] = []

    @Flag(inversion: .prefixedNo, help: "Wait for more at the end.")
    var follow = true

    @OptionGroup var reading: ReadingOptions

    func validate() throws {
        guard from == nil || after == nil else {
            throw ValidationError("Give --from or --after, not both.")
        }
        guard follow || from != nil || after != nil else {
            throw ValidationError("--no-follow needs --from or --after: now nothing comes yet.")
        }
    }

    func run() async throws {
        if reading.output.json { Output.beginStream() }
        let session = try reading.session()
        let narrator = Narrator(session)
        var cursor = try start()
        let filter = try filter(session)
        while true {
            let page = try await session.call("dip_events", cursor, filter, 1000)
            guard let next = page["cursor"], next.string != nil else {
                throw session.strange("dip_events", page)
            }
            let events = page["events"]?.elements ?? []
            for event in events {
                if session.isJSON {
                    Output.jsonLine(event)
                } else {
                    let place = event["cursor"]?.plain ?? ""
                    let time = Moment.text(event["time"]?.whole64 ?? 0)
                    Output.line("\(time)  \(place)  \(try await narrator.sentence(event))")
                }
            }
            // A page without events may only say how far the filter was searched.
            let isAtEnd = next == cursor
            cursor = next
            if isAtEnd {
                guard follow else { return }
                try await Task.sleep(for: .milliseconds(300))
            }
        }
    }

    /// A cursor is `height:index`; a height alone is its first event.
    private func start() throws -> JSON {
        guard let text = from ?? after else { return .null }
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard let height = parts.first.flatMap({ UInt64($0) }), parts.count <= 2,
            let index = parts.count == 2 ? UInt64(parts[1]) : 0, index < .max
        else { throw Failure.usage("\"\(text)\" is no cursor: it is a height, :, and a number") }
        return .string("\(height):\(after == nil ? index : index + 1)")
    }

    private func filter(_ session: Session) throws -> JSON {
        let accounts = try account.map { JSON.string(try session.names.address($0).hex) }
        return .members([
            ("accounts", accounts.isEmpty ? nil : .array(accounts)),
            ("orders", order.isEmpty ? nil : .array(order.map { .integer($0) })),
            ("events", event.isEmpty ? nil : .array(event.map { .string($0) })),
            ("contracts", contract.isEmpty ? nil : .array(contract.map { .string($0) })),
        ])
    }
}

/// `dip receipt`.
struct Receipt: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Tell what became of a transaction.")

    @Argument(help: "The transaction's hash.")
    var hash: String

    @Option(help: ArgumentHelp("How many seconds to wait for it.", valueName: "seconds"))
    var patience: UInt32 = 0

    @OptionGroup var reading: ReadingOptions

    func validate() throws {
        guard Hash32(hex: hash) != nil, hash.hasPrefix("0x") else {
            throw ValidationError("A hash is 0x and 64 hexadecimal digits.")
        }
    }

    func run() async throws {
        let session = try reading.session()
        let receipt = try await wait(session)
        guard !receipt.isNull else {
            let known = try await session.call("eth_getTransactionByHash", .string(hash))
            guard !known.isNull else {
                throw Failure.failed("no transaction \(hash) is known here")
            }
            throw Failure.unknownOutcome("transaction \(hash) is waiting", hash: hash)
        }
        let isDone = receipt["status"]?.whole == 1
        if session.isJSON {
            Output.json(receipt)
        } else {
            let block = receipt["blockNumber"]?.whole64 ?? 0
            Output.line("Block \(block): \(isDone ? "done" : "refused")")
            if let refusal = receipt["refusal"], !refusal.isNull {
                Output.line(Refusal(refusal).description)
            }
            try await Narrator(session).tell(logs: receipt["logs"]?.elements ?? [])
        }
        if !isDone { throw ExitCodeOnly(status: 1) }
    }

    /// The receipt, or null when the patience is over.
    private func wait(_ session: Session) async throws -> JSON {
        let end = ContinuousClock.now + .seconds(patience)
        let piece = Duration.milliseconds(reading.node.pieceMilliseconds)
        while true {
            let left = max(end - .now, .zero)
            let receipt = try await session.call(
                "dip_waitForReceipt", .string(hash), "executed",
                .integer(Int(min(left, piece) / .milliseconds(1))))
            if !receipt.isNull || left <= piece { return receipt }
        }
    }
}
