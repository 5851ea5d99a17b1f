import Consensus
import Execution
import Ledger
import Replica
import Storage

// Votes and certificates.
extension Process {
    /// Signs an executed block, or takes the certificate that it came with.
    func sign(
        _ block: StoredBlock, set: BankSet, _ certificate: Certificate?, isSampled: Bool = false
    ) throws {
        let height = block.header.height
        let votes = try block.body.isEmpty ? [] : Body(decoding: Array(block.body)).votes
        let set = world.sabotage == .certifyAlone ? set.only(node.id.rawValue) : set
        try perform(
            certifier.executed(
                height: height, header: block.hash, set: set, certificate: certificate,
                isSampled: isSampled, votes: votes))
    }

    /// Does what the certifier wants.
    func perform(_ actions: [Certifier.Action]) throws {
        for action in actions {
            switch action {
            case .send(let vote):
                try world.properties.signed(vote, by: node)
                broadcast(.vote(vote))
                try signAgain(vote)
            case .certified(let certificate):
                world.trace.note("certifies", node.position, certificate.height)
                try world.properties.certified(certificate, by: self)
                certificates[certificate.height] = certificate.bytes
                archiveCertificates()
                try fulfilCertified()
            case .diverged(let height, let own, let certificate):
                if world.sabotage == .serveOnDivergence { break }
                try halt("the banks certified \(certificate.header) at \(height), not \(own)")
            case .evidence(let evidence, let bank):
                world.trace.note("keeps evidence", node.position, bank, evidence.first.height)
                if world.sabotage == .dropEvidence { break }
                node.disk.evidence.append((bank, evidence.first.height, evidence.bytes))
                world.properties.counts.evidence += 1
            case .disagreement(let bank, let vote):
                world.trace.note("disagrees", node.position, bank, vote.height)
            case .forgery(let bank):
                world.trace.note("is handed forged votes", node.position, bank)
            }
        }
    }

    /// A certificate that this node has, encoded.
    func certificate(at height: UInt64) throws -> [UInt8]? {
        if let certificate = certificates[height] { return certificate }
        return try history.certificate(at: height)
    }

    /// The highest height below another of which a certificate is stored; 0 if none is.
    static func certifiedHeight(_ history: HistoryStore, below head: UInt64) throws -> UInt64 {
        var height = head
        while height > 1 {
            height -= 1
            if try history.certificate(at: height) != nil { return height }
        }
        return 0
    }

    // MARK: Clients

    /// Whether a waiter may hear of a block.
    func mayHear(_ waiter: Waiter, of height: UInt64) -> Bool {
        waiter.mode == .executed || height <= certifier.certified
            || world.sabotage == .certifyOnExecution
    }

    /// Answers those who waited for certificates that are there now.
    private func fulfilCertified() throws {
        let ready = uncertified.prefix { $0.height <= certifier.certified }
        uncertified.removeFirst(ready.count)
        for place in ready {
            guard let block = try block(at: place.height) else { continue }
            try fulfil(place.transaction, .found(block, index: place.index))
        }
    }
}

extension BankSet {
    /// A set of one of these banks, as if it were alone.
    fileprivate func only(_ id: UInt64) -> BankSet {
        guard let bank = self[id: id], let alone = try? BankSet(ledger: ledger, banks: [bank])
        else { return self }
        return alone
    }
}
