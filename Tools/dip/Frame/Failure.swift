import ArgumentParser
import BankDesk
import Dispatch
import Files
import Gateway
import Glibc
import JSON
import Logging
import Peers
import Signing
import Storage
import Wallet

/// Why a command ends without having done what it was asked, with its exit status.
enum Failure: Error, CustomStringConvertible {
    /// The command line or a file that it names makes no sense.
    case usage(String)
    /// The ledger refused the call.
    case refused(Refusal)
    /// The ledger wants the approval of the bank's checker first.
    case needsChecker(Refusal, CheckedCall, what: String)
    /// The transaction was carried out and refused; it has a receipt and cost its fee.
    case reverted(Refusal, hash: String)
    /// Anything else that a person can do something about.
    case failed(String)
    /// Sent, but there is no receipt yet.
    case unknownOutcome(String, hash: String)

    var description: String {
        switch self {
        case .usage(let text), .failed(let text): text
        case .refused(let refusal): "refused: \(refusal)"
        case .needsChecker(let refusal, let call, _):
            "refused: \(refusal)\nthe checker approves it: \(call.request)"
        case .reverted(let refusal, let hash): "refused in transaction \(hash): \(refusal)"
        case .unknownOutcome(let text, _): text
        }
    }

    /// What a program reads.
    private var json: [JSON.Member] {
        switch self {
        case .usage, .failed: []
        case .refused(let refusal): [JSON.Member("refusal", refusal.json)]
        case .needsChecker(let refusal, let call, let what):
            [JSON.Member("refusal", refusal.json), JSON.Member("call", call.json(what))]
        case .reverted(let refusal, let hash):
            [JSON.Member("refusal", refusal.json), JSON.Member("transaction", .string(hash))]
        case .unknownOutcome(_, let hash): [JSON.Member("transaction", .string(hash))]
        }
    }

    /// As of `sysexits.h`, but 1 for what the ledger refused.
    private var status: Int32 {
        switch self {
        case .usage: 64
        case .refused, .needsChecker, .reverted, .failed: 1
        case .unknownOutcome: 75
        }
    }

    /// Says what went wrong and ends the process.
    static func end(with error: any Error, asJSON: Bool) -> Never {
        switch error {
        case let failure as Failure:
            finish(failure.description, failure.json, failure.status, asJSON)
        case let ended as ExitCodeOnly: exit(ended.status)
        case let faults as FileFaults:
            let list = [JSON.Member("faults", .array(faults.json))]
            finish(faults.description, list, 64, asJSON)
        case let fault as DeskFault: end(with: fault, asJSON: asJSON)
        case let fault as FileFault: end(with: Failure(fault), asJSON: asJSON)
        case let fault as WalletFault: end(with: Failure(fault), asJSON: asJSON)
        case let fault as SignerFault: end(with: fault, asJSON: asJSON)
        case let fault as ClientFault: end(with: fault, asJSON: asJSON)
        default:
            let status = Dip.exitCode(for: error).rawValue
            // Help and the version arrive here too, and are no failures.
            guard status != 0, asJSON, !(error is ExitCode) else { Dip.exit(withError: error) }
            finish(Dip.message(for: error), [], status, true)
        }
    }

    private static func end(with fault: DeskFault, asJSON: Bool) -> Never {
        switch fault {
        case .node(let fault): end(with: fault, asJSON: asJSON)
        case .wallet(let fault): end(with: fault as any Error, asJSON: asJSON)
        case .signer(let fault): end(with: fault, asJSON: asJSON)
        case .noDesk, .settings: finish(fault.description, [], 64, asJSON)
        case .behind: finish(fault.description, [], 69, asJSON)
        case .folderInUse, .journal, .noRoom, .busy, .file, .exchange, .inboxInUse, .wrongLedger,
            .refused, .stopped:
            finish(fault.description, [], 1, asJSON)
        }
    }

    private static func end(with fault: SignerFault, asJSON: Bool) -> Never {
        let status: Int32 =
            switch fault {
            case .unreachable(.misconfigured): 64
            case .unreachable, .badAnswer: 69
            case .unknownKey, .refused, .wrongSignature: 1
            }
        finish(fault.description, [], status, asJSON)
    }

