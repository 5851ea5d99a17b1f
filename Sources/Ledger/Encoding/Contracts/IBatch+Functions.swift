extension IBatch {
    /// The functions; the raw value is the selector.
    public enum Function: UInt32, CaseIterable, Sendable {
        case execute = 0x760f_2a0b

        /// What the selector is the hash of.
        public var signature: StaticString {
            switch self {
            case .execute: "execute((address,bytes,uint256)[])"
            }
        }
    }
}
