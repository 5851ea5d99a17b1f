import Execution
import Gateway
import JSON
import Ledger
import Peers

/// What the ledger is, what gas costs, and what the node does not have.
extension RPCMethods {
    mutating func addChain(_ context: RPCContext) {
        let node = context.node
        let chainID = node.genesis.chainID
        value("web3_clientVersion") { _ in .string(RPCContext.clientVersion) }
        value("web3_sha3") { (request) throws(RPCError) in
            .data(Keccak256.hash(try request.params().data(0, "data")).bytes)
        }
        value("net_version") { _ in .string(String(chainID)) }
        value("net_listening") { _ in true }
        offloaded("net_peerCount") { _, writer in
            writer.quantity(node.groupStatus.members.count { $0.connection?.isConnected == true })
        }
        value("eth_chainId") { _ in .quantity(chainID) }
        value("eth_blockNumber") { _ in .quantity(node.head.header.height) }
        // It answers from what it has executed, also while others are further; `dip_consortium` tells how far.
        value("eth_syncing") { _ in false }
        value("eth_accounts") { _ in [] }
        value("eth_mining") { _ in false }
        value("eth_hashrate") { _ in .quantity(0) }
        value("eth_coinbase") { _ in .string(node.head.header.leader.hex) }
        value("eth_gasPrice") { _ in .quantity(node.rules.gasPrice) }
        value("eth_maxPriorityFeePerGas") { _ in .quantity(0) }
        value("eth_blobBaseFee") { _ in .quantity(0) }
        offloaded("eth_feeHistory") { (request, writer) throws(RPCError) in
            try context.writeFeeHistory(try request.params(), to: &writer)
        }
        addRefusals()
    }

    /// What wallets may try and this ledger does not have, with what to do instead.
    private mutating func addRefusals() {
        for name in ["eth_sendTransaction", "eth_sign", "eth_signTransaction"] {
            value(name, scope: .send) { (_) throws(RPCError) in
                throw .methodNotFound(
                    "the node holds no keys: sign in the wallet and use eth_sendRawTransaction")
            }
        }
        value("eth_getProof") { (_) throws(RPCError) in
            throw .methodNotFound(
                "this ledger's state is no Patricia trie: use dip_proof for transactions")
        }
    }
}

extension RPCContext {
    /// Program and version, as `web3_clientVersion` says it.
    static let clientVersion = "dipnet/0.1.0"

    /// How many blocks `eth_feeHistory` answers for at most.
    private static let feeHistoryLimit: UInt64 = 1024

    /// How many percentiles are asked for, nil for none.
    private func percentiles(_ params: RPCParams) throws(RPCError) -> Int? {
        guard let json = params.find(2, "rewardPercentiles") else { return nil }
        guard let list = json.array else {
            throw .invalidParams("rewardPercentiles: expected an array of numbers")
        }
        guard list.count <= 100 else {
            throw .invalidParams("at most 100 percentiles are answered")
        }
        var last = 0.0
        for element in list {
            guard case .number(let text) = element, let value = Double(text), value >= last,
                value <= 100
            else {
                throw .invalidParams(
                    "rewardPercentiles: expected rising numbers from 0 to 100")
            }
            last = value
        }
        return list.count
    }

    /// The heights of so many blocks up to `newest`, of those that are kept and as far as one answer goes.
    ///
    /// - Returns: nil where `newest` is kept no more: blocks may be forgotten after it was found.
    static func feeHistoryHeights(
        _ wanted: UInt64, upTo newest: UInt64, keptFrom oldest: UInt64
    ) -> Range<UInt64>? {
        guard newest >= oldest else { return nil }
        let count = min(wanted, feeHistoryLimit, newest - oldest + 1)
        return (newest + 1 - count)..<(newest + 1)
    }

    fileprivate func writeFeeHistory(
        _ params: RPCParams, to writer: inout JSONWriter
    ) throws(RPCError) {
        let wanted = try params.quantity64(0, "blockCount")
        let newest = try existing(try params.block(1, "newestBlock")).header.height
        let percentiles = try percentiles(params)
        guard
            let heights = Self.feeHistoryHeights(wanted, upTo: newest, keptFrom: node.oldestHeight)
        else { throw unknown(.height(newest)) }
        let next = try block(.height(newest + 1))?.header.gasPrice ?? node.rules.gasPrice
        var headers: [Header] = []
        for height in heights { headers.append(try existing(.height(height)).header) }
        writer.object { writer in
            writer.member("oldestBlock", quantity: heights.lowerBound)
            writer.key("baseFeePerGas")
            writer.array(of: headers.map(\.gasPrice) + [next]) { $0.quantity($1) }
            writer.key("gasUsedRatio")
            writer.array(of: headers) {
                $0.number(Double($1.gasUsed) / Double(max($1.gasLimit, 1)))
            }
            if let percentiles {
                writer.key("reward")
                writer.array(of: headers) { writer, _ in
                    writer.array(of: 0..<percentiles) { writer, _ in writer.quantity(0 as UInt64) }
                }
            }
        }
    }
}
