/// The 24 constants of Keccak-f[1600].
private let roundConstants: InlineArray<24, UInt64> = [
    0x0000_0000_0000_0001, 0x0000_0000_0000_8082, 0x8000_0000_0000_808a,
    0x8000_0000_8000_8000, 0x0000_0000_0000_808b, 0x0000_0000_8000_0001,
    0x8000_0000_8000_8081, 0x8000_0000_0000_8009, 0x0000_0000_0000_008a,
    0x0000_0000_0000_0088, 0x0000_0000_8000_8009, 0x0000_0000_8000_000a,
    0x0000_0000_8000_808b, 0x8000_0000_0000_008b, 0x8000_0000_0000_8089,
    0x8000_0000_0000_8003, 0x8000_0000_0000_8002, 0x8000_0000_0000_0080,
    0x0000_0000_0000_800a, 0x8000_0000_8000_000a, 0x8000_0000_8000_8081,
    0x8000_0000_0000_8080, 0x0000_0000_8000_0001, 0x8000_0000_8000_8008,
]

extension Keccak256 {
    /// The 25 lanes, lane (x, y) at index x + 5 y.
    @usableFromInline typealias Lanes = InlineArray<25, UInt64>

    @inline(__always)
    private static func rotated(_ lane: UInt64, _ count: UInt64) -> UInt64 {
        lane &<< count | lane &>> (64 &- count)
    }

