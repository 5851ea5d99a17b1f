import Ledger
import Testing

struct SHA256Tests {
    @Test(arguments: [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
    ])
    func `digests are those of FIPS 180`(text: String, digest: String) {
        #expect(SHA256.hash(Array(text.utf8)) == Hash32(hex: digest))
        #expect(SHA256.hash(Array(text.utf8)[...]) == Hash32(hex: digest))
    }

    @Test func `pieces and tagged words give the digest of the whole`() {
        let first = SHA256.hash([1])
        let second = SHA256.hash([2])
        let whole = [7] + first.bytes + second.bytes
        var state = SHA256()
        state.update([7])
        state.update(first)
        state.update(second.bytes[...])
        #expect(state.finalize() == SHA256.hash(whole))
        #expect(SHA256.hash(tag: 7, first, second) == SHA256.hash(whole))
    }
}
