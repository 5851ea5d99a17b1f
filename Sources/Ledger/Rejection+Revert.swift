extension Rejection {
    /// What a refused call returns: the custom error's selector and its arguments, ABI-encoded.
    public var revertData: [UInt8] {
        let parts = parts
        let hash = Keccak256.hash(signature)
        var writer = ABIWriter(
            selector: UInt32(hash.parts.0 >> 32), words: parts.arguments.count)
        for argument in parts.arguments {
            switch argument {
            case .uint(let number, _): writer.write(uint: number)
            case .uint256(let word), .bytes32(let word): writer.write(word: word)
            case .bytes4(let four):
                writer.write(word: Hash32(UInt64(four) << 32, 0, 0, 0))
            case .address(let address): writer.write(address)
            case .string(let text): writer.write(string: text)
            case .bytes(let bytes): writer.write(bytes: bytes)
            }
        }
        return writer.finish()
    }
}
