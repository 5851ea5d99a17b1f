/// What Ethereum tools know.
extension MethodDescription {
    static let chain: [MethodDescription] = [
        MethodDescription("web3_clientVersion", "The program and its version.", gives: .text),
        MethodDescription(
            "web3_sha3", "The Keccak-256 of bytes.", [.need("data", .data)], gives: .hash),
        MethodDescription("net_version", "The chain id in decimal.", gives: .text),
        MethodDescription("net_listening", "Always true.", gives: .flag),
        MethodDescription("net_peerCount", "How many other nodes are connected.", gives: .quantity),
        MethodDescription("eth_chainId", "The chain id.", gives: .quantity),
        MethodDescription(
            "eth_blockNumber", "The height of the last executed block.", gives: .quantity),
        MethodDescription(
            "eth_syncing",
            "Always false: a node answers from what it has executed; dip_consortium tells its lag.",
            gives: .flag),
        MethodDescription("eth_accounts", "None: the node holds no keys.", gives: .list),
        MethodDescription("eth_mining", "Always false.", gives: .flag),
        MethodDescription("eth_hashrate", "Always 0.", gives: .quantity),
        MethodDescription(
            "eth_coinbase", "The account of the node that cut the last block.", gives: .address),
        MethodDescription(
            "eth_gasPrice", "The price of gas, set by governance, in units of 10^-18 DIP.",
            gives: .quantity),
        MethodDescription(
            "eth_maxPriorityFeePerGas", "Always 0: there is no auction.", gives: .quantity),
        MethodDescription("eth_blobBaseFee", "Always 0: there are no blobs.", gives: .quantity),
        MethodDescription(
            "eth_feeHistory", "Prices and how full blocks were.",
            [
                .need("blockCount", .number), .may("newestBlock", .block),
                .may("rewardPercentiles", .list),
            ],
            gives: .object),
        MethodDescription(
            "eth_sendTransaction", "Refused: the node holds no keys.", gives: .object),
        MethodDescription("eth_sign", "Refused: the node holds no keys.", gives: .object),
        MethodDescription(
            "eth_signTransaction", "Refused: the node holds no keys.", gives: .object),
        MethodDescription(
            "eth_getProof", "Refused: the state is no Patricia trie; see dip_proof.", gives: .object
        ),
    ]

    static let blocks: [MethodDescription] = [
        MethodDescription(
            "eth_getBlockByNumber", "A block by height or tag.",
            [.need("block", .block), .may("full", .flag)], gives: .blockObject),
        MethodDescription(
            "eth_getBlockByHash", "A block by hash.",
            [.need("hash", .hash), .may("full", .flag)], gives: .blockObject),
        MethodDescription(
            "eth_getBlockReceipts",
            "All receipts of a block, its own last if it did something itself.",
            [.need("block", .block)], gives: .receipts),
        MethodDescription(
            "eth_getBlockTransactionCountByNumber", "How many transactions a block has.",
            [.need("block", .block)], gives: .quantity),
        MethodDescription(
            "eth_getBlockTransactionCountByHash", "How many transactions a block has.",
            [.need("hash", .hash)], gives: .quantity),
        MethodDescription(
            "eth_getUncleCountByBlockNumber", "0 for every block that there is.",
            [.need("block", .block)], gives: .quantity),
        MethodDescription(
            "eth_getUncleCountByBlockHash", "0 for every block that there is.",
            [.need("hash", .hash)], gives: .quantity),
        MethodDescription(
            "eth_getUncleByBlockNumberAndIndex", "Always null.",
            [.need("block", .block), .need("index", .number)], gives: .object),
        MethodDescription(
            "eth_getUncleByBlockHashAndIndex", "Always null.",
            [.need("hash", .hash), .need("index", .number)], gives: .object),
    ]

    static let transactions: [MethodDescription] = [
        MethodDescription(
            "eth_sendRawTransaction", "Hands in a signed transaction; gives its hash.",
            [.need("transaction", .data)], gives: .hash),
        MethodDescription(
            "eth_sendRawTransactionSync",
            "Hands in a signed transaction and waits for its receipt (EIP-7966).",
            [.need("transaction", .data), .may("timeout", .number)], gives: .receipt),
        MethodDescription(
            "eth_getTransactionByHash", "A transaction, waiting or executed.",
            [.need("hash", .hash)], gives: .transaction),
        MethodDescription(
            "eth_getTransactionByBlockNumberAndIndex", "A transaction by its place in a block.",
            [.need("block", .block), .need("index", .number)], gives: .transaction),
        MethodDescription(
            "eth_getTransactionByBlockHashAndIndex", "A transaction by its place in a block.",
            [.need("hash", .hash), .need("index", .number)], gives: .transaction),
        MethodDescription(
            "eth_getTransactionReceipt", "What a transaction did.",
            [.need("hash", .hash)], gives: .receipt),
    ]

    static let state: [MethodDescription] = [
        MethodDescription(
            "eth_getBalance", "An account's DIP at any block.",
            [.need("address", .address), .may("block", .block)], gives: .quantity),
        MethodDescription(
            "eth_getTransactionCount",
            "An account's next nonce at any block; with pending after its waiting transactions.",
            [.need("address", .address), .may("block", .block)], gives: .quantity),
        MethodDescription(
            "eth_getCode", "0xfe for contracts of the ledger and tokens, else nothing.",
            [.need("address", .address), .may("block", .block)], gives: .data),
        MethodDescription(
            "eth_getStorageAt", "Always 0: contracts of the ledger have no slots.",
            [.need("address", .address), .may("slot", .number), .may("block", .block)], gives: .hash
        ),
        MethodDescription(
            "eth_call", "What a call would return.",
            [.need("call", .call), .may("block", .block)], gives: .data),
        MethodDescription(
            "eth_estimateGas", "The gas limit that a call needs.",
            [.need("call", .call), .may("block", .block)], gives: .quantity),
    ]

    static let logs: [MethodDescription] = [
        MethodDescription(
            "eth_getLogs", "Logs of a range of blocks.", [.need("filter", .logFilter)], gives: .logs
        ),
        MethodDescription(
            "eth_newFilter", "Watches for logs.", [.need("filter", .logFilter)], gives: .text),
        MethodDescription("eth_newBlockFilter", "Watches for blocks.", gives: .text),
        MethodDescription(
            "eth_newPendingTransactionFilter", "Refused: transactions do not stay in the pool.",
            gives: .text),
        MethodDescription(
            "eth_getFilterChanges", "What is new since the last time.", [.need("id", .text)],
            gives: .list),
        MethodDescription(
            "eth_getFilterLogs", "All logs that a filter describes.", [.need("id", .text)],
            gives: .logs),
        MethodDescription(
            "eth_uninstallFilter", "Ends a filter.", [.need("id", .text)], gives: .flag),
        MethodDescription(
            "eth_subscribe", "On a WebSocket: newHeads, or logs with a filter.",
            [.need("kind", .text), .may("filter", .logFilter)], gives: .text),
        MethodDescription(
            "eth_unsubscribe", "Ends a subscription.", [.need("id", .text)], gives: .flag),
    ]
}
