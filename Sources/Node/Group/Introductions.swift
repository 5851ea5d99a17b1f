import Consensus
import Ledger
import Peers

/// Banks that somebody named to this node before its own ledger does.
///
/// A new node begins at genesis and must find banks that joined, moved or changed their keys later. What its
/// ledger says from then on counts more: keys are taken back and banks are removed there.
public struct Introductions: Sendable {
    /// The banks.
    public var peers: [PeerAddress]
    /// The height of the ledger at which the banks were these.
    public var height: UInt64

    /// Names banks.
    public init(_ peers: [PeerAddress] = [], at height: UInt64 = 0) {
        self.peers = peers
        self.height = height
    }

    /// Whether a bank has this key as of a later block than the last one that is executed here.
    func names(_ bank: UInt64, with key: Address, above here: UInt64) -> Bool {
        here < height && peers.contains { $0.id.rawValue == bank && $0.nodeKey == key }
    }

    /// Adds what the ledger does not know yet to the addresses that it names.
    ///
    /// - Parameters:
    ///   - addresses: of the banks in `set`.
    ///   - set: the banks as of `here`.
    ///   - here: the height of the last block that this node executed.
    func complete(
        _ addresses: inout [NodeID: PeerAddress], _ set: BankSet, at here: UInt64
    ) {
        for peer in peers {
            if here < height || peer.id.rawValue >= set.nextID {
                addresses[peer.id] = peer
            } else if let known = addresses[peer.id], known.nodeKey == peer.nodeKey {
                // Elsewhere than the ledger says, behind a proxy for instance.
                addresses[peer.id] = peer
            }
        }
    }
}
