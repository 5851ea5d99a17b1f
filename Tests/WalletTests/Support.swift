import Foundation
import JSON
import Ledger
import Wallet

/// A folder of its own for a test, gone afterwards.
func withFolder(_ body: (String) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.path() + "/wallet-" + UUID().uuidString
    try FileManager.default.createDirectory(
        atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try body(folder)
}

/// The permissions of a file.
func mode(_ path: String) throws -> Int {
    let attributes = try FileManager.default.attributesOfItem(atPath: path)
    return (attributes[.posixPermissions] as? NSNumber)?.intValue ?? -1
}

/// What a closure throws; nil if it does not.
func walletFault(_ body: () throws -> Void) -> WalletFault? {
    do {
        try body()
        return nil
    } catch {
        return error as? WalletFault
    }
}

func secret(_ text: String) -> SecretBytes { SecretBytes(Array(text.utf8)) }

/// Cheap, for what is not about cost.
let cheap = KeyDerivation.scrypt(n: 2, r: 1, p: 1)

/// The key whose number is this.
func key(_ number: UInt8) -> PrivateKey {
    PrivateKey([UInt8](repeating: 0, count: 31) + [number])!
}

extension PrivateKey {
    var hex: String { withSecret { Hex.encode($0) } }
}

/// A JSON text with one member replaced, or taken away for nil; `path` leads to it.
func changing(_ json: JSON, _ path: [String], to value: JSON?) -> JSON {
    guard case .object(let members) = json, let name = path.first else { return value ?? .null }
    var changed: [JSON.Member] = []
    for member in members {
        guard member.name == name else {
            changed.append(member)
            continue
        }
        if path.count > 1 {
            let inner = changing(member.value, Array(path.dropFirst()), to: value)
            changed.append(JSON.Member(name, inner))
        } else if let value {
            changed.append(JSON.Member(name, value))
        }
    }
    return .object(changed)
}

func bytes(_ json: JSON) -> [UInt8] {
    var writer = JSONWriter()
    writer.value(json)
    return writer.bytes
}
