import CSecp256k1

/// What libsecp256k1 needs for signing; never changed once made, so that all threads may share it.
///
/// Made with random bytes it blinds the computation with the key, which hinders listening to the
/// machine's power or radiation. Without them signatures are the same and no less constant in time.
public final class SigningContext: @unchecked Sendable {
    // `@unchecked`: libsecp256k1 reads a context from any number of threads.

    /// A context without blinding.
    public static var plain: SigningContext { Secp256k1.verification }

    let pointer: OpaquePointer

    /// Makes a context without blinding.
    public init() {
        guard let made = secp256k1_context_create(UInt32(SECP256K1_CONTEXT_NONE)) else {
            // libsecp256k1 ends the process itself when it has no memory; nil never comes.
            preconditionFailure("secp256k1_context_create gave no context")
        }
        pointer = made
    }

    /// Makes a context blinded by 32 bytes from the machine's random source.
    /// - Returns: nil unless there are exactly 32.
    public convenience init?(blindedBy seed: [UInt8]) {
        guard seed.count == 32 else { return nil }
        self.init()
        guard secp256k1_context_randomize(pointer, seed) == 1 else { return nil }
    }

    deinit { secp256k1_context_destroy(pointer) }
}
