/// Why the ledger refused an operation: an ordinary result, which becomes the receipt's revert data.
///
/// Names and arguments are the custom errors of the public interface. ``code`` is stable and never
/// reused; ``RejectionCatalogue`` gives cause and cure of each.
public enum Rejection: Error, Hashable, Sendable {
    // The call itself.
    case outOfGas(limit: UInt64)
    case unknownContract(Address)
    case unknownSelector(UInt32)
    case badCalldata(String)
    case notPayable
    case noContractCreation
    case callFailed(index: UInt64, reason: [UInt8])
    case nestedBatch
    case valueMismatch(given: UInt128, needed: UInt128)
    // Tokens: ERC-6093, AccessControl, ERC-2612.
    case erc20InsufficientBalance(sender: Address, balance: UInt128, needed: UInt128)
    case erc20InvalidSender(Address)
    case erc20InvalidReceiver(Address)
    case erc20InsufficientAllowance(spender: Address, allowance: UInt128, needed: UInt128)
    case erc20InvalidApprover(Address)
    case erc20InvalidSpender(Address)
    case accessControlUnauthorizedAccount(Address, role: Hash32)
    case accessControlBadConfirmation
    case erc2612ExpiredSignature(deadline: Hash32)
    case erc2612InvalidSigner(signer: Address, owner: Address)
    case controlNotEnabled(UInt64)
    case amountTooLarge(Hash32)
    case accountFrozen(Address)
    case accountNotAllowed(Address)
    case tokenPaused
    case capExceeded(cap: UInt128, wanted: UInt128)
    case nothingHeld(Address)
    case unknownToken(Address)
    case badToken(String)
    case lengthMismatch(UInt64, UInt64)
    // Orders.
    case unknownOrder(UInt64)
    case unknownLine(order: UInt64, line: UInt16)
    case unknownGate(order: UInt64, gate: UInt8)
    case badTerms(String)
    case wrongStatus(order: UInt64, status: UInt8)
    case notParty(Address)
    case notAttestor(Address)
    case notArbiter(Address)
    case alreadyAttested(Address)
    case gateIsClosed(order: UInt64, gate: UInt8)
    case notDisputed(order: UInt64, gate: UInt8)
    case gateNotReached(order: UInt64, gate: UInt8)
    case pledgeTooDeep(parent: UInt64, child: UInt64)
    case notDue(UInt64)
    case noConsent(Address)
    case noArbiter(UInt64)
    case badShare(UInt16)
    case zeroAmount
    case overfunded(outstanding: UInt128)
    case tokenMismatch(Address, Address)
    case pledgeCycle(parent: UInt64, child: UInt64)
    case alreadyGuaranteed(Address)
    case noDueDate(UInt64)
    case notOpenAccount(UInt64)
    case duplicateEntry(UInt64)
    case unbalanced(Address, owes: UInt128, owed: UInt128)
    case signatureExpired(deadline: UInt64)
    case badSignature
    // Claims.
    case insufficientClaim(holder: Address, units: UInt128, needed: UInt128)
    case selfTransfer
    case tooManyHolders(order: UInt64, line: UInt16)
    case offerGone(UInt64)
    case erc1155InvalidReceiver(Address)
    case erc1155MissingApprovalForAll(operator: Address, owner: Address)
    case erc1155InvalidArrayLength(ids: UInt64, values: UInt64)
    case erc1155InvalidOperator(Address)
    // Governance.
    case notBank(Address)
    case badProposal(String)
    // Legal entities.
    case badIdentifier(String)
    case attestedByOther(Address, bank: Address)
    case notAttested(Address)
    // Templates.
    case templateRefused(pointer: String, why: String)
    case bindingRefused(pointer: String, why: String)
    case templateNotActive(Hash32, status: UInt8)
    case notReviewer(Address)
    case feeTooLow(needed: UInt128)
    case notDeveloper(Address)
    case templateNotDraft(Hash32, status: UInt8)
    case alreadyReviewed(Hash32, by: Address)
    // Deposit tokens and redemptions.
    case duplicateReference(Hash32)
    case notThisBanksToken(Address)
    case wrongRedemptionState(UInt64, IBanks.Redemption)
    case limitExceeded(perDay: UInt128, issuedToday: UInt128, wanted: UInt128)
    case notApproved(Hash32)
    case badDepositToken(String)
    case unknownRedemption(UInt64)
    case isDepositToken(Address)
    case takenAtPar(Address)
}

