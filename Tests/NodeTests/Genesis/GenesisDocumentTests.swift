import Execution
import Ledger
import Node
import Testing

struct GenesisDocumentTests {
    static let text = """
        {
          "chainId": 88001,
          "timeMillis": 1700000000000,
          "allocation": {
            "0x0000000000000000000000000000000000000009": "5",
            "0x000000000000000000000000000000000000d107": "7"
          },
          "fees": { "gasPrice": "1000000000", "publicationFee": "10000000000000000000", "reviewFee": "7" },
          "parameters": {
            "blockGasLimit": 1000000000,
            "blockByteLimit": 8388608,
            "stepLimit": 20000,
            "requiredReviews": 3,
            "royaltyDeveloper": 7000,
            "royaltyReviewers": 1000,
            "epochBlocks": 4000,
            "nodeShare": 2500,
            "redemptionDeadline": 86400,
            "certificateQuorum": 2,
            "checkpointInterval": 5000
          },
          "validators": [
            { "name": "First", "address": "0x0000000000000000000000000000000000000001", "endpoint": "one.example:4000" },
            { "name": "Second", "address": "0x0000000000000000000000000000000000000002", "operator": "0x0000000000000000000000000000000000000003", "endpoint": "" }
          ]
        }
        """

    /// Made by a Python script from the words of `docs/formats/genesis.md`.
    static let hash = "f35045f4897af0336fa6a7f72e779043e2b05387c1f303dfe20577fc4b2cfd9d"

    static func parse(_ text: String) throws -> Genesis {
        try GenesisDocument.parse(Array(text.utf8))
    }

    @Test func `a genesis file has the hash that is written down`() throws {
        let genesis = try Self.parse(Self.text)
        #expect(genesis.hash == Hash32(hex: Self.hash))
        #expect(try Self.parse(GenesisDocument.text(genesis)) == genesis)
        #expect(genesis.bankSet.banks.map(\.id) == [1, 2])
        #expect(genesis.bankSet.banks.map(\.operator) == [.contract(1), .contract(3)])
        #expect(genesis.bankSet.quorum == 2)
    }

    @Test(arguments: [
        ("\"checkpointInterval\": 5000", "\"checkpointIntervals\": 5000", "checkpointInterval"),
        ("\"certificateQuorum\": 2", "\"certificateQuorum\": 1", "certificateQuorum"),
        ("\"reviewFee\": \"7\"", "\"reviewFee\": 7", "fees.reviewFee"),
        (
            "\"10000000000000000000\"", "\"1000000000000000000000000001\"",
            "fees.publicationFee"
        ),
        (
            "\"blockGasLimit\": 1000000000", "\"blockGasLimit\": 4000000001",
            "parameters.blockGasLimit: expected"
        ),
        ("\"requiredReviews\": 3", "\"requiredReviews\": 16", "parameters.requiredReviews"),
        ("Reviewers\": 1000", "Reviewers\": 3001", "royaltyReviewers: expected"),
        ("\"epochBlocks\": 4000", "\"epochBlocks\": 15", "parameters.epochBlocks"),
        ("\"nodeShare\": 2500", "\"nodeShare\": 10001", "parameters.nodeShare"),
        ("\"redemptionDeadline\": 86400", "\"redemptionDeadline\": 59", "redemptionDeadline"),
        ("d107", "d102", "kept for native contracts"),
        ("\"Second\"", "\"First\"", "two banks are called First"),
        ("0000000000000003\"", "0000000000000001\"", "two banks name the key"),
        ("0000000000000003\"", "000000000000d107\"", "nobody can have the key"),
        ("one.example:4000", "one.example", "host:port"),
        (
            "0x0000000000000000000000000000000000000003", "DEVELOPMENT", "is published"
        ),
    ])
    func `a genesis that could not run is refused by what is wrong`(
        part: String, other: String, why: String
    ) throws {
        let other = other == "DEVELOPMENT" ? DevelopmentKeys.addresses[1].hex : other
        let changed = Self.text.replacing(part, with: other)
        #expect(changed != Self.text)
        do {
            _ = try Self.parse(changed)
            Issue.record("it was taken")
        } catch {
            #expect("\(error)".contains(why), "\(error)")
        }
    }
}
