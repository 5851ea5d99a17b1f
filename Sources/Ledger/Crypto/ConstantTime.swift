import COpenSSL

/// Whether two byte strings are equal, in a time that does not depend on where they differ.
///
/// Lengths are no secret: different ones are unequal at once.
public func constantTimeEquals(_ left: [UInt8], _ right: [UInt8]) -> Bool {
    left.count == right.count && CRYPTO_memcmp(left, right, left.count) == 0
}
