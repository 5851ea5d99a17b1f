import Ledger
import Testing

struct Keccak256Tests {
    @Test(arguments: [
        ("", "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"),
        ("abc", "4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45"),
        (
            "The quick brown fox jumps over the lazy dog",
            "4d741b6f1eb29cb2a9b9911c82f56fa8d73b04959d3d9d222895df6c0b28aa15"
        ),
        (
            "transfer(address,uint256)",
            "a9059cbb2ab09eb219583f4a59a5d0623ade346d962bcd4e46b11da047c9049b"
        ),
        (
            "Transfer(address,address,uint256)",
            "ddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef"
        ),
    ])
    func `digests are those of Ethereum`(text: String, digest: String) {
        #expect(Keccak256.hash(text) == Hash32(hex: digest))
        #expect(Keccak256.hash(Array(text.utf8)) == Hash32(hex: digest))
    }

    /// Each length from 0 to 300 around the rate of 136, chained into one digest; the expected value
    /// was made with an implementation of another origin (pycryptodome 3).
    @Test func `all lengths around one and two blocks are padded right`() {
        var chain = Keccak256()
        for length in 0...300 {
            chain.update(Keccak256.hash((0..<length).map { UInt8(truncatingIfNeeded: $0 &* 7) }))
        }
        #expect(
            chain.finalize().hex
                == "0x0f3d8c6e9f5feb163b3a0f0f23c49fbda1459c3a3a9a562e1e5cd2c8b895d409")
    }

    @Test func `pieces give the digest of the whole`() {
        let whole = (0..<700).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        for cut in [0, 1, 7, 8, 9, 135, 136, 137, 271, 272, 273, 500] {
            for next in [0, 1, 3, 8, 64, 136] {
                var state = Keccak256()
                state.update(Array(whole[..<cut]))
                state.update(whole[cut..<(cut + next)])
                state.update(whole[(cut + next)...])
                #expect(state.finalize() == Keccak256.hash(whole), "cut at \(cut), then \(next)")
            }
        }
    }

    @Test func `two words hash as their 64 bytes`() {
        let first = Keccak256.hash("first")
        let second = Keccak256.hash("second")
        #expect(Keccak256.hash(first, second) == Keccak256.hash(first.bytes + second.bytes))
    }

    @Test func `a digest is not spent by asking for it`() {
        var state = Keccak256()
        state.update(Array("ab".utf8))
        #expect(state.finalize() == Keccak256.hash("ab"))
        state.update(Array("c".utf8))
        #expect(state.finalize() == Keccak256.hash("abc"))
    }
}
