import Gateway
import JSON
import Ledger
import Testing

@testable import Node

/// Orders and lists that somebody made large: an answer has a limit, and says where it goes on.
@Suite struct LargeOrderTests {
    /// Key 1 owes key 2 three lines; key 2 gave away the first and got it back, so that its list has that twice.
    private static func returned(_ node: RPCTestNode) async throws {
        let token = try await node.issueToken()
        _ = try await node.open(1, token: token, [(2, 10), (2, 20), (2, 30)])
        for (from, to) in [(2, 3), (3, 2)] {
            var writer = ABIWriter(
                selector: IClaims.Function.safeTransferFrom.rawValue, words: 5)
            writer.write(word: Hash32(word: node.keys[from]))
            writer.write(word: Hash32(word: node.keys[to]))
            writer.write(word: Hash32(0, 0, 0, 1 << 16))
            writer.write(uint: 10)
            writer.write(bytes: [])
            let receipt = try await node.send(from: from, to: .claims, data: writer.finish())
            #expect(receipt["status"] == "0x1")
        }
    }

    /// Lines and units of all pages, and how many pages there were.
    private static func claims(
        _ node: RPCTestNode, of key: Int, limit: Int
    ) async throws -> (lines: [Int64?], pages: Int) {
        var (lines, pages): ([Int64?], Int) = ([], 0)
        var next: JSON? = 0
        while let from = next {
            let page = try await node.call(
                "dip_claimsOf", .data(node.keys[key].bytes), from, .integer(limit))
            let claims = try #require(page["claims"]?.array)
            try #require(claims.count <= limit)
            lines += claims.map { $0["line"]?.integer }
            pages += 1
            try #require(pages < 10)
            next = page["next"]
        }
        return (lines, pages)
    }

    @Test func `a claim that came back is told once`() async throws {
        try await RPCTestNode.with { node async throws in
            try await Self.returned(node)
            for limit in 1...4 {
                let found = try await Self.claims(node, of: 2, limit: limit)
                #expect(found.lines == [0, 1, 2], "limit \(limit)")
            }
            #expect(try await Self.claims(node, of: 3, limit: 1).lines == [])
            let past = try await node.call(
                "dip_claimsOf", .data(node.keys[2].bytes), .integer(1_000_000_000_000_000), 1)
            #expect(past == ["claims": []])
        }
    }

    @Test func `a page of claims looks at so many parts, and may have less than was asked`()
        async throws
    {
        var limits = RPCLimits()
        limits.claimParts = 1
        try await RPCTestNode.with(limits: limits) { node async throws in
            try await Self.returned(node)
            let found = try await Self.claims(node, of: 2, limit: 100)
            #expect(found.lines == [0, 1, 2])
            // One place each, the last one for the claim that came back.
            #expect(found.pages == 4)
        }
    }

    @Test func `a tree of large orders ends where its bytes do, and says so`() async throws {
        try await RPCTestNode.with { node async throws in
            let token = try await node.issueToken()
            let children = 6
            let parent = try await node.open(1, token: token, [(2, 100)])
            for _ in 0..<children {
                let child = try await node.open(2, token: token, [(3, 10), (4, 10)])
                var writer = ABIWriter(selector: IClaims.Function.pledge.rawValue, words: 4)
                for word in [parent, 0, child] { writer.write(word: Hash32(0, 0, 0, word)) }
                writer.write(uint: 10)
                let receipt = try await node.send(from: 2, to: .claims, data: writer.finish())
                #expect(receipt["status"] == "0x1")
            }
            var written: Set<Int> = []
            var named: Set<Int> = []
            for bytes in [1, 600, 1_200, 1_800, 2_400, 3_000, 6_000, 1 << 20] {
                var limits = RPCLimits()
                limits.treeBytes = bytes
                var tree = OrderTree(RPCContext(node.test.node, limits), limit: 1_000)
                var writer = JSONWriter()
                #expect(tree.write(parent, to: &writer))
                // The first order is always there, and one that was begun is ended.
                #expect(writer.count < 2 * bytes + 2_000)
                let json = try JSON(parsing: writer.bytes)
                let found = try #require(json["children"]?.array)
                let whole = found.filter { $0["truncated"] == nil }
                #expect(whole.allSatisfy { $0["lines"]?.array?.count == 2 })
                #expect(found.allSatisfy { $0["pledged"] == [["line": 0, "units": "10"]] })
                #expect(json["truncated"] == (whole.count < children ? true : nil))
                written.insert(whole.count)
                named.insert(found.count)
            }
            #expect(written.isSuperset(of: [0, children]))
            #expect(written.count > 2)
            #expect(named.isSuperset(of: [0, children]))
        }
    }
}