    private static func end(with fault: ClientFault, asJSON: Bool) -> Never {
        switch fault {
        case .misconfigured(let text): finish(text, [], 64, asJSON)
        case .unreachable(let text): finish(text, [], 69, asJSON)
        case .timedOut(let text): finish(text, [], 69, asJSON)
        case .refused(let code, _):
            finish(
                "\(fault)", [JSON.Member("httpStatus", .integer(code))], code == 401 ? 64 : 69,
                asJSON)
        case .badAnswer(let text): finish(text, [], 69, asJSON)
        case .method(let error):
            if let refusal = Refusal(error) {
                end(with: Failure.refused(refusal), asJSON: asJSON)
            }
            let code = JSON.Member("rpcCode", .integer(error.code))
            let data = error.data.map { [JSON.Member("rpcData", $0)] } ?? []
            finish(error.message, [code] + data, 1, asJSON)
        }
    }

    private static func finish(
        _ text: String, _ members: [JSON.Member], _ status: Int32, _ asJSON: Bool
    ) -> Never {
        if asJSON {
            let error = [JSON.Member("message", .string(text))] + members
            Output.json(["ok": false, "error": .object(error)])
        }
        // A service's last words are the most urgent ones of its journal.
        Output.note(
            JournalLog.leadsToJournal ? JournalLog.line(.critical, "dip: \(text)") : "dip: \(text)")
        exit(status)
    }
}

extension ClientFault {
    /// Whether the call may have been carried out all the same.
    ///
    /// What stands before a node, such as a proxy, may have handed the call on and got no answer, or one that it
    /// does not hand back. A node that has a fault of its own, or is stopping, says so with -32603, whatever it did
    /// before; every other error of the method is a refusal.
    var leavesOpen: Bool {
        switch self {
        case .unreachable, .timedOut, .badAnswer: true
        case .refused(let status, _): status >= 500
        case .method(let error): error.code == -32603
        case .misconfigured: false
        }
    }
}

extension Failure {
    /// Says what was sent when SIGINT or SIGTERM ends the program, until what is returned is called.
    static func tellWhenInterrupted(sent hash: String, asJSON: Bool) -> () -> Void {
        let sources = [SIGINT, SIGTERM].compactMap { number -> (any DispatchSourceSignal)? in
            // A shell lets what runs in the background pass over them.
            guard signal(number, SIG_IGN) == nil else { return nil }
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler {
                let failure = Failure.unknownOutcome(
                    "interrupted. Transaction \(hash) was sent: do not send it again, ask "
                        + "'dip receipt \(hash)'", hash: hash)
                end(with: failure, asJSON: asJSON)
            }
            source.resume()
            return source
        }
        return {
            for source in sources {
                source.cancel()
                signal(Int32(source.handle), SIG_DFL)
            }
        }
    }
}

// A file or folder that somebody named and that is not there, or may not be read, is wrong use: the same
// command is of no use before somebody has changed something, and nothing was done.
extension Failure {
    /// What a file's fault means for a command.
    init(_ fault: FileFault) {
        self = fault.isUnreadable ? .usage(fault.description) : .failed(fault.description)
    }

    /// What a keystore's fault means for a command.
    init(_ fault: WalletFault) {
        switch fault {
        case .unreadable, .notPrivate: self = .usage(fault.description)
        default: self = .failed(fault.description)
        }
    }

    /// What an authority's fault means for a command.
    init(_ fault: AuthorityFault) {
        switch fault {
        case .file(let fault): self.init(fault)
        case .unfit(let reason): self = .usage(reason)
        case .openSSL, .unreadable, .foreignKey: self = .failed("\(fault)")
        }
    }

    /// What the fault of a folder with a ledger means for a command.
    init(_ fault: StoreFault) {
        let isUnreadable = fault.kind == .denied && fault.operation == "read"
        self = isUnreadable ? .usage(fault.description) : .failed(fault.description)
    }
}
