import Execution
import JSON
import Ledger
import Node

extension ConsortiumPlan {
    private static let members: Set = ["chainId", "banks", "allocation", "fees", "parameters"]
    private static let bankMembers: Set = [
        "name", "endpoint", "rpcPort", "nodeAccount", "operatorAccount", "authority", "certificate",
        "certificateKey",
    ]
    private static let fees: Set = ["gasPrice", "publicationFee", "reviewFee"]
    private static let parameters: Set = Set(Rules.names).subtracting(fees)
        .union(["certificateQuorum", "checkpointInterval"])

    /// Reads a description.
    ///
    /// What a value may be is checked with the genesis that it becomes.
    ///
    /// - Parameter file: a JSON file; paths in it start at its folder.
    /// - Throws: ``Failure/usage(_:)`` naming the member, also for members that there are not.
    /// - Source: `docs/consortium.md`.
    init(file: String) throws {
        let json = try Input.json(file)
        let folder = file.lastIndex(of: "/").map { String(file[..<$0]) } ?? "."
        let reader = try MemberReader(json, file, known: Self.members)
        guard let chainID: UInt64 = try reader.optionalNumber("chainId") else {
            throw reader.fault("chainId", "is missing")
        }
        let banks = try reader.list("banks", known: Self.bankMembers).map { bank in
            try Bank(bank, folder: folder)
        }
        guard !banks.isEmpty else { throw reader.fault("banks", "name at least one") }
        self.init(chainID: chainID, banks: banks)
        if let list = json["allocation"] {
            allocations = try Self.allocations(list, reader)
        }
        if let fees = json["fees"] {
            let reader = try MemberReader(fees, "\(file), fees", known: Self.fees)
            if let price = try reader.optionalWhole("gasPrice") { rules.gasPrice = price }
            if let fee = try reader.optionalWhole("publicationFee") { rules.publicationFee = fee }
            if let fee = try reader.optionalWhole("reviewFee") { rules.reviewFee = fee }
        }
        if let parameters = json["parameters"] {
            try set(try MemberReader(parameters, "\(file), parameters", known: Self.parameters))
        }
    }

    private mutating func set(_ reader: MemberReader) throws {
        if let limit: UInt64 = try reader.optionalNumber("blockGasLimit") {
            rules.blockGasLimit = limit
        }
        if let limit: UInt32 = try reader.optionalNumber("blockByteLimit") {
            rules.blockByteLimit = limit
        }
        if let limit: UInt32 = try reader.optionalNumber("stepLimit") { rules.stepLimit = limit }
        if let count: UInt8 = try reader.optionalNumber("requiredReviews") {
            rules.requiredReviews = count
        }
        if let part: UInt16 = try reader.optionalNumber("royaltyDeveloper") {
            rules.royaltyDeveloper = part
        }
        if let part: UInt16 = try reader.optionalNumber("royaltyReviewers") {
            rules.royaltyReviewers = part
        }
        if let blocks: UInt32 = try reader.optionalNumber("epochBlocks") {
            rules.epochBlocks = blocks
        }
        if let part: UInt16 = try reader.optionalNumber("nodeShare") { rules.nodeShare = part }
        if let seconds: UInt64 = try reader.optionalNumber("redemptionDeadline") {
            rules.redemptionDeadline = seconds
        }
        certificateQuorum = try reader.optionalNumber("certificateQuorum")
        if let interval: UInt64 = try reader.optionalNumber("checkpointInterval") {
            checkpointInterval = interval
        }
    }

    private static func allocations(
        _ json: JSON, _ reader: MemberReader
    ) throws -> [Genesis.Allocation] {
        guard let members = json.object else {
            throw reader.fault("allocation", "an object of accounts and units was expected")
        }
        return try members.map { member in
            guard let account = Address(checked: member.name) else {
                throw reader.fault("allocation", "\"\(member.name)\" is no address")
            }
            guard let units = member.value.string.flatMap({ Amount(decimal: $0) }) else {
                throw reader.fault(
                    "allocation",
                    "\(member.name) must have decimal digits in a string, units of 10^-18 DIP")
            }
            return Genesis.Allocation(account: account, amount: units)
        }
    }
}

extension ConsortiumPlan.Bank {
    fileprivate init(_ reader: MemberReader, folder: String) throws {
        let endpoint = try reader.text("endpoint")
        guard let place = ListenAddress(endpoint), place.port > 0 else {
            throw reader.fault(
                "endpoint", "must be host:port, where the other banks reach the node's peer port")
        }
        let said: UInt16? = try reader.optionalNumber("rpcPort")
        guard
            let port = ConsortiumPlan.rpcPort(said.map(Int.init), peerPort: place.port)
        else {
            throw reader.fault(
                "rpcPort",
                "JSON-RPC needs a port of its own from 1 to 65535; without rpcPort it is "
                    + "\(ConsortiumPlan.rpcDistance) above that for peers")
        }
        self.init(
            name: try reader.text("name"), host: place.host, peerPort: place.port,
            rpcPort: port)
        nodeAccount = try reader.optionalAddress("nodeAccount")
        operatorAccount = try reader.optionalAddress("operatorAccount")
        authority = try reader.optionalFile("authority", in: folder)
        certificate = try reader.optionalFile("certificate", in: folder)
        certificateKey = try reader.optionalFile("certificateKey", in: folder)
        if certificate != nil, authority == nil {
            throw reader.fault(
                "authority", "is missing: the others have to trust whoever issued the certificate")
        }
        guard certificateKey == nil || certificate != nil else {
            throw reader.fault("certificate", "is missing, but there is a key for it")
        }
    }
}

extension MemberReader {
    /// A whole number, nil where there is none.
    func optionalWhole(_ name: String) throws -> UInt128? {
        guard has(name) else { return nil }
        return try number(name, atMost: UInt128.max)
    }

    /// A whole number of a type, nil where there is none.
    fileprivate func optionalNumber<Number: FixedWidthInteger & UnsignedInteger>(
        _ name: String
    ) throws -> Number? {
        guard has(name) else { return nil }
        return try number(name, atMost: Number.max)
    }

    /// An address with a right checksum, nil where there is none.
    fileprivate func optionalAddress(_ name: String) throws -> Address? {
        guard let text = try optionalText(name) else { return nil }
        guard let address = Address(checked: text) else {
            throw fault(name, "is no address, or has a wrong checksum")
        }
        return address
    }

    /// The path of a file, nil where there is none.
    fileprivate func optionalFile(_ name: String, in folder: String) throws -> String? {
        try optionalText(name).map { $0.hasPrefix("/") ? $0 : folder + "/" + $0 }
    }
}
