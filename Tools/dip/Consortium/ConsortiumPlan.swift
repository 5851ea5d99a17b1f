import Execution
import Foundation
import Ledger
import Node
import Peers

/// A consortium that is to be founded: the ledger's terms, and what is known of each bank.
struct ConsortiumPlan {
    /// A bank as it is described; what it does not bring along is made for it.
    struct Bank {
        var name: String
        /// The host at which the others reach its node.
        var host: String
        /// The port at which they do.
        var peerPort: Int
        /// The port of JSON-RPC, on the node's machine only.
        var rpcPort: Int
        /// The account of a node key that the bank keeps.
        var nodeAccount: Address?
        /// The account of an operator key that the bank keeps.
        var operatorAccount: Address?
        /// PEM file with the certificate of the bank's own authority.
        var authority: String?
        /// PEM file with the node's own certificate chain.
        var certificate: String?
        /// PEM file with that certificate's key.
        var certificateKey: String?

        /// The place in the genesis, `host:port`.
        var endpoint: String { ListenAddress(host: host, port: peerPort).description }

        /// Where the node listens: on this machine alone if the others are on it, else everywhere, for a
        /// machine need not have the address by which others know it.
        var listen: ListenAddress {
            if host == "localhost" || host == "::1" || host.hasPrefix("127.") {
                return ListenAddress(host: host, port: peerPort)
            }
            return ListenAddress(host: host.contains(":") ? "::" : "0.0.0.0", port: peerPort)
        }

        /// Whether the consortium's authority issues the node's certificate: that of a bank with an authority
        /// of its own is the bank's affair.
        var needsCertificate: Bool { authority == nil && certificate == nil }
    }

    var chainID: UInt64
    var banks: [Bank]
    /// DIP at the start; shared out among the operators where nil.
    var allocations: [Genesis.Allocation]?
    var rules = Rules()
    /// Signatures that make a certificate; the usual number where nil.
    var certificateQuorum: UInt16?
    var checkpointInterval = Genesis.checkpointIntervalDefault

    /// The whole DIP that operators share where nothing else is said.
    static let supply: UInt128 = 1_000_000_000
    private static let oneDIP: UInt128 = 1_000_000_000_000_000_000

    /// The first bank's port for peers unless said.
    static let basePort = 7545
    /// How far the port of JSON-RPC is above that for peers.
    static let rpcDistance = 1000

    /// The port of JSON-RPC of a node: the one that is said, else that above the one for peers.
    ///
    /// - Returns: nil where a node cannot listen there, or already does for peers.
    static func rpcPort(_ said: Int?, peerPort: Int) -> Int? {
        let port = said ?? peerPort + rpcDistance
        return (1...65_535).contains(port) && port != peerPort ? port : nil
    }

    /// Banks that are told by name only.
    ///
    /// - Parameters:
    ///   - names: one a bank.
    ///   - hosts: one for all, or one a bank.
    ///   - basePort: the first bank's port for peers on each host; the host's next banks follow.
    ///   - chainID: the ledger's.
    /// - Throws: ``Failure/usage(_:)`` if there are neither one host nor as many as names.
    init(names: [String], hosts: [String], basePort: Int, chainID: UInt64) throws {
        guard hosts.count == 1 || hosts.count == names.count else {
            throw Failure.usage(
                "--host: give one for all banks, or one for each of the \(names.count)")
        }
        self.chainID = chainID
        banks = []
        for (index, name) in names.enumerated() {
            let host = hosts.count == 1 ? hosts[0] : hosts[index]
            let port = basePort + banks.count { $0.host == host }
            banks.append(
                Bank(
                    name: name, host: host, peerPort: port, rpcPort: port + Self.rpcDistance))
        }
    }

    /// Banks that are described.
    init(chainID: UInt64, banks: [Bank]) {
        self.chainID = chainID
        self.banks = banks
    }

    /// The genesis, checked as at a node's start.
    ///
    /// - Parameters:
    ///   - accounts: of each bank, node's and operator's.
    ///   - timeMillis: the time of block 0.
    /// - Returns: the genesis and its file.
    /// - Throws: ``Failure`` with what is wrong with it.
    func genesis(
        _ accounts: [(node: Address, operator: Address)], timeMillis: UInt64
    ) throws -> (genesis: Genesis, text: String) {
        if let fault = PublicChain.fault(chainID) { throw Failure.usage(fault) }
        let genesis = Genesis(
            chainID: chainID, timeMillis: timeMillis,
            allocations: allocations ?? Self.shares(of: accounts.map(\.operator), chainID: chainID),
            rules: rules,
            validators: zip(banks, accounts).map { bank, accounts in
                Genesis.Validator(
                    name: bank.name, address: accounts.node, operator: accounts.operator,
                    endpoint: bank.endpoint)
            },
            certificateQuorum: certificateQuorum ?? UInt16(BankSet.defaultQuorum(of: banks.count)),
            checkpointInterval: checkpointInterval)
        let text = GenesisDocument.text(genesis)
        do {
            _ = try GenesisDocument.parse(Array(text.utf8))
        } catch {
            throw Failure.usage("\(error)")
        }
        return (genesis, text)
    }

    /// Equal shares for all; on a development ledger the published accounts have some, too.
    private static func shares(of operators: [Address], chainID: UInt64) -> [Genesis.Allocation] {
        let share = supply / UInt128(max(1, operators.count)) * oneDIP
        var all = operators.map { Genesis.Allocation(account: $0, amount: Amount(share)) }
        if chainID == Genesis.developmentChainID {
            all += DevelopmentKeys.genesis(timeMillis: 0).allocations.filter { published in
                !operators.contains(published.account)
            }
        }
        return all
    }
}
