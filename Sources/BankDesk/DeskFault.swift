import Files
import Gateway
import Glibc
import Signing
import Wallet

/// Why the desk cannot do something, for the person who runs it.
public enum DeskFault: Error, Equatable, Sendable {
    /// Another desk works in the folder.
    case folderInUse(path: String)
    /// There is no desk in the folder.
    case noDesk(path: String)
    /// The settings make no sense: which member, and what it should be.
    case settings(String)
    /// The journal is damaged, of a newer program, or SQLite failed in another way than for lack of room.
    case journal(String)
    /// The disk is full, or cannot be written. Nothing is lost: the desk goes on when there is room.
    case noRoom(String)
    /// Another program has the journal. Nothing is lost: the desk goes on when that lets go.
    case busy(String)
    /// A file or folder of the desk cannot be used.
    case file(FileFault)
    /// The inbox or the outbox cannot be used now: a share is not mounted, for instance.
    case exchange(FileFault)
    /// Another desk takes the inbox's files, on the machine that is named.
    case inboxInUse(path: String, by: String)
    /// A key cannot be opened or made.
    case wallet(WalletFault)
    /// No answer of the node, or a strange one.
    case node(ClientFault)
    /// The signer that has the operator's key gives no signature.
    case signer(SignerFault)
    /// The node is another ledger's, or the ledger does not know the desk's bank or token.
    case wrongLedger(String)
    /// The node, by its address, catches up or takes no transactions: what it says of the ledger may be old.
    case behind(String)
    /// What a person asked for cannot be done.
    case refused(String)
    /// A test wanted the desk to end here.
    case stopped(FaultPoint)

    /// Whether waiting can help: the desk tries again instead of ending.
    public var passes: Bool {
        switch self {
        case .noRoom, .busy, .exchange, .inboxInUse, .node, .behind: true
        case .signer(let fault): fault.passes
        case .folderInUse, .noDesk, .settings, .journal, .file, .wallet, .wrongLedger, .refused,
            .stopped:
            false
        }
    }

    /// Whether only files of the inbox, or the outbox, have to wait.
    var isOfInbox: Bool {
        switch self {
        case .exchange, .inboxInUse: true
        default: false
        }
    }

    /// Whether to start the desk again is of no use before somebody has changed something.
    public var isLasting: Bool {
        switch self {
        case .file(let fault): fault.isLasting
        case .wallet(.crypto): false
        case .noDesk, .settings, .journal, .wallet, .wrongLedger, .refused: true
        // Whoever has the folder may be a command that is done in a moment.
        case .folderInUse: false
        case .noRoom, .busy, .exchange, .inboxInUse, .node, .signer, .behind, .stopped: false
        }
    }
}

extension DeskFault: CustomStringConvertible {
    /// What was wrong, where, and what to do.
    public var description: String {
        switch self {
        case .folderInUse(let path):
            "another desk works in \(path): stop that one first"
        case .noDesk(let path):
            "\(path) is no desk's folder: desk.json is not in it; 'dip bank init' makes one"
        case .settings(let text): "desk.json: \(text)"
        case .journal(let text): "the desk's journal: \(text)"
        case .noRoom(let text): "the disk is full or fails (\(text)); nothing is lost, make room"
        case .busy(let text):
            "another program has the journal for too long (\(text)); nothing is lost, end that one"
        case .file(let fault), .exchange(let fault): fault.description
        case .inboxInUse(let path, let host):
            "another desk takes the files of the inbox \(path), on \(host): give each desk an inbox of its own, or "
                + "stop that one; the inbox is this desk's when that one has ended"
        case .wallet(let fault): fault.description
        case .node(let fault): fault.description
        case .signer(let fault): fault.description
        case .wrongLedger(let text), .refused(let text): text
        case .behind(let node):
            "the node at \(node) does not know the newest of the ledger yet: it catches up, "
                + "has no leader, or takes no transactions (dip consortium status)"
        case .stopped(let point): "stopped at \(point.rawValue)"
        }
    }
}

extension DeskFault {
    /// A fault of a file; a disk that is full or fails is told apart, because that passes.
    ///
    /// So does, other than by ``isLastingRefusal(_:)``, a file system that may not be written: after a fault of the
    /// disk the system lets nobody write it any more, and the desk goes on when that is mended. To end would
    /// only take from the person who mends it what the desk says of it.
    init(_ fault: FileFault) {
        if case .system(_, let path, let number) = fault,
            [ENOSPC, EDQUOT, EIO, EROFS].contains(number)
        {
            self = .noRoom(path)
        } else {
            self = .file(fault)
        }
    }

    /// A fault of inbox or outbox, which passes.
    static func ofExchange(_ fault: FileFault) -> DeskFault {
        if case .noRoom(let path) = DeskFault(fault) { .noRoom(path) } else { .exchange(fault) }
    }
}

/// Runs what touches files, and tells its faults as the desk's.
func files<Value>(_ body: () throws(FileFault) -> Value) throws(DeskFault) -> Value {
    do { return try body() } catch { throw DeskFault(error) }
}

/// Runs what touches keys, and tells its faults as the desk's.
func keys<Value>(_ body: () throws(WalletFault) -> Value) throws(DeskFault) -> Value {
    do { return try body() } catch { throw .wallet(error) }
}
