import JSON
import Ledger

extension KeystoreFile {
    /// Reads a file's text; the password is not needed yet.
    ///
    /// - Parameters:
    ///   - bytes: the JSON text, at most ``maximumBytes``.
    ///   - file: its name, for faults.
    /// - Throws: ``WalletFault/malformed(file:reason:)`` naming the member,
    ///   ``WalletFault/unsupported(file:reason:)``, ``WalletFault/tooCostly(file:reason:)``.
    public init(parsing bytes: [UInt8], file: String) throws(WalletFault) {
        let reader = MemberReader(file: file)
        guard bytes.count <= Self.maximumBytes else {
            throw reader.fault("it is larger than \(Self.maximumBytes >> 10) KiB")
        }
        let json: JSON
        do throws(JSONFault) {
            var limits = JSONLimits()
            limits.depth = 8
            limits.values = 1024
            json = try JSON(parsing: bytes, limits: limits)
        } catch {
            throw reader.fault("\(error)")
        }
        guard json.object != nil else { throw reader.fault("an object was expected") }
        guard let version = json["version"]?.integer else {
            throw reader.fault("'version' is not there")
        }
        guard version == 3 else {
            throw .unsupported(file: file, reason: "its version is \(version); 3 is known")
        }
        // Old programs wrote the name large.
        guard let crypto = json["crypto"] ?? json["Crypto"] else {
            throw reader.fault("'crypto' is not there")
        }
        guard crypto["cipher"]?.string == "aes-128-ctr" else {
            throw .unsupported(file: file, reason: "its cipher is not aes-128-ctr")
        }
        var address: Address?
        if let stated = json["address"], !stated.isNull {
            guard let text = stated.string, let read = Address(hex: text) else {
                throw reader.fault("'address' is no address")
            }
            address = read
        }
        let parameters = crypto["kdfparams"]
        self.init(
            address: address, label: json["label"]?.string, id: json["id"]?.string ?? "",
            derivation: try reader.derivation(crypto["kdf"]?.string, parameters),
            salt: try reader.hex(parameters, "salt", bytes: 1...256),
            counter: try reader.hex(crypto["cipherparams"], "iv", bytes: 16...16),
            ciphertext: try reader.hex(crypto, "ciphertext", bytes: 32...32),
            mac: try reader.hex(crypto, "mac", bytes: 32...32))
    }

    /// The file's text, as other programs read it.
    public var json: JSON {
        let kdf: String
        let parameters: JSON
        switch derivation {
        case .scrypt(let n, let r, let p):
            kdf = "scrypt"
            parameters = [
                "dklen": 32, "n": .integer(n), "p": .integer(p), "r": .integer(r),
                "salt": .string(Hex.encode(salt)),
            ]
        case .pbkdf2(let iterations):
            kdf = "pbkdf2"
            parameters = [
                "c": .integer(iterations), "dklen": 32, "prf": "hmac-sha256",
                "salt": .string(Hex.encode(salt)),
            ]
        }
        var members: [JSON.Member] = []
        if let address {
            members.append(JSON.Member("address", .string(Hex.encode(address.bytes))))
        }
        members.append(
            JSON.Member(
                "crypto",
                [
                    "cipher": "aes-128-ctr",
                    "cipherparams": ["iv": .string(Hex.encode(counter))],
                    "ciphertext": .string(Hex.encode(ciphertext)), "kdf": .string(kdf),
                    "kdfparams": parameters, "mac": .string(Hex.encode(mac)),
                ]))
        members.append(JSON.Member("id", .string(id)))
        members.append(JSON.Member("version", 3))
        if let label { members.append(JSON.Member("label", .string(label))) }
        return .object(members)
    }

    /// The same key with another label.
    func labelled(_ label: String?) -> KeystoreFile {
        KeystoreFile(
            address: address, label: label, id: id, derivation: derivation, salt: salt,
            counter: counter, ciphertext: ciphertext, mac: mac)
    }
}

/// Reads members of a file, every fault naming the member.
private struct MemberReader {
    let file: String

    func fault(_ reason: String) -> WalletFault { .malformed(file: file, reason: reason) }

    func hex(
        _ json: JSON?, _ name: String, bytes: ClosedRange<Int>
    ) throws(WalletFault) -> [UInt8] {
        guard let text = json?[name]?.string, let read = Hex.decode(text),
            bytes.contains(read.count)
        else {
            let length =
                bytes.count == 1
                ? "\(bytes.lowerBound)" : "\(bytes.lowerBound) to \(bytes.upperBound)"
            throw fault("'\(name)' must be \(length) bytes in hexadecimal digits")
        }
        return read
    }

    func derivation(_ kdf: String?, _ json: JSON?) throws(WalletFault) -> KeyDerivation {
        guard let kdf else { throw fault("'kdf' is not there") }
        guard try number(json, "dklen") == 32 else {
            throw .unsupported(file: file, reason: "its 'dklen' is not 32")
        }
        let derivation: KeyDerivation
        switch kdf {
        case "scrypt":
            derivation = .scrypt(
                n: try number(json, "n"), r: try number(json, "r"), p: try number(json, "p"))
        case "pbkdf2":
            guard json?["prf"]?.string == "hmac-sha256" else {
                throw .unsupported(file: file, reason: "its 'prf' is not hmac-sha256")
            }
            derivation = .pbkdf2(iterations: try number(json, "c"))
        default:
            throw .unsupported(file: file, reason: "its 'kdf' is neither scrypt nor pbkdf2")
        }
        if let (isCostly, reason) = derivation.complaint {
            throw isCostly ? .tooCostly(file: file, reason: reason) : fault(reason)
        }
        return derivation
    }

    private func number(_ json: JSON?, _ name: String) throws(WalletFault) -> UInt64 {
        guard let number = json?[name]?.integer, number >= 0 else {
            throw fault("'\(name)' must be a whole number")
        }
        return UInt64(number)
    }
}
