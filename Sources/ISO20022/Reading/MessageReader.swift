import Glibc

/// Reads one message as a stream of parts; memory does not grow with the file.
///
/// Nothing that it says counts before it has returned nil: whoever acts on parts does so in a transaction of their own and drops
/// it on a throw. After a throw the reader gives nothing more.
public struct MessageReader: ~Copyable {
    /// Where the reader stands in the file.
    private enum Place {
        case envelope
        case message
        case account
        case entry
        case details
        case instruction
        case instructionStatus
        case done
    }

    var stream: XMLStream
    private var place = Place.envelope
    var definition = MessageDefinition(.notification, version: 0)

    /// The one child of `Document`, and the children of that.
    var document: Children?
    var message: Children?
    /// The children of the account, instruction or original instruction that is being read.
    var group: Children?
    /// The children of the entry that is being read, and of its details.
    var entry: Children?
    var details: Children?
    /// A child that was opened to find out that its parent's own part is over.
    var opened: Tag?

    /// What the application header says, until the message's header is out.
    var application = ApplicationHeader()
    var accountSums = AccountSums()
    var entrySums = EntrySums()
    var paymentSums = PaymentSums()
    var instructionSums = PaymentSums()
    var currentInstruction: PaymentInstruction?
    var originalMessage = StatusReport(.message)
    /// Of how many messages a report tells.
    var originalGroups = 0
    var originalInstructionID: String?

    /// Reads the file at `path`.
    ///
    /// - Throws: ``MessageFault/Code/unreadable`` where it cannot be opened.
    public init(path: String, limits: MessageLimits = MessageLimits()) throws(MessageFault) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw MessageFault(
                .unreadable, line: 0, path: "/",
                why: "the file cannot be opened: " + String(cString: strerror(errno)))
        }
        try self.init(ByteSource(descriptor: descriptor, limits: limits), limits)
    }

    /// Reads an open file from where it stands; the reader closes it.
    public init(
        descriptor: Int32, limits: MessageLimits = MessageLimits()
    ) throws(MessageFault) {
        try self.init(ByteSource(descriptor: descriptor, limits: limits), limits)
    }

    /// Reads a message in memory.
    public init(bytes: [UInt8], limits: MessageLimits = MessageLimits()) throws(MessageFault) {
        try self.init(ByteSource(bytes: bytes, limits: limits), limits)
    }

    private init(_ source: ByteSource, _ limits: MessageLimits) throws(MessageFault) {
        stream = try XMLStream(source, limits: limits)
    }

    /// The next part, or nil at the end of a message that is well-formed and complete.
    ///
    /// - Throws: the first ``MessageFault`` that is met.
    public mutating func next() throws(MessageFault) -> MessagePart? {
        do throws(MessageFault) {
            stream.mark()
            while place != .done {
                if let part = try step() { return part }
            }
            return nil
        } catch {
            place = .done
            throw error
        }
    }

    private mutating func step() throws(MessageFault) -> MessagePart? {
        switch place {
        case .envelope:
            try openDocument()
            place = .message
            return nil
        case .message: return try stepInMessage()
        case .account:
            switch try nextInAccount() {
            case .entry(let entry):
                place = .entry
                return .entry(entry)
            case .end(let end):
                place = .message
                return .accountEnd(end)
            }
        case .entry: return try stepInEntry()
        case .details:
            guard let transaction = try nextTransaction() else {
                place = .entry
                return nil
            }
            return .transaction(transaction)
        case .instruction:
            guard let transfer = try nextInitiatedTransfer() else {
                place = .message
                return nil
            }
            return .transfer(transfer)
        case .instructionStatus:
            guard let status = try nextInstructionStatus() else {
                place = .message
                return nil
            }
            return .status(status)
        case .done: return nil
        }
    }

    private mutating func stepInMessage() throws(MessageFault) -> MessagePart? {
        switch try message?.next(&stream) {
        case .grpHdr: return .header(try header())
        case .rpt, .stmt, .ntfctn:
            place = .account
            return .account(try account())
        case .pmtInf:
            place = .instruction
            let instruction = try instruction()
            return .instruction(instruction)
        case .cdtTrfTxInf: return .transfer(try interbankTransfer())
        case .orgnlGrpInfAndSts: return .status(try originalGroup())
        case .orgnlGrpInf:
            _ = try originalGroup()
            return nil
        case .orgnlPmtInfAndSts:
            place = .instructionStatus
            return .status(try instructionStatus())
        case .txInfAndSts: return .status(try transactionStatus())
        case .txInf: return .returned(try returned())
        case nil:
            try closeDocument()
            place = .done
            return nil
        default: return nil
        }
    }

    private mutating func stepInEntry() throws(MessageFault) -> MessagePart? {
        guard try opensDetails() else {
            place = .account
            return .entryEnd(closeEntry())
        }
        place = .details
        return nil
    }
}
