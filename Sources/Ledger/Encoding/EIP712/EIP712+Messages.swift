extension EIP712 {
    /// Lets somebody spend the signer's tokens (EIP-2612); the domain's contract is the token.
    public struct Permit: Hashable, EIP712Message {
        /// What is hashed as the type.
        public static let type: StaticString =
            "Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"

        /// Whose tokens; must be who signed.
        public var owner: Address
        /// Who may spend them.
        public var spender: Address
        /// How much, a `uint256`; 2^256 − 1 for no limit.
        public var value: Hash32
        /// How many permits of the owner were used before.
        public var nonce: UInt64
        /// Until when the permit may be brought in, seconds, a `uint256`.
        public var deadline: Hash32

        /// Makes a permit.
        public init(
            owner: Address, spender: Address, value: Hash32, nonce: UInt64, deadline: Hash32
        ) {
            self.owner = owner
            self.spender = spender
            self.value = value
            self.nonce = nonce
            self.deadline = deadline
        }

        /// The type's hash and the members', hashed.
        public var structHash: Hash32 {
            EIP712.hash(
                Self.typeHash, Hash32(word: owner), Hash32(word: spender), value,
                Hash32(0, 0, 0, nonce), deadline)
        }

        private static let typeHash = Keccak256.hash(type)
    }

    /// What an attestor says about a gate; the domain's contract is that of orders.
    public struct Attestation: Hashable, EIP712Message {
        /// What is hashed as the type.
        public static let type: StaticString =
            "Attestation(uint64 order,uint8 gate,uint16 bps,bytes32 evidence,uint64 deadline)"

        /// The order's id.
        public var order: UInt64
        /// The gate, from 0.
        public var gate: UInt8
        /// The share that is fulfilled, basis points.
        public var bps: UInt16
        /// A hash of the evidence.
        public var evidence: Hash32
        /// Until when it may be brought in, seconds.
        public var deadline: UInt64

        /// Makes an attestation.
        public init(order: UInt64, gate: UInt8, bps: UInt16, evidence: Hash32, deadline: UInt64) {
            self.order = order
            self.gate = gate
            self.bps = bps
            self.evidence = evidence
            self.deadline = deadline
        }

        /// The type's hash and the members', hashed.
        public var structHash: Hash32 {
            EIP712.hash(
                Self.typeHash, Hash32(0, 0, 0, order), Hash32(0, 0, 0, UInt64(gate)),
                Hash32(0, 0, 0, UInt64(bps)), evidence, Hash32(0, 0, 0, deadline))
        }

        private static let typeHash = Keccak256.hash(type)
    }

    /// What a node says about the block at a height; ``Domain/headers(chainID:)`` is its domain.
    public struct Header: Hashable, EIP712Message {
        /// What is hashed as the type.
        public static let type: StaticString = "Header(uint64 height,bytes32 hash)"

        /// The block's height.
        public var height: UInt64
        /// The hash of its header.
        public var hash: Hash32

        /// Makes the message.
        public init(height: UInt64, hash: Hash32) {
            self.height = height
            self.hash = hash
        }

        /// The type's hash and the members', hashed.
        public var structHash: Hash32 {
            EIP712.hash(Self.typeHash, Hash32(0, 0, 0, height), hash)
        }

        private static let typeHash = Keccak256.hash(type)
    }

    /// That a TLS certificate is its node's, said to another node; ``Domain/headers(chainID:)`` is its domain.
    public struct PeerHello: Hashable, EIP712Message {
        /// What is hashed as the type.
        public static let type: StaticString =
            "PeerHello(bytes32 genesis,uint64 from,uint64 to,uint8 lane,bytes32 certificate)"

        /// The hash of block 0.
        public var genesis: Hash32
        /// The speaker's bank.
        public var from: UInt64
        /// The listener's bank.
        public var to: UInt64
        /// Which of the two connections.
        public var lane: UInt8
        /// SHA-256 of the speaker's certificate in DER.
        public var certificate: Hash32

        /// Makes the message.
        public init(genesis: Hash32, from: UInt64, to: UInt64, lane: UInt8, certificate: Hash32) {
            self.genesis = genesis
            self.from = from
            self.to = to
            self.lane = lane
            self.certificate = certificate
        }

        /// The type's hash and the members', hashed.
        public var structHash: Hash32 {
            EIP712.hash(
                Self.typeHash, genesis, Hash32(0, 0, 0, from), Hash32(0, 0, 0, to),
                Hash32(0, 0, 0, UInt64(lane)), certificate)
        }

        private static let typeHash = Keccak256.hash(type)
    }
}

extension EIP712.Domain {
    /// The domain of what node keys sign: the contract of governance, which names them.
    public static func headers(chainID: UInt64) -> EIP712.Domain {
        EIP712.Domain(chainID: chainID, contract: .treasury)
    }
}
