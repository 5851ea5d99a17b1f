import Files

extension AccessToken {
    /// Reads tokens from a file with one a line: name, scopes and secret, separated by spaces.
    ///
    /// ```
    /// # name   scopes      secret, at least 32 characters
    /// erp      read,send   4f1c…
    /// monitor  read        9ab0…
    /// ```
    ///
    /// - Throws: if others than the owner may read the file (mode 0600 is meant), if a line cannot
    ///   be understood (it is named by number, never shown), or if a name or secret comes twice.
    public static func read(file path: String) throws(ServerFault) -> [AccessToken] {
        let bytes: [UInt8]
        do throws(FileFault) {
            bytes = try PrivateFile.read(path, limit: 1 << 20)
        } catch {
            throw ServerFault(error.description(of: "token file"))
        }
        return try read(bytes, of: path)
    }

    /// Reads what such a file has in it; its path is for faults.
    package static func read(_ bytes: [UInt8], of path: String) throws(ServerFault) -> [AccessToken]
    {
        var tokens: [AccessToken] = []
        let lines = bytes.split(separator: 0x0a, omittingEmptySubsequences: false)
        for (index, line) in lines.enumerated() {
            let words = line.split { $0 == 0x20 || $0 == 0x09 || $0 == 0x0d }
            guard let first = words.first, first.first != UInt8(ascii: "#") else { continue }
            let place = "\(path), line \(index + 1)"
            guard words.count == 3,
                let scopes = RPCScope(String(decoding: words[1], as: UTF8.self))
            else {
                throw ServerFault(
                    "\(place): expected name, scopes (of read,send,dev,admin) and secret")
            }
            let token: AccessToken
            do throws(ServerFault) {
                token = try AccessToken(
                    name: String(decoding: first, as: UTF8.self), scopes: scopes,
                    secret: String(decoding: words[2], as: UTF8.self))
            } catch {
                throw ServerFault("\(place): \(error)")
            }
            guard !tokens.contains(where: { $0.name == token.name || $0.secret == token.secret })
            else { throw ServerFault("\(place): this name or secret is there already") }
            tokens.append(token)
        }
        guard !tokens.isEmpty else { throw ServerFault("the token file \(path) has no tokens") }
        return tokens
    }
}
