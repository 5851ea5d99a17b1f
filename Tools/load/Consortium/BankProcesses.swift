import Foundation
import Glibc
import JSON

/// The nodes of several banks, each a process of its own, that meet over TLS on this machine.
final class BankProcesses {
    let nodes: [NodeProcess]

    /// Founds a consortium in a folder and starts its nodes.
    init(count: Int, dip: String, folder: String) throws {
        let home = folder + "/banks"
        // Below the ports that the system gives to connections.
        let base = 20_000 + Int(getpid()) % 10_000
        let founding = Process()
        founding.executableURL = URL(fileURLWithPath: dip)
        founding.arguments = [
            "consortium", "init", "--banks", "\(count)", "--output", home, "--base-port", "\(base)",
        ]
        founding.standardOutput = FileHandle.nullDevice
        try founding.run()
        founding.waitUntilExit()
        guard founding.terminationStatus == 0 else {
            throw LoadFailure("the consortium could not be founded in \(home)")
        }
        nodes = (1...count).map { bank in
            NodeProcess(
                dip: dip, folder: "\(home)/bank\(bank)",
                arguments: ["node", "--config", "\(home)/bank\(bank)/node.json"])
        }
        do {
            for node in nodes { try node.start() }
            _ = try leader()
        } catch {
            stop()
            throw error
        }
    }

    /// The node that leads; waits until the others have heard of it too.
    func leader() throws -> Int {
        let end = now() + 60
        while now() < end {
            let views = nodes.filter(\.isRunning).map { try? Asker(port: $0.port).leader() }
            if let first = views.first, let bank = first, views.allSatisfy({ $0 == bank }) {
                return bank - 1
            }
            usleep(5_000)
        }
        throw LoadFailure("no node leads")
    }

    /// Waits until all running nodes have the same last block.
    func settle() throws {
        let end = now() + 120
        while now() < end {
            let heights = try nodes.filter(\.isRunning).map { try Asker(port: $0.port).height() }
            if Set(heights).count == 1 { return }
            usleep(2_000)
        }
        throw LoadFailure("the nodes do not come to the same block")
    }

    func stop() { for node in nodes { node.kill() } }
}

extension Asker {
    /// The number of the bank that leads, as far as the node knows; nil if it knows none.
    func leader() throws -> Int? {
        try call("dip_consortium", "[]")["ordering"]?["leader"]?.integer.map { Int($0) }
    }
}
