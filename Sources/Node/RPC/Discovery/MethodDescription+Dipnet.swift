/// What only this ledger has.
extension MethodDescription {
    static let ledger: [MethodDescription] = [
        MethodDescription(
            "dip_sendTransactions", "Hands in signed transactions; a hash or an error for each.",
            [.need("transactions", .raws)], gives: .list),
        MethodDescription(
            "dip_waitForReceipt",
            "Waits until a transaction is executed or certified; null when the time is over.",
            [.need("hash", .hash), .may("mode", .text), .may("timeout", .number)], gives: .receipt),
        MethodDescription(
            "dip_simulate",
            "What calls would do: payments, events, gas, or the refusal with its cure.",
            [.need("call", .calls)], gives: .object),
        MethodDescription(
            "dip_order", "An order with its lines, gates and claims.", [.need("id", .number)],
            gives: .object),
        MethodDescription(
            "dip_tree", "An order and the chain of orders below it.",
            [.need("id", .number), .may("limit", .number)], gives: .object),
        MethodDescription(
            "dip_ordersOf", "Orders in which an account has a part.",
            [.need("account", .address), .may("from", .number), .may("limit", .number)],
            gives: .object),
        MethodDescription(
            "dip_claimsOf", "Claims that an account holds.",
            [.need("account", .address), .may("from", .number), .may("limit", .number)],
            gives: .object),
        MethodDescription(
            "dip_templates", "Templates in the order of publication, and where they stand.",
            [.may("from", .number), .may("limit", .number), .may("filter", .object)],
            gives: .object),
        MethodDescription(
            "dip_template", "A template with its text.", [.need("id", .hash)], gives: .object),
        MethodDescription(
            "dip_banks", "Banks, their deposit tokens, and what is behind them.", gives: .list),
        MethodDescription(
            "dip_redemption", "A redemption.", [.need("id", .number)], gives: .object),
        MethodDescription(
            "dip_redemptions", "Redemptions in the order of their ids.",
            [.may("filter", .object), .may("from", .number), .may("limit", .number)],
            gives: .object),
        MethodDescription(
            "dip_tokens", "Tokens in the order of issue, DIP first.",
            [.may("from", .number), .may("limit", .number)], gives: .object),
        MethodDescription("dip_token", "A token.", [.need("address", .address)], gives: .object),
        MethodDescription(
            "dip_balances", "What an account has of every token.",
            [.need("account", .address), .may("from", .number), .may("limit", .number)],
            gives: .object),
        MethodDescription(
            "dip_balanceAt", "What an account had of a token after a block.",
            [
                .need("account", .address), .need("token", .address), .may("block", .block),
                .may("from", .number),
            ], gives: .amount),
        MethodDescription(
            "dip_statement", "An account's movements, newest first.",
            [
                .need("account", .address), .may("from", .block), .may("to", .block),
                .may("page", .object),
            ],
            gives: .object),
        MethodDescription(
            "dip_events", "Events from a place on, without gap or repetition.",
            [.may("cursor", .text), .may("filter", .eventFilter), .may("limit", .number)],
            gives: .object),
        MethodDescription(
            "dip_subscribe", "On a WebSocket: events from a place on, as fast as the client reads.",
            [.need("kind", .text), .may("options", .object)], gives: .text),
        MethodDescription(
            "dip_unsubscribe", "Ends a subscription.", [.need("id", .text)], gives: .flag),
        MethodDescription(
            "dip_proof",
            "Proves a transaction and what it did to whoever has the genesis file.",
            [.need("hash", .hash)], gives: .object),
        MethodDescription(
            "dip_balanceProof",
            "Proves what an account had in the newest certified state.",
            [.need("account", .address), .may("token", .address)], gives: .object),
        MethodDescription(
            "dip_consortium", "Who runs the ledger, by which rules, and how this node is.",
            gives: .object),
        MethodDescription(
            "dip_economy",
            "How much DIP there is, fees and royalties so far, the treasury, and who signed.",
            gives: .object),
        MethodDescription(
            "dip_abi", "The ABI of a contract, by name or address; without one, which there are.",
            [.may("contract", .text)], gives: .list),
        MethodDescription("dip_errors", "Every refusal with cause and cure.", gives: .object),
        MethodDescription(
            "dip_advanceTime",
            "Moves the clock of a development chain started with --clock manual.",
            [.need("seconds", .number)], gives: .object),
        MethodDescription("rpc.discover", "This document.", gives: .object),
    ]
}
