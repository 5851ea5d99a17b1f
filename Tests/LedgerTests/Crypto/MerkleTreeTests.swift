import Ledger
import Testing

struct MerkleTreeTests {
    /// The eight inputs and the roots over the first n of them that certificate-transparency
    /// implementations test with.
    static let inputs = [
        "", "00", "10", "2021", "3031", "40414243", "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    ]
    static let roots = [
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ]

    static func leaves(_ count: Int) -> [Hash32] {
        (0..<count).map { MerkleTree.leaf([UInt8($0 >> 8), UInt8($0 & 255)]) }
    }

    /// RFC 6962, 2.1, word for word.
    static func referenceRoot(_ leaves: ArraySlice<Hash32>) -> Hash32 {
        guard leaves.count > 1 else { return leaves.first ?? SHA256.hash([]) }
        var split = 1
        while split * 2 < leaves.count { split *= 2 }
        return MerkleTree.node(
            referenceRoot(leaves.prefix(split)), referenceRoot(leaves.dropFirst(split)))
    }

    @Test func `roots are those of certificate transparency`() throws {
        var leaves: [Hash32] = []
        for (input, root) in zip(Self.inputs, Self.roots) {
            leaves.append(MerkleTree.leaf(try #require(Hex.decode(input))))
            #expect(MerkleTree.root(of: leaves) == Hash32(hex: root))
        }
    }

    @Test func `the root of nothing is the digest of nothing`() {
        #expect(MerkleTree.root(of: []) == SHA256.hash([]))
        #expect(MerkleTree.proof(of: 0, in: []) == nil)
    }

    @Test func `every leaf of every small tree is proved, and only there`() throws {
        for count in 1...40 {
            let leaves = Self.leaves(count)
            let root = MerkleTree.root(of: leaves)
            #expect(root == Self.referenceRoot(leaves[...]))
            for index in 0..<count {
                let path = try #require(MerkleTree.proof(of: index, in: leaves))
                func holds(_ leaf: Hash32, _ index: Int, _ count: Int, _ path: [Hash32]) -> Bool {
                    MerkleTree.verify(
                        leaf: leaf, index: index, count: count, path: path, root: root)
                }
                #expect(holds(leaves[index], index, count, path))
                #expect(!holds(MerkleTree.leaf([9]), index, count, path))
                #expect(!holds(leaves[index], index, count, path + [root]))
                if !path.isEmpty {
                    #expect(!holds(leaves[index], index, count, Array(path.dropLast())))
                    #expect(!holds(leaves[index], index, count, Array(path.dropFirst())))
                }
                for other in 0..<count where other != index {
                    #expect(!holds(leaves[index], other, count, path))
                }
            }
        }
    }

    @Test func `a node does not pass for a leaf, nor a place outside for one inside`() throws {
        let leaves = Self.leaves(4)
        let root = MerkleTree.root(of: leaves)
        let node = MerkleTree.node(leaves[0], leaves[1])
        let right = MerkleTree.node(leaves[2], leaves[3])
        #expect(MerkleTree.leaf(leaves[0].bytes + leaves[1].bytes) != node)
        let path = try #require(MerkleTree.proof(of: 0, in: leaves))
        #expect(path == [leaves[1], right])
        for (index, count) in [(-1, 4), (4, 4), (0, 0), (Int.max, Int.max), (Int.min, 4)] {
            #expect(
                !MerkleTree.verify(
                    leaf: leaves[0], index: index, count: count, path: path, root: root))
        }
    }
}
