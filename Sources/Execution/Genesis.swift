import Ledger

/// What a ledger starts from; every node of it must hold the same.
public struct Genesis: Hashable, Sendable {
    /// A bank that runs a node.
    public struct Validator: Hashable, Sendable {
        /// The bank's name, 1 to 64 bytes of UTF-8.
        public var name: String
        /// The account of its node's key, which signs headers.
        public var address: Address
        /// The account that votes for it in governance.
        public var `operator`: Address
        /// Where other nodes reach it, `host:port`; empty where it is alone.
        public var endpoint: String

        /// Names a bank.
        ///
        /// - Parameters:
        ///   - name: its name.
        ///   - address: the account of its node's key.
        ///   - account: its operator; the node's key where nil.
        ///   - endpoint: where other nodes reach it.
        public init(
            name: String, address: Address, operator account: Address? = nil,
            endpoint: String = ""
        ) {
            self.name = name
            self.address = address
            self.operator = account ?? address
            self.endpoint = endpoint
        }
    }

    /// The chain id, part of every signature.
    ///
    /// 3355 is the development ledger's.
    public var chainID: UInt64
    /// The time of block 0, milliseconds since 1970.
    public var timeMillis: UInt64
    /// Who holds DIP at the start, each account once, sorted by account.
    public var allocations: [Allocation]
    /// The rules at the start.
    public var rules: Rules
    /// The banks, in the order of their Raft ids from 1.
    public var validators: [Validator]
    /// How many header signatures make a certificate.
    public var certificateQuorum: UInt16
    /// Every how many blocks the state is a checkpoint; 0 for never.
    public var checkpointInterval: UInt64

    /// DIP given to an account at the start.
    public struct Allocation: Hashable, Sendable {
        /// To whom.
        public var account: Address
        /// How much, in units of 10^-18 DIP.
        public var amount: Amount

        /// Gives an amount to an account.
        public init(account: Address, amount: Amount) {
            self.account = account
            self.amount = amount
        }
    }

    /// The chain id of development ledgers, on which published keys and a hand-driven clock are allowed.
    public static let developmentChainID: UInt64 = 3355

    /// The interval between checkpoints unless somebody chooses another, in blocks.
    public static let checkpointIntervalDefault: UInt64 = 10_000

    /// Makes a genesis; allocations are put in order.
    public init(
        chainID: UInt64, timeMillis: UInt64, allocations: [Allocation], rules: Rules,
        validators: [Validator], certificateQuorum: UInt16,
        checkpointInterval: UInt64 = Genesis.checkpointIntervalDefault
    ) {
        self.chainID = chainID
        self.timeMillis = timeMillis
        self.allocations = allocations.sorted { $0.account < $1.account }
        self.rules = rules
        self.validators = validators
        self.certificateQuorum = certificateQuorum
        self.checkpointInterval = checkpointInterval
    }

    /// The canonical bytes.
    ///
    /// - Source: `docs/formats/genesis.md`.
    public var bytes: [UInt8] {
        var writer = ByteWriter()
        writer.write(raw: Array("dipnet genesis 1".utf8))
        writer.write(chainID)
        writer.write(timeMillis)
        writer.write(UInt32(allocations.count))
        for allocation in allocations {
            writer.write(allocation.account)
            writer.write(allocation.amount)
        }
        writer.write(counted: rules.bytes)
        writer.write(UInt32(validators.count))
        for validator in validators {
            writer.write(text: validator.name)
            writer.write(validator.address)
            writer.write(validator.operator)
            writer.write(text: validator.endpoint)
        }
        writer.write(certificateQuorum)
        writer.write(checkpointInterval)
        return writer.bytes
    }

    /// The banks at the start, with ids from 1 in the order of ``validators``.
    ///
    /// - Throws: ``BankSetFault`` where they are no set; a validated genesis never throws.
    public func checkedBankSet() throws(BankSetFault) -> BankSet {
        let banks = validators.enumerated().map { index, validator in
            Bank(
                id: UInt64(index) + 1, name: validator.name, nodeKey: validator.address,
                operator: validator.operator, endpoint: validator.endpoint)
        }
        return try BankSet(ledger: hash, banks: banks, quorum: certificateQuorum)
    }

    /// The banks at the start of a validated genesis.
    public var bankSet: BankSet {
        do throws(BankSetFault) {
            return try checkedBankSet()
        } catch {
            preconditionFailure("a genesis that was not validated: \(error)")
        }
    }

    /// What proofs of this ledger are checked against.
    public var anchor: ProofAnchor { ProofAnchor(chainID: chainID, banks: bankSet) }

    /// How many blocks after a checkpoint's the header follows that names its root: half an interval, so
    /// that there is time to work it out.
    public var checkpointDelay: UInt64 { max(1, checkpointInterval / 2) }

    /// The height whose state the header of a block certifies, nil for most blocks.
    ///
    /// The state after every ``checkpointInterval`` blocks is a checkpoint; its root stands in the header
    /// ``checkpointDelay`` blocks later.
    public func checkpointDue(at height: UInt64) -> UInt64? {
        guard checkpointInterval > 0 else { return nil }
        let (checkpoint, isBefore) = height.subtractingReportingOverflow(checkpointDelay)
        guard !isBefore, checkpoint > 0, checkpoint % checkpointInterval == 0 else { return nil }
        return checkpoint
    }

    /// The checkpoint below a height whose root a block above it certifies; nil if there is none.
    public func checkpointPending(at height: UInt64) -> UInt64? {
        guard checkpointInterval > 0, height > 0 else { return nil }
        let checkpoint = (height - 1) / checkpointInterval * checkpointInterval
        return checkpoint > 0 && height - checkpoint < checkpointDelay ? checkpoint : nil
    }

    /// Whether a checkpoint is made of the state after a block.
    public func isCheckpoint(_ height: UInt64) -> Bool {
        checkpointInterval > 0 && height > 0 && height % checkpointInterval == 0
    }

    /// Whether a block's certificate is part of what vouches for a checkpoint: that of the block after which the
    /// state stood so, or of the one whose header names the root.
    public func isOfCheckpoint(_ height: UInt64) -> Bool {
        isCheckpoint(height) || checkpointDue(at: height) != nil
    }

    /// The SHA-256 of the canonical bytes: the ledger's identity.
    public var hash: Hash32 { SHA256.hash(bytes) }
}