    /// Applies Keccak-f[1600].
    ///
    /// The lanes are local variables and a turn of the loop is two rounds, the first from `a` into
    /// `b` and the second back, so that nothing is copied between rounds and no index is computed.
    @usableFromInline
    static func permute(_ lanes: inout Lanes) {
        var a0 = lanes[0]
        var a1 = lanes[1]
        var a2 = lanes[2]
        var a3 = lanes[3]
        var a4 = lanes[4]
        var a5 = lanes[5]
        var a6 = lanes[6]
        var a7 = lanes[7]
        var a8 = lanes[8]
        var a9 = lanes[9]
        var a10 = lanes[10]
        var a11 = lanes[11]
        var a12 = lanes[12]
        var a13 = lanes[13]
        var a14 = lanes[14]
        var a15 = lanes[15]
        var a16 = lanes[16]
        var a17 = lanes[17]
        var a18 = lanes[18]
        var a19 = lanes[19]
        var a20 = lanes[20]
        var a21 = lanes[21]
        var a22 = lanes[22]
        var a23 = lanes[23]
        var a24 = lanes[24]
        var turn = 0
        while turn < 24 {
            let ac0 = a0 ^ a5 ^ a10 ^ a15 ^ a20
            let ac1 = a1 ^ a6 ^ a11 ^ a16 ^ a21
            let ac2 = a2 ^ a7 ^ a12 ^ a17 ^ a22
            let ac3 = a3 ^ a8 ^ a13 ^ a18 ^ a23
            let ac4 = a4 ^ a9 ^ a14 ^ a19 ^ a24
            let ad0 = ac4 ^ rotated(ac1, 1)
            let ad1 = ac0 ^ rotated(ac2, 1)
            let ad2 = ac1 ^ rotated(ac3, 1)
            let ad3 = ac2 ^ rotated(ac4, 1)
            let ad4 = ac3 ^ rotated(ac0, 1)
            let ar00 = a0 ^ ad0
            let ar01 = rotated(a6 ^ ad1, 44)
            let ar02 = rotated(a12 ^ ad2, 43)
            let ar03 = rotated(a18 ^ ad3, 21)
            let ar04 = rotated(a24 ^ ad4, 14)
            let b0 = ar00 ^ (~ar01 & ar02) ^ roundConstants[turn]
            let b1 = ar01 ^ (~ar02 & ar03)
            let b2 = ar02 ^ (~ar03 & ar04)
            let b3 = ar03 ^ (~ar04 & ar00)
            let b4 = ar04 ^ (~ar00 & ar01)
            let ar10 = rotated(a3 ^ ad3, 28)
            let ar11 = rotated(a9 ^ ad4, 20)
            let ar12 = rotated(a10 ^ ad0, 3)
            let ar13 = rotated(a16 ^ ad1, 45)
            let ar14 = rotated(a22 ^ ad2, 61)
            let b5 = ar10 ^ (~ar11 & ar12)
            let b6 = ar11 ^ (~ar12 & ar13)
            let b7 = ar12 ^ (~ar13 & ar14)
            let b8 = ar13 ^ (~ar14 & ar10)
            let b9 = ar14 ^ (~ar10 & ar11)
            let ar20 = rotated(a1 ^ ad1, 1)
            let ar21 = rotated(a7 ^ ad2, 6)
            let ar22 = rotated(a13 ^ ad3, 25)
            let ar23 = rotated(a19 ^ ad4, 8)
            let ar24 = rotated(a20 ^ ad0, 18)
            let b10 = ar20 ^ (~ar21 & ar22)
            let b11 = ar21 ^ (~ar22 & ar23)
            let b12 = ar22 ^ (~ar23 & ar24)
            let b13 = ar23 ^ (~ar24 & ar20)
            let b14 = ar24 ^ (~ar20 & ar21)
            let ar30 = rotated(a4 ^ ad4, 27)
            let ar31 = rotated(a5 ^ ad0, 36)
            let ar32 = rotated(a11 ^ ad1, 10)
            let ar33 = rotated(a17 ^ ad2, 15)
            let ar34 = rotated(a23 ^ ad3, 56)
            let b15 = ar30 ^ (~ar31 & ar32)
            let b16 = ar31 ^ (~ar32 & ar33)
            let b17 = ar32 ^ (~ar33 & ar34)
            let b18 = ar33 ^ (~ar34 & ar30)
            let b19 = ar34 ^ (~ar30 & ar31)
            let ar40 = rotated(a2 ^ ad2, 62)
            let ar41 = rotated(a8 ^ ad3, 55)
            let ar42 = rotated(a14 ^ ad4, 39)
            let ar43 = rotated(a15 ^ ad0, 41)
            let ar44 = rotated(a21 ^ ad1, 2)
            let b20 = ar40 ^ (~ar41 & ar42)
            let b21 = ar41 ^ (~ar42 & ar43)
            let b22 = ar42 ^ (~ar43 & ar44)
            let b23 = ar43 ^ (~ar44 & ar40)
            let b24 = ar44 ^ (~ar40 & ar41)
            let bc0 = b0 ^ b5 ^ b10 ^ b15 ^ b20
            let bc1 = b1 ^ b6 ^ b11 ^ b16 ^ b21
            let bc2 = b2 ^ b7 ^ b12 ^ b17 ^ b22
            let bc3 = b3 ^ b8 ^ b13 ^ b18 ^ b23
            let bc4 = b4 ^ b9 ^ b14 ^ b19 ^ b24
            let bd0 = bc4 ^ rotated(bc1, 1)
            let bd1 = bc0 ^ rotated(bc2, 1)
            let bd2 = bc1 ^ rotated(bc3, 1)
            let bd3 = bc2 ^ rotated(bc4, 1)
            let bd4 = bc3 ^ rotated(bc0, 1)
            let br00 = b0 ^ bd0
            let br01 = rotated(b6 ^ bd1, 44)
            let br02 = rotated(b12 ^ bd2, 43)
            let br03 = rotated(b18 ^ bd3, 21)
            let br04 = rotated(b24 ^ bd4, 14)
            a0 = br00 ^ (~br01 & br02) ^ roundConstants[turn &+ 1]
            a1 = br01 ^ (~br02 & br03)
            a2 = br02 ^ (~br03 & br04)
            a3 = br03 ^ (~br04 & br00)
            a4 = br04 ^ (~br00 & br01)
            let br10 = rotated(b3 ^ bd3, 28)
            let br11 = rotated(b9 ^ bd4, 20)
            let br12 = rotated(b10 ^ bd0, 3)
            let br13 = rotated(b16 ^ bd1, 45)
            let br14 = rotated(b22 ^ bd2, 61)
            a5 = br10 ^ (~br11 & br12)
            a6 = br11 ^ (~br12 & br13)
            a7 = br12 ^ (~br13 & br14)
            a8 = br13 ^ (~br14 & br10)
            a9 = br14 ^ (~br10 & br11)
            let br20 = rotated(b1 ^ bd1, 1)
            let br21 = rotated(b7 ^ bd2, 6)
            let br22 = rotated(b13 ^ bd3, 25)
            let br23 = rotated(b19 ^ bd4, 8)
            let br24 = rotated(b20 ^ bd0, 18)
            a10 = br20 ^ (~br21 & br22)
            a11 = br21 ^ (~br22 & br23)
            a12 = br22 ^ (~br23 & br24)
            a13 = br23 ^ (~br24 & br20)
            a14 = br24 ^ (~br20 & br21)
            let br30 = rotated(b4 ^ bd4, 27)
            let br31 = rotated(b5 ^ bd0, 36)
            let br32 = rotated(b11 ^ bd1, 10)
            let br33 = rotated(b17 ^ bd2, 15)
            let br34 = rotated(b23 ^ bd3, 56)
            a15 = br30 ^ (~br31 & br32)
            a16 = br31 ^ (~br32 & br33)
            a17 = br32 ^ (~br33 & br34)
            a18 = br33 ^ (~br34 & br30)
            a19 = br34 ^ (~br30 & br31)
            let br40 = rotated(b2 ^ bd2, 62)
            let br41 = rotated(b8 ^ bd3, 55)
            let br42 = rotated(b14 ^ bd4, 39)
            let br43 = rotated(b15 ^ bd0, 41)
            let br44 = rotated(b21 ^ bd1, 2)
            a20 = br40 ^ (~br41 & br42)
            a21 = br41 ^ (~br42 & br43)
            a22 = br42 ^ (~br43 & br44)
            a23 = br43 ^ (~br44 & br40)
            a24 = br44 ^ (~br40 & br41)
            turn &+= 2
        }
        lanes[0] = a0
        lanes[1] = a1
        lanes[2] = a2
        lanes[3] = a3
        lanes[4] = a4
        lanes[5] = a5
        lanes[6] = a6
        lanes[7] = a7
        lanes[8] = a8
        lanes[9] = a9
        lanes[10] = a10
        lanes[11] = a11
        lanes[12] = a12
        lanes[13] = a13
        lanes[14] = a14
        lanes[15] = a15
        lanes[16] = a16
        lanes[17] = a17
        lanes[18] = a18
        lanes[19] = a19
        lanes[20] = a20
        lanes[21] = a21
        lanes[22] = a22
        lanes[23] = a23
        lanes[24] = a24
    }
}
