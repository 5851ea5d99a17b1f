extension BankSet {
    /// The set with one bank more, which gets ``nextID``.
    public func admitting(
        name: String, nodeKey: Address, operator account: Address, endpoint: String
    ) throws(BankSetFault) -> BankSet {
        guard nextID < .max else { throw .idsUsedUp }
        let bank = Bank(
            id: nextID, name: name, nodeKey: nodeKey, operator: account, endpoint: endpoint)
        return try with(banks + [bank], nextID: nextID + 1)
    }

    /// The set without the bank of that operator.
    public func removing(operator account: Address) throws(BankSetFault) -> BankSet {
        guard bank(operatedBy: account) != nil else { throw .unknownBank(account) }
        return try with(banks.filter { $0.operator != account }, nextID: nextID)
    }

    /// The set in which the bank of that operator has another node key, another operator, or both.
    ///
    /// - Parameters:
    ///   - account: the operator as it is now.
    ///   - nodeKey: the new node key's account; nil leaves it.
    ///   - newOperator: the new operator; nil leaves it.
    /// - Returns: the changed set.
    /// - Throws: ``BankSetFault`` if there is no such bank, or another holds the key.
    public func rotating(
        operator account: Address, nodeKey: Address? = nil, to newOperator: Address? = nil
    ) throws(BankSetFault) -> BankSet {
        guard let old = bank(operatedBy: account) else { throw .unknownBank(account) }
        let bank = Bank(
            id: old.id, name: old.name, nodeKey: nodeKey ?? old.nodeKey,
            operator: newOperator ?? old.operator, endpoint: old.endpoint)
        return try BankSet(
            ledger: ledger, banks: banks.map { $0.id == old.id ? bank : $0 }, quorum: quorum,
            nextID: nextID)
    }

    /// The set with another quorum.
    public func requiring(quorum: UInt16) throws(BankSetFault) -> BankSet {
        try BankSet(ledger: ledger, banks: banks, quorum: quorum, nextID: nextID)
    }

    /// A quorum that was the default of the old size becomes that of the new one; a chosen one stays as
    /// far as the new size allows.
    private func with(_ changed: [Bank], nextID: UInt64) throws(BankSetFault) -> BankSet {
        var next: UInt16?
        if quorum != Self.defaultQuorum(of: banks.count) {
            let least = UInt16(clamping: Self.leastQuorum(of: changed.count))
            next = min(max(quorum, least), UInt16(clamping: changed.count))
        }
        return try BankSet(ledger: ledger, banks: changed, quorum: next, nextID: nextID)
    }
}
