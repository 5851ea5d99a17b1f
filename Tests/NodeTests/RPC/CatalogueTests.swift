import Gateway
import JSON
import Ledger
import Replica
import Testing

@testable import Node

@Suite struct CatalogueTests {
    /// One of every case; the switch below does not compile when one is added to the ledger.
    static let rejections: [Rejection] = [
        .outOfGas(limit: 1), .unknownContract(a), .unknownSelector(7), .badCalldata("why"),
        .notPayable, .noContractCreation, .callFailed(index: 3, reason: []), .nestedBatch,
        .valueMismatch(given: 1, needed: 2),
        .erc20InsufficientBalance(sender: a, balance: 1, needed: 2), .erc20InvalidSender(a),
        .erc20InvalidReceiver(a),
        .erc20InsufficientAllowance(spender: a, allowance: 1, needed: 2),
        .erc20InvalidApprover(a), .erc20InvalidSpender(a),
        .accessControlUnauthorizedAccount(a, role: .zero), .accessControlBadConfirmation,
        .erc2612ExpiredSignature(deadline: .zero), .erc2612InvalidSigner(signer: a, owner: b),
        .controlNotEnabled(1), .amountTooLarge(.allOnes), .accountFrozen(a),
        .accountNotAllowed(a), .tokenPaused, .capExceeded(cap: 1, wanted: 2), .nothingHeld(a),
        .unknownToken(a), .badToken("why"), .lengthMismatch(1, 2), .unknownOrder(1),
        .unknownLine(order: 1, line: 2), .unknownGate(order: 1, gate: 2), .badTerms("why"),
        .wrongStatus(order: 1, status: 2), .notParty(a), .notAttestor(a), .notArbiter(a),
        .alreadyAttested(a), .gateIsClosed(order: 1, gate: 2), .notDisputed(order: 1, gate: 2),
        .gateNotReached(order: 1, gate: 2), .pledgeTooDeep(parent: 1, child: 2), .notDue(1),
        .noConsent(a), .noArbiter(1), .badShare(10_001), .zeroAmount,
        .overfunded(outstanding: 1), .tokenMismatch(a, b), .pledgeCycle(parent: 1, child: 2),
        .alreadyGuaranteed(a), .noDueDate(1), .notOpenAccount(1), .duplicateEntry(1),
        .unbalanced(a, owes: 1, owed: 2), .signatureExpired(deadline: 1), .badSignature,
        .insufficientClaim(holder: a, units: 1, needed: 2), .selfTransfer,
        .tooManyHolders(order: 1, line: 2), .offerGone(1), .erc1155InvalidReceiver(a),
        .erc1155MissingApprovalForAll(operator: a, owner: b),
        .erc1155InvalidArrayLength(ids: 1, values: 2), .erc1155InvalidOperator(a), .notBank(a),
        .badProposal("why"), .badIdentifier("why"), .attestedByOther(a, bank: b), .notAttested(a),
        .templateRefused(pointer: "/a", why: "why"),
        .bindingRefused(pointer: "/a", why: "why"), .templateNotActive(.zero, status: 1),
        .notReviewer(a), .feeTooLow(needed: 1), .notDeveloper(a),
        .templateNotDraft(.zero, status: 2), .alreadyReviewed(.zero, by: a),
        .duplicateReference(.zero), .notThisBanksToken(a),
        .wrongRedemptionState(1, .settled),
        .limitExceeded(perDay: 1, issuedToday: 2, wanted: 3), .notApproved(.zero),
        .badDepositToken("why"), .unknownRedemption(1), .isDepositToken(a),
        .takenAtPar(a),
    ]
    static let a = Address(high: 1, middle: 2, low: 3)
    static let b = Address(high: 4, middle: 5, low: 6)

    /// How many cases there are.
    static func caseCount(_ rejection: Rejection) -> Int {
        switch rejection {
        case .outOfGas, .unknownContract, .unknownSelector, .badCalldata, .notPayable,
            .noContractCreation, .callFailed, .nestedBatch, .valueMismatch:
            break
        case .erc20InsufficientBalance, .erc20InvalidSender, .erc20InvalidReceiver,
            .erc20InsufficientAllowance, .erc20InvalidApprover, .erc20InvalidSpender,
            .accessControlUnauthorizedAccount, .accessControlBadConfirmation,
            .erc2612ExpiredSignature, .erc2612InvalidSigner, .controlNotEnabled, .amountTooLarge,
            .accountFrozen, .accountNotAllowed, .tokenPaused, .capExceeded, .nothingHeld,
            .unknownToken, .badToken, .lengthMismatch:
            break
        case .unknownOrder, .unknownLine, .unknownGate, .badTerms, .wrongStatus, .notParty,
            .notAttestor, .notArbiter, .alreadyAttested, .gateIsClosed, .notDisputed,
            .gateNotReached, .pledgeTooDeep, .notDue, .noConsent, .noArbiter, .badShare,
            .zeroAmount, .overfunded, .tokenMismatch, .pledgeCycle, .alreadyGuaranteed,
            .noDueDate, .notOpenAccount, .duplicateEntry, .unbalanced, .signatureExpired,
            .badSignature:
            break
        case .insufficientClaim, .selfTransfer, .tooManyHolders, .offerGone,
            .erc1155InvalidReceiver, .erc1155MissingApprovalForAll, .erc1155InvalidArrayLength,
            .erc1155InvalidOperator:
            break
        case .notBank, .badProposal, .badIdentifier, .attestedByOther, .notAttested: break
        case .templateRefused, .bindingRefused, .templateNotActive, .notReviewer, .feeTooLow,
            .notDeveloper, .templateNotDraft, .alreadyReviewed:
            break
        case .duplicateReference, .notThisBanksToken, .wrongRedemptionState, .limitExceeded,
            .notApproved, .badDepositToken, .unknownRedemption, .isDepositToken, .takenAtPar:
            break
        }
        return 9 + 20 + 28 + 8 + 5 + 8 + 9
    }

