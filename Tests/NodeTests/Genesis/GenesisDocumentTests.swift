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
          "fees": { "gasPrice": "1000000000" },
          "parameters": {
            "blockGasLimit": 1000000000,
            "blockByteLimit": 8388608,
            "stepLimit": 20000,
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
    static let hash = "383f5c86cec4088b46232c54b0382abc22ec80e3d90bcfd2ccc84a29c073c355"

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
