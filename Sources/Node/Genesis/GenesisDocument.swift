import Execution
import JSON
import Ledger

/// A genesis as people write it: a JSON file.
///
/// - Source: `docs/formats/genesis.md`.
public enum GenesisDocument {
    /// The largest file that is read, in bytes.
    public static let byteLimit = 64 << 20

    /// Reads and validates a genesis.
    ///
    /// - Parameter bytes: the file.
    /// - Returns: the genesis.
    /// - Throws: ``NodeFault/genesis(_:)`` naming the first bad field and what it should be.
    public static func parse(_ bytes: [UInt8]) throws(NodeFault) -> Genesis {
        guard bytes.count <= byteLimit else {
            throw .genesis("the file is larger than \(byteLimit >> 20) MiB")
        }
        let document: JSON
        do {
            document = try JSON(parsing: bytes)
        } catch {
            throw .genesis("the file is no JSON: \(error)")
        }
        var reader = FieldReader(document, at: "")
        let chainID = UInt64(try reader.number("chainId", in: 1...UInt128(UInt64.max >> 2)))
        let timeMillis = UInt64(try reader.number("timeMillis", in: 0...UInt128(1) << 50))
        let allocations = try allocations(try reader.field("allocation"), chainID: chainID)
        let rules = try rules(
            FieldReader(try reader.field("fees"), at: "fees"),
            FieldReader(try reader.field("parameters"), at: "parameters"))
        let validators = try validators(try reader.field("validators"), chainID: chainID)
        let consortium = try consortium(document["parameters"], banks: validators.count)
        try reader.finish()
        let genesis = Genesis(
            chainID: chainID, timeMillis: timeMillis, allocations: allocations, rules: rules,
            validators: validators, certificateQuorum: consortium.quorum,
            checkpointInterval: consortium.checkpointInterval)
        do throws(BankSetFault) {
            _ = try genesis.checkedBankSet()
        } catch {
            throw .genesis("validators: \(error)")
        }
        return genesis
    }

    /// Writes a genesis as ``parse(_:)`` reads it, for people: indented, two spaces a level.
    public static func text(_ genesis: Genesis) -> String {
        let rules = genesis.rules
        func lines(_ items: [String]) -> String {
            items.isEmpty ? "" : "\n    " + items.joined(separator: ",\n    ") + "\n  "
        }
        func quoted(_ text: String) -> String {
            var writer = JSONWriter(capacity: text.utf8.count + 2)
            writer.string(text)
            return writer.text
        }
        let allocation = lines(
            genesis.allocations.map { "\"\($0.account)\": \"\($0.amount)\"" })
        let validators = lines(
            genesis.validators.map {
                """
                { "name": \(quoted($0.name)), "address": "\($0.address)", \
                "operator": "\($0.operator)", "endpoint": \(quoted($0.endpoint)) }
                """
            })
        return """
            {
              "chainId": \(genesis.chainID),
              "timeMillis": \(genesis.timeMillis),
              "allocation": {\(allocation)},
              "fees": {
                "gasPrice": "\(rules.gasPrice)",
                "publicationFee": "\(rules.publicationFee)",
                "reviewFee": "\(rules.reviewFee)"
              },
              "parameters": {
                "blockGasLimit": \(rules.blockGasLimit),
                "blockByteLimit": \(rules.blockByteLimit),
                "stepLimit": \(rules.stepLimit),
                "requiredReviews": \(rules.requiredReviews),
                "royaltyDeveloper": \(rules.royaltyDeveloper),
                "royaltyReviewers": \(rules.royaltyReviewers),
                "epochBlocks": \(rules.epochBlocks),
                "nodeShare": \(rules.nodeShare),
                "redemptionDeadline": \(rules.redemptionDeadline),
                "certificateQuorum": \(genesis.certificateQuorum),
                "checkpointInterval": \(genesis.checkpointInterval)
              },
              "validators": [\(validators)]
            }

            """
    }

