import JSON

/// What a method takes and gives, for the OpenRPC document.
public struct MethodDescription: Sendable {
    /// A parameter.
    struct Parameter: Sendable {
        let name: String
        let schema: JSON
        let isRequired: Bool
    }

    /// The method's name.
    public let name: String
    /// One sentence for a person.
    public let summary: String
    let parameters: [Parameter]
    let result: (name: String, schema: JSON)

    init(
        _ name: String, _ summary: String, _ parameters: [Parameter] = [],
        gives result: Schema, as resultName: String = "result"
    ) {
        self.name = name
        self.summary = summary
        self.parameters = parameters
        self.result = (resultName, result.json)
    }

    /// The entry in the OpenRPC document.
    var json: JSON {
        [
            "name": .string(name), "summary": .string(summary), "paramStructure": "either",
            "params": .array(
                parameters.map { parameter in
                    [
                        "name": .string(parameter.name),
                        "required": .bool(parameter.isRequired), "schema": parameter.schema,
                    ]
                }),
            "result": ["name": .string(result.name), "schema": result.schema],
        ]
    }
}

extension MethodDescription.Parameter {
    /// A parameter that must be there.
    static func need(_ name: String, _ schema: Schema) -> Self {
        Self(name: name, schema: schema.json, isRequired: true)
    }

    /// A parameter that may be absent.
    static func may(_ name: String, _ schema: Schema) -> Self {
        Self(name: name, schema: schema.json, isRequired: false)
    }
}

/// Kinds of values; the raw value names the entry in the document's `components`.
enum Schema: String, CaseIterable {
    case address = "Address"
    case hash = "Hash"
    case data = "Data"
    case quantity = "Quantity"
    case number = "Number"
    case amount = "Amount"
    case block = "BlockName"
    case flag = "Flag"
    case text = "Text"
    case call = "Call"
    case calls = "Calls"
    case logFilter = "LogFilter"
    case eventFilter = "EventFilter"
    case object = "Object"
    case list = "List"
    case blockObject = "Block"
    case transaction = "Transaction"
    case receipt = "Receipt"
    case receipts = "Receipts"
    case logs = "Logs"
    case raws = "RawTransactions"

    /// A reference to the entry.
    var json: JSON { ["$ref": .string("#/components/schemas/\(rawValue)")] }

    /// The entry itself.
    var definition: JSON {
        switch self {
        case .address: Self.pattern("20 bytes in hexadecimal", "^0x[0-9a-fA-F]{40}$")
        case .hash: Self.pattern("32 bytes in hexadecimal", "^0x[0-9a-fA-F]{64}$")
        case .data: Self.pattern("bytes in hexadecimal", "^0x([0-9a-fA-F]{2})*$")
        case .quantity:
            Self.pattern(
                "a number in hexadecimal without leading zeros", "^0x(0|[1-9a-f][0-9a-f]*)$")
        case .number:
            ["description": "a whole number, or a quantity", "type": ["integer", "string"]]
        case .amount:
            Self.pattern("an amount in the token's smallest unit, decimal", "^-?[0-9]+$")
        case .block:
            [
                "description":
                    "a height, a hash, or one of latest, safe, finalized, pending, earliest",
                "type": ["string", "integer", "object"],
            ]
        case .flag: ["type": "boolean"]
        case .text: ["type": "string"]
        case .call:
            Self.members(
                ("from", .address), ("to", .address), ("gas", .quantity), ("value", .quantity),
                ("data", .data), ("input", .data), ("gasPrice", .quantity),
                ("maxFeePerGas", .quantity))
        case .calls:
            [
                "oneOf": [
                    Schema.call.json,
                    ["type": "array", "items": Schema.call.json, "maxItems": 100],
                ]
            ]
        case .logFilter:
            Self.members(
                ("fromBlock", .block), ("toBlock", .block), ("blockHash", .hash),
                ("address", .object), ("topics", .list))
        case .eventFilter:
            Self.members(
                ("contracts", .list), ("events", .list), ("accounts", .list), ("orders", .list))
        case .object: ["description": "see docs/rpc.md"]
        case .list: ["type": "array"]
        case .blockObject:
            Self.members(
                ("number", .quantity), ("hash", .hash), ("parentHash", .hash),
                ("timestamp", .quantity), ("timestampMillis", .quantity), ("miner", .address),
                ("gasLimit", .quantity), ("gasUsed", .quantity), ("baseFeePerGas", .quantity),
                ("stateRoot", .hash), ("transactionsRoot", .hash), ("receiptsRoot", .hash),
                ("logsBloom", .data), ("transactions", .list))
        case .transaction:
            Self.members(
                ("hash", .hash), ("blockHash", .hash), ("blockNumber", .quantity),
                ("transactionIndex", .quantity), ("type", .quantity), ("nonce", .quantity),
                ("from", .address), ("to", .address), ("value", .quantity), ("gas", .quantity),
                ("gasPrice", .quantity), ("input", .data))
        case .receipt:
            Self.members(
                ("transactionHash", .hash), ("transactionIndex", .quantity), ("blockHash", .hash),
                ("blockNumber", .quantity), ("status", .quantity), ("from", .address),
                ("to", .address), ("gasUsed", .quantity), ("cumulativeGasUsed", .quantity),
                ("effectiveGasPrice", .quantity), ("feePayer", .address), ("revertReason", .data),
                ("logs", .logs), ("logsBloom", .data))
        case .receipts: ["type": "array", "items": Schema.receipt.json]
        case .logs: ["type": "array", "items": ["type": "object"]]
        case .raws: ["type": "array", "items": Schema.data.json, "maxItems": 10_000]
        }
    }

    private static func pattern(_ description: String, _ pattern: String) -> JSON {
        ["description": .string(description), "type": "string", "pattern": .string(pattern)]
    }

    private static func members(_ members: (String, Schema)...) -> JSON {
        [
            "type": "object",
            "properties": .object(members.map { JSON.Member($0.0, $0.1.json) }),
        ]
    }
}
