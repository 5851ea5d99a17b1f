import COpenSSL

/// scrypt for the parameters that libcrypto refuses.
///
/// RFC 7914 wants N below 2^(16 × r), which the files of some old wallets (N 262,144 with r 1) do not
/// keep to; they must open all the same. Salsa20/8 is written with the sixteen words as variables and
/// operators that cost nothing in a debug build.
/// - Source: RFC 7914, sections 3 to 6; PBKDF2 by libcrypto.
enum Scrypt {
    /// Derives 32 bytes; 0 where libcrypto fails, else 1.
    static func derive(
        _ password: UnsafeRawBufferPointer, salt: [UInt8], n: UInt64, r: UInt64, p: UInt64,
        into output: UnsafeMutablePointer<UInt8>?
    ) -> Int32 {
        let block = 128 * Int(r)
        let blocks = UnsafeMutableRawBufferPointer.allocate(
            byteCount: block * Int(p), alignment: 16)
        let table = UnsafeMutableRawBufferPointer.allocate(
            byteCount: block * Int(n), alignment: 16)
        let scratch = UnsafeMutableRawBufferPointer.allocate(byteCount: block, alignment: 16)
        defer {
            for memory in [blocks, table, scratch] {
                OPENSSL_cleanse(memory.baseAddress, memory.count)
                memory.deallocate()
            }
        }
        let text = password.baseAddress?.assumingMemoryBound(to: CChar.self)
        let bytes = blocks.bindMemory(to: UInt8.self)
        guard
            PKCS5_PBKDF2_HMAC(
                text, Int32(password.count), salt, Int32(salt.count), 1, EVP_sha256(),
                Int32(blocks.count), bytes.baseAddress) == 1,
            let words = blocks.baseAddress?.assumingMemoryBound(to: UInt32.self),
            let tableWords = table.baseAddress?.assumingMemoryBound(to: UInt32.self),
            let scratchWords = scratch.baseAddress?.assumingMemoryBound(to: UInt32.self)
        else { return 0 }
        for index in 0..<Int(p) {
            mix(words + index * block / 4, tableWords, scratchWords, Int(n), Int(r))
        }
        return PKCS5_PBKDF2_HMAC(
            text, Int32(password.count), bytes.baseAddress, Int32(blocks.count), 1, EVP_sha256(),
            32, output)
    }

    /// scryptROMix; the words are little-endian, as are the machines that this runs on.
    private static func mix(
        _ block: UnsafeMutablePointer<UInt32>, _ table: UnsafeMutablePointer<UInt32>,
        _ scratch: UnsafeMutablePointer<UInt32>, _ n: Int, _ r: Int
    ) {
        let width = 32 * r
        var index = 0
        while index < n {
            (table + index * width).update(from: block, count: width)
            mixBlock(block, scratch, r)
            index += 1
        }
        index = 0
        while index < n {
            let chosen = table + Int(block[width - 16]) % n * width
            var word = 0
            while word < width {
                block[word] ^= chosen[word]
                word += 1
            }
            mixBlock(block, scratch, r)
            index += 1
        }
    }

    /// scryptBlockMix: even results to the front, odd ones behind them.
    private static func mixBlock(
        _ block: UnsafeMutablePointer<UInt32>, _ scratch: UnsafeMutablePointer<UInt32>, _ r: Int
    ) {
        var last = block + (2 * r - 1) * 16
        var index = 0
        while index < 2 * r {
            let target = scratch + (index / 2 + index % 2 * r) * 16
            salsa(last, block + index * 16, target)
            last = target
            index += 1
        }
        block.update(from: scratch, count: 32 * r)
    }

    /// Salsa20/8 of the exclusive or of two blocks.
    private static func salsa(
        _ left: UnsafeMutablePointer<UInt32>, _ right: UnsafeMutablePointer<UInt32>,
        _ output: UnsafeMutablePointer<UInt32>
    ) {
        var word = 0
        while word < 16 {
            output[word] = left[word] ^ right[word]
            word += 1
        }
        var (a, b, c, d) = (output[0], output[1], output[2], output[3])
        var (e, f, g, h) = (output[4], output[5], output[6], output[7])
        var (i, j, k, l) = (output[8], output[9], output[10], output[11])
        var (m, n, o, q) = (output[12], output[13], output[14], output[15])
        var round = 0
        while round < 4 {
            quarter(&a, &e, &i, &m)
            quarter(&f, &j, &n, &b)
            quarter(&k, &o, &c, &g)
            quarter(&q, &d, &h, &l)
            quarter(&a, &b, &c, &d)
            quarter(&f, &g, &h, &e)
            quarter(&k, &l, &i, &j)
            quarter(&q, &m, &n, &o)
            round += 1
        }
        output[0] &+= a
        output[1] &+= b
        output[2] &+= c
        output[3] &+= d
        output[4] &+= e
        output[5] &+= f
        output[6] &+= g
        output[7] &+= h
        output[8] &+= i
        output[9] &+= j
        output[10] &+= k
        output[11] &+= l
        output[12] &+= m
        output[13] &+= n
        output[14] &+= o
        output[15] &+= q
    }

    @inline(__always)
    private static func quarter(
        _ a: inout UInt32, _ b: inout UInt32, _ c: inout UInt32, _ d: inout UInt32
    ) {
        let first = a &+ d
        b ^= first &<< 7 | first &>> 25
        let second = b &+ a
        c ^= second &<< 9 | second &>> 23
        let third = c &+ b
        d ^= third &<< 13 | third &>> 19
        let fourth = d &+ c
        a ^= fourth &<< 18 | fourth &>> 14
    }
}
