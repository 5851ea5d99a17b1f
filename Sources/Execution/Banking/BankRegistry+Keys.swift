import Ledger

/// Who acts for a bank: its operator makes, its checker approves.
extension BankRegistry {
    /// Says who the bank is in payment messages; changing it takes the checker.
    ///
    /// - Throws: ``Rejection/notBank(_:)``, ``Rejection/badCalldata(_:)``, ``Rejection/notApproved(_:)``.
    func setBIC(_ bic: String, call: Hash32, by sender: Address) throws(Rejection) {
        var acting = try bank(actingBy: sender)
        guard Self.isBIC(bic) else {
            throw .badCalldata("bic: eight or eleven characters by ISO 9362 are wanted")
        }
        for other in governance.bankSet.banks where other.operator != sender {
            if record(operatedBy: other.operator)?.bic == bic {
                throw .badCalldata("bic: it is another bank's")
            }
        }
        let isApproved = takeApproval(of: call, for: acting)
        guard acting.bank.bic.isEmpty || isApproved else { throw .notApproved(call) }
        acting.bank.bic = bic
        roll.set(acting.bank, at: acting.id)
        BankingEffect.admitted(operator: sender, bic: bic).record(in: state)
    }

    /// Four characters for the party, two letters for the country, two or five characters.
    static func isBIC(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        guard bytes.count == 8 || bytes.count == 11 else { return false }
        return bytes.enumerated().allSatisfy { index, byte in
            (0x41...0x5a).contains(byte) || (index < 4 || index > 5) && (0x30...0x39).contains(byte)
        }
    }

    /// Names who approves what the operator wants: the first one by the operator alone, every other one with
    /// the approval of the one before.
    ///
    /// - Throws: ``Rejection/notBank(_:)``, ``Rejection/badCalldata(_:)`` for who cannot be one,
    ///   ``Rejection/notApproved(_:)``.
    func setChecker(_ checker: Address, call: Hash32, by sender: Address) throws(Rejection) {
        guard let member = governance.bankSet.bank(operatedBy: sender) else {
            throw .notBank(sender)
        }
        if let why = roll.refusal(ofChecker: checker, for: sender) {
            throw .badCalldata("checker: \(why)")
        }
        let acting = try bank(actingBy: sender)
        let isApproved = takeApproval(of: call, for: acting)
        guard acting.bank.checker == .zero || isApproved else { throw .notApproved(call) }
        roll.setChecker(checker, of: member)
    }

    /// Replaces the operator's key; the banks follow at the start of the next block.
    ///
    /// - Throws: ``Rejection/notBank(_:)``, ``Rejection/badCalldata(_:)`` for who cannot be one,
    ///   ``Rejection/notApproved(_:)``.
    func setOperator(_ next: Address, call: Hash32, by sender: Address) throws(Rejection) {
        let acting = try bank(actingBy: sender)
        if let why = roll.refusal(of: next, for: sender) { throw .badCalldata("next: \(why)") }
        do throws(BankSetFault) {
            _ = try governance.bankSet.rotating(operator: sender, to: next)
        } catch {
            throw .badCalldata("next: \(error.description)")
        }
        guard takeApproval(of: call, for: acting) else { throw .notApproved(call) }
        governance.rotateNext(sender, to: next)
    }

    // MARK: Approving

    /// Approves a call that the bank's operator is about to make.
    ///
    /// - Parameters:
    ///   - call: the Keccak-256 of the call's data.
    ///   - sender: the bank's checker.
    /// - Throws: ``Rejection/notBank(_:)``.
    func approve(_ call: Hash32, by sender: Address) throws(Rejection) {
        guard let id = roll.id(checkedBy: sender), let bank = roll.bank(id) else {
            throw .notBank(sender)
        }
        let approval = CallApproval(
            checker: sender, expiry: state.block.now + Self.approvalSeconds)
        state.setObject(BankingKey.approval(id, call), approval.bytes)
        BankingEffect.callApproved(
            operator: bank.operator, call: call, checker: sender, expiry: approval.expiry
        ).record(in: state)
    }

    /// Whether a call of a bank's operator is approved now.
    func isApproved(_ call: Hash32, for acting: Acting) -> Bool {
        guard let bytes = state.object(BankingKey.approval(acting.id, call)) else { return false }
        let approval = believed { try CallApproval(decoding: bytes) }
        return approval.checker == acting.bank.checker && approval.expiry >= state.block.now
    }

    /// Whether a call is approved; the approval is used up, also where the call would not have needed it.
    func takeApproval(of call: Hash32, for acting: Acting) -> Bool {
        let isApproved = isApproved(call, for: acting)
        let key = BankingKey.approval(acting.id, call)
        if state.object(key) != nil { state.setObject(key, nil) }
        return isApproved
    }
}