    private static func allocations(
        _ value: JSON, chainID: UInt64
    ) throws(NodeFault) -> [Genesis.Allocation] {
        guard let members = value.object else {
            throw .genesis("allocation: expected an object of addresses and amounts")
        }
        var sum = Amount.zero
        var seen: Set<Address> = []
        var allocations: [Genesis.Allocation] = []
        for member in members {
            let path = "allocation.\(member.name)"
            guard let account = Address(hex: member.name) else {
                throw .genesis("\(path): expected an address, 0x and 40 hexadecimal digits")
            }
            guard seen.insert(account).inserted else {
                throw .genesis("\(path): the account is listed twice")
            }
            // The treasury's money is the banks' to spend; that of another contract would be nobody's.
            guard account == .treasury || !account.isNativeContract, account != .zero else {
                throw .genesis("\(path): the address is kept for native contracts")
            }
            try refusePublished(account, at: path, chainID: chainID)
            guard let text = member.value.string, let amount = Amount(decimal: text) else {
                throw .genesis(
                    "\(path): expected decimal digits in a string, units of 10^-18 DIP below 2^128")
            }
            guard let next = sum.adding(amount) else {
                throw .genesis("\(path): the allocations together reach 2^128")
            }
            sum = next
            allocations.append(Genesis.Allocation(account: account, amount: amount))
        }
        return allocations
    }

    private static func refusePublished(
        _ account: Address, at path: String, chainID: UInt64
    ) throws(NodeFault) {
        if chainID != Genesis.developmentChainID, DevelopmentKeys.addresses.contains(account) {
            throw .genesis(
                """
                \(path): the key of this development account is published; it is allowed on \
                chain id \(Genesis.developmentChainID) only
                """)
        }
    }

    private static func rules(
        _ fees: FieldReader, _ parameters: FieldReader
    ) throws(NodeFault) -> Rules {
        var fees = fees
        var parameters = parameters
        var rules = Rules()
        rules.gasPrice = try fees.amount("gasPrice", in: Rules.gasPriceRange)
        rules.publicationFee = try fees.amount("publicationFee", in: Rules.templateFeeRange)
        rules.reviewFee = try fees.amount("reviewFee", in: Rules.templateFeeRange)
        try fees.finish()
        rules.blockGasLimit = UInt64(
            try parameters.number("blockGasLimit", in: Rules.blockGasLimitRange))
        rules.blockByteLimit = UInt32(
            try parameters.number("blockByteLimit", in: Rules.blockByteLimitRange))
        rules.stepLimit = UInt32(try parameters.number("stepLimit", in: Rules.stepLimitRange))
        rules.requiredReviews = UInt8(
            try parameters.number("requiredReviews", in: Rules.requiredReviewsRange))
        rules.royaltyDeveloper = UInt16(
            try parameters.number("royaltyDeveloper", in: Rules.partRange))
        // Both together are at most the whole.
        let rest = 0...UInt128(Rules.whole - rules.royaltyDeveloper)
        rules.royaltyReviewers = UInt16(try parameters.number("royaltyReviewers", in: rest))
        rules.epochBlocks = UInt32(
            try parameters.number("epochBlocks", in: Rules.epochBlocksRange))
        rules.nodeShare = UInt16(try parameters.number("nodeShare", in: Rules.partRange))
        rules.redemptionDeadline = UInt64(
            try parameters.number("redemptionDeadline", in: Rules.redemptionDeadlineRange))
        _ = try parameters.field("certificateQuorum")
        _ = try parameters.field("checkpointInterval")
        try parameters.finish()
        return rules
    }

    private static func consortium(
        _ parameters: JSON?, banks: Int
    ) throws(NodeFault) -> (quorum: UInt16, checkpointInterval: UInt64) {
        var reader = FieldReader(parameters ?? .null, at: "parameters")
        // More than half, or two disjoint sets of banks could certify different blocks.
        let least = UInt128(BankSet.leastQuorum(of: banks))
        let quorum = try reader.number("certificateQuorum", in: least...UInt128(banks))
        let interval = try reader.number("checkpointInterval", in: 0...UInt128(UInt32.max))
        return (UInt16(quorum), UInt64(interval))
    }

    private static func validators(
        _ value: JSON, chainID: UInt64
    ) throws(NodeFault) -> [Genesis.Validator] {
        guard let list = value.array, (1...BankSet.banksMax).contains(list.count) else {
            throw .genesis("validators: expected an array of 1 to \(BankSet.banksMax) banks")
        }
        var validators: [Genesis.Validator] = []
        for (index, element) in list.enumerated() {
            let path = "validators[\(index)]"
            var reader = FieldReader(element, at: path)
            let name = try reader.text("name", bytes: 1...Bank.nameBytesMax)
            let address = try reader.address("address")
            let account = try reader.has("operator") ? reader.address("operator") : address
            let endpoint = try reader.text("endpoint", bytes: 0...Bank.endpointBytesMax)
            try reader.finish()
            try refusePublished(address, at: path + ".address", chainID: chainID)
            try refusePublished(account, at: path + ".operator", chainID: chainID)
            validators.append(
                .init(name: name, address: address, operator: account, endpoint: endpoint))
        }
        return validators
    }
}
