import Ledger

/// The contract at 0x…d107.
extension Governance {
    /// Carries out a call.
    /// - Returns: what it returns, ABI-encoded.
    func call(_ call: Call) throws(Rejection) -> [UInt8] {
        guard let selector = call.selector else { throw .unknownSelector(0) }
        guard let function = IGovernance.Function(rawValue: selector) else {
            throw .unknownSelector(selector)
        }
        var reader = ABIReader(call.arguments)
        try state.gas.charge(Gas.call)
        switch function {
        case .propose: return try propose(call, &reader)
        case .vote:
            let id: UInt64 = try reader.uint()
            let yes = try reader.bool()
            try reader.finish()
            try state.gas.charge(Gas.newRecord)
            try vote(id, yes: yes, by: call.sender)
            return []
        case .parameter:
            let name = try reader.string()
            try reader.finish()
            guard let value = parameter(name) else {
                throw .badCalldata("there is no such parameter")
            }
            return Hash32(word: value).bytes
        case .banks:
            try reader.finish()
            return Self.list(bankSet.banks.map(\.operator))
        case .reviewers:
            try reader.finish()
            return Self.list(reviewers)
        case .count:
            try reader.finish()
            return Hash32(word: UInt128(count)).bytes
        case .proposal, .outcome:
            let id: UInt64 = try reader.uint()
            try reader.finish()
            let proposal = try proposal(id)
            return function == .proposal ? view(of: proposal) : outcome(of: proposal)
        }
    }

    private func propose(
        _ call: Call, _ reader: inout ABIReader
    ) throws(Rejection) -> [UInt8] {
        let kind: IGovernance.Kind = try reader.read()
        let data = try reader.bytes()
        let expiry: UInt64 = try reader.uint()
        try reader.finish()
        // The record keeps the data, which the transaction has paid to send but not to store.
        try state.gas.charge(2 * Gas.newRecord + UInt64(data.count) * Gas.dataByte)
        let id = try propose(kind, data: data, expiry: expiry, by: call.sender)
        return Hash32(word: UInt128(id)).bytes
    }

    private static func list(_ accounts: [Address]) -> [UInt8] {
        var writer = ABIWriter(words: 1)
        writer.write(array: accounts)
        return writer.finish()
    }

    /// A proposal, with the banks that voted by the operators that they have now.
    ///
    /// A vote is a bank's, and the key with which it was given may be another bank's by now. One that left is known
    /// by that key once it is decided; before, its vote counts no more, and the key may be that of a bank that has not
    /// voted.
    private func view(of proposal: StoredProposal) -> [UInt8] {
        let isOpen = proposal.state == .open
        func voters(_ yes: Bool) -> [Address] {
            proposal.votes.filter { $0.yes == yes }.compactMap {
                bankSet[id: $0.bank]?.operator ?? (isOpen ? nil : $0.account)
            }
        }
        var writer = ABIWriter(words: 6)
        writer.write(proposal.kind)
        writer.write(bytes: proposal.data)
        writer.write(array: voters(true))
        writer.write(array: voters(false))
        writer.write(proposal.expiry)
        if case .enacted = proposal.state { writer.write(true) } else { writer.write(false) }
        return writer.finish()
    }

    private func outcome(of proposal: StoredProposal) -> [UInt8] {
        let (stage, height): (IGovernance.Stage, UInt64) =
            switch proposal.state {
            case .open: (proposal.expiry < state.block.now ? .expired : .open, 0)
            case .decided(let height): (.decided, height)
            case .enacted(let height): (.enacted, height)
            case .failed(let height): (.failed, height)
            }
        var writer = ABIWriter(words: 2)
        writer.write(stage)
        writer.write(height)
        return writer.finish()
    }
}
