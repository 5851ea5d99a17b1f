import ArgumentParser
import BankDesk
import Files
import JSON
import Ledger

/// How a call gets to the checker.
struct CheckerOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Send nothing, but write the call to this file, mode 0600, to hand over for 'dip bank approve --file' by the checker.",
            valueName: "file"), completion: .file())
    var forChecker: String?
}

/// A command with the key of a desk's operator whose call may take the checker's approval.
protocol TwoKeyCommand: DeskSendingCommand {
    var checker: CheckerOptions { get }
}

extension TwoKeyCommand {
    func run() async throws {
        try await send { sender, plan in
            try await checker.handing(plan) { try await sender.send(plan) }
        }
    }
}

extension CheckerOptions {
    /// Writes the call for the checker where that is wanted, else sends it; where the ledger wants the checker's
    /// approval, says what the checker is to do.
    ///
    /// - Parameters:
    ///   - plan: a call of the operator.
    ///   - send: sends it.
    /// - Returns: whether it was sent.
    /// - Throws: ``Failure/needsChecker(_:_:what:)``, and what sending throws.
    @discardableResult
    func handing(_ plan: Plan, _ send: () async throws -> Void) async throws -> Bool {
        let call = try CheckedCall(plan.call.data)
        if let forChecker {
            try CheckedCallFile.write(call, plan.what, to: forChecker)
            Output.note(
                "nothing was sent; the checker approves it: dip bank approve --file "
                    + ShellWord.quoted(forChecker))
            return false
        }
        do {
            try await send()
        } catch Failure.refused(let refusal) where refusal.isForLackOfApproval {
            throw Failure.needsChecker(refusal, call, what: plan.what)
        }
        return true
    }
}

extension Refusal {
    /// Whether the same call would be taken once the checker has approved it.
    var isForLackOfApproval: Bool {
        ["NotApproved", "LimitExceeded"].contains(json["name"]?.string)
    }
}
