import Execution
import Foundation
import Ledger
import Node
import Signing
import Testing

@testable import dip

struct FoundingTests {
    private let folder =
        FileManager.default.temporaryDirectory.path + "/dip-consortium-"
        + String(UInt64.random(in: 0 ... .max), radix: 36)

    private func cleaned(_ body: () throws -> Void) throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try body()
    }

    private func mode(_ path: String) -> Int? {
        try? FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    }

    @Test func `each bank's folder has what its node needs, and nothing of the others`() throws {
        try cleaned {
            let plan = try ConsortiumPlan(
                names: ["Ah", "Beh", "银行"], hosts: ["127.0.0.1"], basePort: 7000, chainID: 3355)
            try Founding(plan, days: 30).write(to: folder + "/all", password: nil)
            var genesis: Set<[UInt8]> = []
            var banks: Set<Address> = []
            for number in 1...3 {
                let home = "\(folder)/all/bank\(number)"
                let settings = try NodeSettings.parse(
                    try Input.bytes(home + "/node.json"), folder: home)
                #expect(settings.bank == UInt64(number))
                #expect(settings.rpc.listen.port == 7999 + number)
                let read = try GenesisDocument.parse(try Input.bytes(settings.genesis))
                genesis.insert(read.hash.bytes)
                let key = try SigningKey.read(settings.keyFile)
                #expect(read.validators[number - 1].address == key.address)
                let account = try SigningKey.read(home + "/operator.key").address
                #expect(read.validators[number - 1].operator == account)
                #expect(read.allocations.contains { $0.account == account })
                banks.formUnion([key.address, account])
                for secret in ["node.key", "operator.key", "tls/node.key"] {
                    #expect(mode("\(home)/\(secret)") == 0o600)
                }
                let names = try FileManager.default.subpathsOfDirectory(atPath: home)
                #expect(
                    names.sorted() == [
                        "genesis.json", "node.json", "node.key", "operator.key", "tls",
                        "tls/authorities.pem", "tls/node.key", "tls/node.pem",
                    ])
            }
            #expect(genesis.count == 1)
            #expect(banks.count == 6)
            #expect(mode(folder + "/all/authority/authority.key") == 0o600)
        }
    }

    @Test func `nothing that is there is overwritten`() throws {
        try cleaned {
            let plan = try ConsortiumPlan(
                names: ["A"], hosts: ["127.0.0.1"], basePort: 7000, chainID: 88_001)
            #expect(throws: Failure.self) {
                try Founding(plan, days: 30).write(to: folder, password: nil)
            }
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty)
        }
    }

    @Test(arguments: [(1, "Ethereum"), (11_155_111, "Sepolia")] as [(UInt64, String)])
    func `a chain id that is everybody's is refused`(_ id: UInt64, _ name: String) throws {
        let plan = try ConsortiumPlan(
            names: ["A"], hosts: ["127.0.0.1"], basePort: 7000, chainID: id)
        do {
            _ = try Founding(plan, days: 30)
            Issue.record("taken")
        } catch {
            #expect("\(error)".contains("chain id \(id) is \(name)'s"), "\(error)")
        }
    }

    @Test func `what a bank brings along is not made`() throws {
        try cleaned {
            let file = folder + "/description.json"
            let account = DevelopmentKeys.addresses
            try """
            { "chainId": 3355, "banks": [
                { "name": "A", "endpoint": "a.example:7545", "nodeAccount": "\(account[1])",
                  "operatorAccount": "\(account[2])", "rpcPort": 9000 },
                { "name": "B", "endpoint": "[fd00::2]:7001" } ],
              "allocation": { "\(account[2])": "77" },
              "parameters": { "checkpointInterval": 0, "certificateQuorum": 2 } }
            """.write(toFile: file, atomically: true, encoding: .utf8)
            let founding = try Founding(try ConsortiumPlan(file: file), days: 30)
            #expect(founding.genesis.validators[0].address == account[1])
            #expect(founding.genesis.validators[1].endpoint == "[fd00::2]:7001")
            #expect(founding.genesis.allocations.map(\.amount.units) == [77])
            #expect(founding.genesis.checkpointInterval == 0)
            try founding.write(to: folder + "/all", password: nil)
            #expect(!FileManager.default.fileExists(atPath: folder + "/all/bank1/node.key"))
            #expect(!FileManager.default.fileExists(atPath: folder + "/all/bank1/operator.key"))
            #expect(FileManager.default.fileExists(atPath: folder + "/all/bank1/tls/node.key"))
            let settings = try NodeSettings.parse(
                try Input.bytes(folder + "/all/bank2/node.json"), folder: "")
            #expect(settings.peers?.host == "::")
        }
    }

    @Test(arguments: [
        (#""banks""#, #""bank""#, "no member \"bank\""),
        (#""chainId": 3355,"#, "", "chainId: is missing"),
        (#""a.example:7545""#, #""a.example""#, "banks[0], endpoint: must be host:port"),
        (#""name": "A""#, #""name": "B""#, "two banks are called B"),
        (#""name": "A", "#, "", "banks[0], name: is missing"),
        (#""rpcPort": 1"#, #""rpcPort": 66000"#, "banks[0], rpcPort: must be a whole number"),
        (#""rpcPort": 1"#, #""certificate": "x""#, "banks[0], authority: is missing"),
        (#""rpcPort": 1"#, #""authority": "nowhere.pem""#, "nowhere.pem"),
        (#""certificateQuorum": 2"#, #""certificateQuorum": 1"#, "parameters.certificateQuorum"),
    ])
    func `a description's fault is named`(
        _ part: String, _ other: String, _ expected: String
    ) throws {
        try cleaned {
            let text = """
                { "chainId": 3355, "banks": [
                    { "name": "A", "endpoint": "a.example:7545", "rpcPort": 1 },
                    { "name": "B", "endpoint": "b.example:7545" } ],
                  "parameters": { "certificateQuorum": 2 } }
                """
            let file = folder + "/description.json"
            try text.replacing(part, with: other).write(
                toFile: file, atomically: true, encoding: .utf8)
            do {
                _ = try Founding(try ConsortiumPlan(file: file), days: 30)
                Issue.record("taken in spite of \(other)")
            } catch {
                #expect("\(error)".contains(expected), "\(error)")
            }
        }
    }
}
