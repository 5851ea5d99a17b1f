extension IGovernance {
    /// Which key of a bank is replaced.
    public enum BankKey: UInt8, Hashable, Sendable, CaseIterable, ABIEnum {
        /// The one that signs headers.
        case node
        /// The one that votes.
        case `operator`
        /// The one that approves at 0x…d105 what the operator does.
        case checker
    }

    /// What a proposal would do: its kind with the arguments that stand ABI-encoded in its `data`.
    public enum Change: Hashable, Sendable {
        /// A bank joins; the ledger gives it an id.
        case admitBank(name: String, node: Address, operator: Address, endpoint: String)
        /// The bank of this operator leaves.
        case removeBank(Address)
        /// A key of the bank of this operator is replaced.
        case rotateKey(bank: Address, which: BankKey, key: Address)
        /// A parameter gets a value.
        case setParameter(name: String, value: UInt128)
        /// A reviewer of templates joins.
        case admitReviewer(Address)
        /// A reviewer of templates leaves.
        case removeReviewer(Address)
        /// The treasury pays; DIP is the token 0x…d100.
        case payTreasury(token: Address, to: Address, amount: UInt128)
        /// A protocol version holds.
        case activateVersion(UInt16)
        /// A template may no longer be opened.
        case suspendTemplate(Hash32)

        /// Its kind.
        public var kind: Kind {
            switch self {
            case .admitBank: .admitBank
            case .removeBank: .removeBank
            case .rotateKey: .rotateKey
            case .setParameter: .setParameter
            case .admitReviewer: .admitReviewer
            case .removeReviewer: .removeReviewer
            case .payTreasury: .payTreasury
            case .activateVersion: .activateVersion
            case .suspendTemplate: .suspendTemplate
            }
        }
    }

    /// A change and the height from which it is to hold.
    public struct Proposal: Hashable, Sendable {
        /// The change.
        public let change: Change
        /// The first block that goes by it; the next one after the deciding vote where that is later.
        public let height: UInt64

        /// Describes a proposal.
        public init(_ change: Change, from height: UInt64) {
            self.change = change
            self.height = height
        }

        /// Reads the `data` of a proposal.
        ///
        /// - Throws: ``Rejection/badProposal(_:)`` for other bytes than the arguments of that kind.
        /// - Source: `docs/governance.md`.
        public init(_ kind: Kind, decoding data: ArraySlice<UInt8>) throws(Rejection) {
            var reader = ABIReader(data)
            do throws(Rejection) {
                change = try Change(kind, from: &reader)
                height = try reader.uint()
                try reader.finish()
            } catch {
                switch error {
                case .badCalldata(let why): throw .badProposal("data: \(why)")
                case .amountTooLarge: throw .badProposal("data: an amount of 2^128 or more")
                default: throw error
                }
            }
        }

        /// The `data` of the proposal: the change's arguments, then the height, ABI-encoded.
        public var data: [UInt8] {
            switch change {
            case .admitBank(let name, let node, let account, let endpoint):
                return encoded(words: 5) {
                    $0.write(string: name)
                    $0.write(node)
                    $0.write(account)
                    $0.write(string: endpoint)
                }
            case .removeBank(let account), .admitReviewer(let account),
                .removeReviewer(let account):
                return encoded(words: 2) { $0.write(account) }
            case .rotateKey(let bank, let which, let key):
                return encoded(words: 4) {
                    $0.write(bank)
                    $0.write(which)
                    $0.write(key)
                }
            case .setParameter(let name, let value):
                return encoded(words: 3) {
                    $0.write(string: name)
                    $0.write(uint: value)
                }
            case .payTreasury(let token, let to, let amount):
                return encoded(words: 4) {
                    $0.write(token)
                    $0.write(to)
                    $0.write(uint: amount)
                }
            case .activateVersion(let version):
                return encoded(words: 2) { $0.write(version) }
            case .suspendTemplate(let template):
                return encoded(words: 2) { $0.write(word: template) }
            }
        }

        private func encoded(words: Int, _ body: (inout ABIWriter) -> Void) -> [UInt8] {
            var writer = ABIWriter(words: words)
            body(&writer)
            writer.write(height)
            return writer.finish()
        }
    }
}

extension IGovernance.Change {
    fileprivate init(
        _ kind: IGovernance.Kind, from reader: inout ABIReader
    ) throws(Rejection) {
        switch kind {
        case .admitBank:
            self = .admitBank(
                name: try reader.string(), node: try reader.address(),
                operator: try reader.address(), endpoint: try reader.string())
        case .removeBank: self = .removeBank(try reader.address())
        case .rotateKey:
            self = .rotateKey(
                bank: try reader.address(), which: try reader.read(), key: try reader.address())
        case .setParameter:
            self = .setParameter(name: try reader.string(), value: try reader.amount())
        case .admitReviewer: self = .admitReviewer(try reader.address())
        case .removeReviewer: self = .removeReviewer(try reader.address())
        case .payTreasury:
            self = .payTreasury(
                token: try reader.address(), to: try reader.address(), amount: try reader.amount())
        case .activateVersion: self = .activateVersion(try reader.uint())
        case .suspendTemplate: self = .suspendTemplate(try reader.word())
        }
    }
}