    @Test func `every refusal of the ledger is in the catalogue, and nothing else`() {
        let codes = Set(Self.rejections.map(\.code))
        #expect(codes.count == Self.caseCount(.zeroAmount))
        #expect(Set(RejectionCatalogue.entries.map(\.code)) == codes)
    }

    @Test(arguments: rejections)
    func `an entry has the signature and the selector of its refusal`(_ rejection: Rejection) {
        let entry = RejectionCatalogue.entry(of: rejection)
        #expect(entry?.item.signature == rejection.signature)
        let refusal = Refusal(rejection)
        #expect(refusal.entry?.code == rejection.code)
        #expect(refusal.arguments.count == rejection.parts.arguments.count)
        #expect(refusal.text.hasPrefix(rejection.name + "("))
    }

    @Test func `codes, names and selectors are unique, causes and cures are sentences`() {
        let ledger = RejectionCatalogue.entries
        let pool = PoolRefusalEntry.all
        let codes = ledger.map(\.code) + pool.map(\.code)
        #expect(Set(codes).count == codes.count)
        #expect(codes == codes.sorted() || Set(codes) == Set(codes.sorted()))
        #expect(Set(ledger.map(\.item.selector)).count == ledger.count)
        #expect(Set(pool.map(\.name)).count == pool.count)
        for text in ledger.flatMap({ [$0.cause, $0.cure] }) + pool.flatMap({ [$0.cause, $0.cure] })
        {
            #expect(text.hasSuffix("."))
            #expect(text.first?.isUppercase == true || text.first?.isLowercase == true)
        }
    }

    @Test func `every refusal of the pool is in the catalogue`() {
        let faults: [TransactionFault] = [
            .tooLarge(bytes: 1), .unknownType(3), .malformed(DecodingFault("x")),
            .amountTooLarge(field: "value"), .noChainID, .wrongChain(expected: 1, given: 2),
            .priorityAboveMaximum, .highS, .badSignature,
        ]
        let refusals: [PoolRefusal] =
            faults.map { .invalid($0) } + [
                .alreadyKnown(.zero), .nonceTooLow(given: 1, next: 2),
                .nonceTooHigh(given: 1, next: 2, window: 3),
                .replacementUnderpriced(offered: 1, needed: 2), .nonceBeingOrdered(1),
                .gasPriceTooLow(offered: 1, price: 2), .gasLimitTooLow(given: 1, needed: 2),
                .gasLimitTooHigh(given: 1, block: 2),
                .insufficientFunds(account: Self.a, balance: 1, needed: 2), .contractCreation,
                .accountFull(limit: 1), .full(limit: 1), .notServing("why"),
                .tooManyRefused(retryMillis: 7),
            ]
        #expect(Set(refusals.map(\.entry.code)) == Set(PoolRefusalEntry.all.map(\.code)))
        #expect(refusals.dropLast().allSatisfy { $0.error.code == -32000 })
        #expect(refusals.last?.error.code == -32005)
        #expect(refusals.last?.error.data?["name"] == "TooManyRefused")
        #expect(refusals.last?.error.data?["retryMillis"] == 7)
    }

    @Test func `a refused batch names the refusal inside`() {
        let inner = Rejection.erc20InsufficientBalance(sender: Self.a, balance: 1, needed: 2)
        let refusal = Refusal(.callFailed(index: 3, reason: inner.revertData))
        #expect(
            refusal.text
                == "CallFailed(3, ERC20InsufficientBalance(\(Self.a), 1, 2))")
        #expect(refusal.json["inner"]?["name"] == "ERC20InsufficientBalance")
        #expect(refusal.error.code == 3)
    }

    @Test(arguments: [[], [1], [1, 2, 3, 4], [0xff, 0xff, 0xff, 0xff, 0]] as [[UInt8]])
    func `whatever comes back from a call, something is said of it`(_ data: [UInt8]) {
        #expect(Refusal(data).entry == nil)
        #expect(!Refusal(data).text.isEmpty)
    }
}