/// One argument of a custom error, with the type that its signature names.
public enum RejectionArgument: Hashable, Sendable {
    /// An unsigned integer of so many bits.
    case uint(UInt128, bits: Int)
    /// A full 256-bit integer.
    case uint256(Hash32)
    /// Four bytes.
    case bytes4(UInt32)
    /// 32 bytes.
    case bytes32(Hash32)
    /// An address.
    case address(Address)
    /// Text in UTF-8.
    case string(String)
    /// Bytes.
    case bytes([UInt8])

    /// The type's name in a signature.
    public var type: String {
        switch self {
        case .uint(_, let bits): "uint\(bits)"
        case .uint256: "uint256"
        case .bytes4: "bytes4"
        case .bytes32: "bytes32"
        case .address: "address"
        case .string: "string"
        case .bytes: "bytes"
        }
    }
}

extension Rejection {
    /// The custom error's name, its stable number, and its arguments in order.
    public var parts: (code: UInt16, name: String, arguments: [RejectionArgument]) {
        switch self {
        case .outOfGas(let limit): (1, "OutOfGas", [.uint(UInt128(limit), bits: 64)])
        case .unknownContract(let at): (2, "UnknownContract", [.address(at)])
        case .unknownSelector(let selector): (3, "UnknownSelector", [.bytes4(selector)])
        case .badCalldata(let why): (4, "BadCalldata", [.string(why)])
        case .notPayable: (5, "NotPayable", [])
        case .noContractCreation: (6, "NoContractCreation", [])
        case .callFailed(let index, let reason):
            (7, "CallFailed", [.uint(UInt128(index), bits: 256), .bytes(reason)])
        case .nestedBatch: (8, "NestedBatch", [])
        case .valueMismatch(let given, let needed):
            (9, "ValueMismatch", [.uint(given, bits: 256), .uint(needed, bits: 256)])
        case .erc20InsufficientBalance(let sender, let balance, let needed):
            (
                20, "ERC20InsufficientBalance",
                [.address(sender), .uint(balance, bits: 256), .uint(needed, bits: 256)]
            )
        case .erc20InvalidSender(let sender): (21, "ERC20InvalidSender", [.address(sender)])
        case .erc20InvalidReceiver(let to): (22, "ERC20InvalidReceiver", [.address(to)])
        case .erc20InsufficientAllowance(let spender, let allowance, let needed):
            (
                23, "ERC20InsufficientAllowance",
                [.address(spender), .uint(allowance, bits: 256), .uint(needed, bits: 256)]
            )
        case .erc20InvalidApprover(let owner): (24, "ERC20InvalidApprover", [.address(owner)])
        case .erc20InvalidSpender(let spender): (25, "ERC20InvalidSpender", [.address(spender)])
        case .accessControlUnauthorizedAccount(let account, let role):
            (26, "AccessControlUnauthorizedAccount", [.address(account), .bytes32(role)])
        case .accessControlBadConfirmation: (27, "AccessControlBadConfirmation", [])
        case .erc2612ExpiredSignature(let deadline):
            (28, "ERC2612ExpiredSignature", [.uint256(deadline)])
        case .erc2612InvalidSigner(let signer, let owner):
            (29, "ERC2612InvalidSigner", [.address(signer), .address(owner)])
        case .controlNotEnabled(let control):
            (30, "ControlNotEnabled", [.uint(UInt128(control), bits: 64)])
        case .amountTooLarge(let amount): (31, "AmountTooLarge", [.uint256(amount)])
        case .accountFrozen(let account): (32, "AccountFrozen", [.address(account)])
        case .accountNotAllowed(let account): (33, "AccountNotAllowed", [.address(account)])
        case .tokenPaused: (34, "TokenPaused", [])
        case .capExceeded(let cap, let wanted):
            (35, "CapExceeded", [.uint(cap, bits: 256), .uint(wanted, bits: 256)])
        case .nothingHeld(let account): (36, "NothingHeld", [.address(account)])
        case .unknownToken(let token): (37, "UnknownToken", [.address(token)])
        case .badToken(let why): (38, "BadToken", [.string(why)])
        case .lengthMismatch(let left, let right):
            (
                39, "LengthMismatch",
                [.uint(UInt128(left), bits: 256), .uint(UInt128(right), bits: 256)]
            )
        case .unknownOrder(let order): (60, "UnknownOrder", [.order(order)])
        case .unknownLine(let order, let line):
            (61, "UnknownLine", [.order(order), .uint(UInt128(line), bits: 16)])
        case .unknownGate(let order, let gate):
            (62, "UnknownGate", [.order(order), .uint(UInt128(gate), bits: 8)])
        case .badTerms(let why): (63, "BadTerms", [.string(why)])
        case .wrongStatus(let order, let status):
            (64, "WrongStatus", [.order(order), .uint(UInt128(status), bits: 8)])
        case .notParty(let account): (65, "NotParty", [.address(account)])
        case .notAttestor(let account): (66, "NotAttestor", [.address(account)])
        case .notArbiter(let account): (67, "NotArbiter", [.address(account)])
        case .alreadyAttested(let account): (68, "AlreadyAttested", [.address(account)])
        case .gateIsClosed(let order, let gate):
            (69, "GateIsClosed", [.order(order), .uint(UInt128(gate), bits: 8)])
        case .notDisputed(let order, let gate):
            (70, "NotDisputed", [.order(order), .uint(UInt128(gate), bits: 8)])
        case .gateNotReached(let order, let gate):
            (71, "GateNotReached", [.order(order), .uint(UInt128(gate), bits: 8)])
        case .pledgeTooDeep(let parent, let child):
            (72, "PledgeTooDeep", [.order(parent), .order(child)])
        case .notDue(let order): (73, "NotDue", [.order(order)])
        case .noConsent(let account): (74, "NoConsent", [.address(account)])
        case .noArbiter(let order): (75, "NoArbiter", [.order(order)])
        case .badShare(let bps): (76, "BadShare", [.uint(UInt128(bps), bits: 16)])
        case .zeroAmount: (77, "ZeroAmount", [])
        case .overfunded(let outstanding): (78, "Overfunded", [.uint(outstanding, bits: 256)])
        case .tokenMismatch(let a, let b): (79, "TokenMismatch", [.address(a), .address(b)])
        case .pledgeCycle(let parent, let child):
            (80, "PledgeCycle", [.order(parent), .order(child)])
        case .alreadyGuaranteed(let by): (81, "AlreadyGuaranteed", [.address(by)])
        case .noDueDate(let order): (82, "NoDueDate", [.order(order)])
        case .notOpenAccount(let order): (83, "NotOpenAccount", [.order(order)])
        case .duplicateEntry(let order): (84, "DuplicateEntry", [.order(order)])
        case .unbalanced(let account, let owes, let owed):
            (
                85, "Unbalanced",
                [.address(account), .uint(owes, bits: 256), .uint(owed, bits: 256)]
            )
        case .signatureExpired(let deadline):
            (86, "SignatureExpired", [.uint(UInt128(deadline), bits: 64)])
        case .badSignature: (87, "BadSignature", [])
        case .insufficientClaim(let holder, let units, let needed):
            (
                100, "InsufficientClaim",
                [.address(holder), .uint(units, bits: 256), .uint(needed, bits: 256)]
            )
        case .selfTransfer: (101, "SelfTransfer", [])
        case .tooManyHolders(let order, let line):
            (102, "TooManyHolders", [.order(order), .uint(UInt128(line), bits: 16)])
        case .offerGone(let offer): (103, "OfferGone", [.order(offer)])
        case .erc1155InvalidReceiver(let to): (104, "ERC1155InvalidReceiver", [.address(to)])
        case .erc1155MissingApprovalForAll(let by, let owner):
            (105, "ERC1155MissingApprovalForAll", [.address(by), .address(owner)])
        case .erc1155InvalidArrayLength(let ids, let values):
            (
                106, "ERC1155InvalidArrayLength",
                [.uint(UInt128(ids), bits: 256), .uint(UInt128(values), bits: 256)]
            )
        case .erc1155InvalidOperator(let by): (107, "ERC1155InvalidOperator", [.address(by)])
        case .notBank(let account): (120, "NotBank", [.address(account)])
        case .badProposal(let why): (121, "BadProposal", [.string(why)])
        case .badIdentifier(let why): (130, "BadIdentifier", [.string(why)])
        case .attestedByOther(let account, let bank):
            (131, "AttestedByOther", [.address(account), .address(bank)])
        case .notAttested(let account): (132, "NotAttested", [.address(account)])
        case .templateRefused(let pointer, let why):
            (140, "TemplateRefused", [.string(pointer), .string(why)])
        case .bindingRefused(let pointer, let why):
            (141, "BindingRefused", [.string(pointer), .string(why)])
        case .templateNotActive(let id, let status):
            (142, "TemplateNotActive", [.bytes32(id), .uint(UInt128(status), bits: 8)])
        case .notReviewer(let account): (143, "NotReviewer", [.address(account)])
        case .feeTooLow(let needed): (144, "FeeTooLow", [.uint(needed, bits: 256)])
        case .notDeveloper(let account): (145, "NotDeveloper", [.address(account)])
        case .templateNotDraft(let id, let status):
            (146, "TemplateNotDraft", [.bytes32(id), .uint(UInt128(status), bits: 8)])
        case .alreadyReviewed(let id, let by):
            (147, "AlreadyReviewed", [.bytes32(id), .address(by)])
        case .duplicateReference(let reference):
            (150, "DuplicateReference", [.bytes32(reference)])
        case .notThisBanksToken(let token): (151, "NotThisBanksToken", [.address(token)])
        case .wrongRedemptionState(let id, let state):
            (
                152, "WrongRedemptionState",
                [.order(id), .uint(UInt128(state.rawValue), bits: 8)]
            )
        case .limitExceeded(let perDay, let issuedToday, let wanted):
            (
                153, "LimitExceeded",
                [
                    .uint(perDay, bits: 256), .uint(issuedToday, bits: 256),
                    .uint(wanted, bits: 256),
                ]
            )
        case .notApproved(let call): (154, "NotApproved", [.bytes32(call)])
        case .badDepositToken(let why): (155, "BadDepositToken", [.string(why)])
        case .unknownRedemption(let id): (156, "UnknownRedemption", [.order(id)])
        case .isDepositToken(let token): (157, "IsDepositToken", [.address(token)])
        case .takenAtPar(let token): (158, "TakenAtPar", [.address(token)])
        }
    }

    /// The stable number, never reused.
    public var code: UInt16 { parts.code }
    /// The custom error's name.
    public var name: String { parts.name }

    /// The custom error's signature, from which its selector follows.
    public var signature: String {
        let parts = parts
        return parts.name + "(" + parts.arguments.map(\.type).joined(separator: ",") + ")"
    }
}

extension RejectionArgument {
    /// A 64-bit id.
    static func order(_ id: UInt64) -> RejectionArgument { .uint(UInt128(id), bits: 64) }
}
