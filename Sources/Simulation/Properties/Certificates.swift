import Execution
import Ledger

/// Two headers of one height are never both certified, and what is told as certified is.
struct Certificates {
    /// The banks that sign each height.
    var sets: [BankSet]
    /// Who signed which header at each height.
    private var signers: [UInt64: [(header: Hash32, node: Int)]] = [:]
    private(set) var certified: [UInt64: Hash32] = [:]

    init(genesis: Genesis) { sets = [genesis.bankSet] }

    /// A node signed a header, honestly or not.
    mutating func signed(_ height: UInt64, _ header: Hash32, by node: SimulatedNode) {
        let known = signers[height, default: []]
        guard !known.contains(where: { $0.header == header && $0.node == node.position }) else {
            return
        }
        signers[height, default: []].append((header, node.position))
    }

    /// A node has a certificate.
    mutating func certified(_ certificate: Certificate, by node: SimulatedNode) throws {
        let other = certified.updateValue(certificate.header, forKey: certificate.height)
        guard let other, other != certificate.header else { return }
        throw Finding(
            .oneCertificate,
            "block \(certificate.height) is certified as \(other) and, at node \(node.id), as "
                + "\(certificate.header)")
    }

    /// A node told a client that a transaction's block is certified.
    func told(_ receipt: Receipt, by node: SimulatedNode) throws {
        // A certificate stands for every block below its own.
        for (height, votes) in signers.sorted(by: { $0.key < $1.key })
        where height >= receipt.height && height < sets.count {
            let set = sets[Int(height)]
            let entitled = votes.filter { set[id: UInt64($0.node) + 1] != nil }
            for vote in entitled
            where entitled.count(where: { $0.header == vote.header }) >= Int(set.quorum) {
                return
            }
        }
        throw Finding(
            .certifiedStays,
            "node \(node.id) told as certified what is in block \(receipt.height), which too few signed"
        )
    }
}
