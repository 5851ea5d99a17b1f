import Gateway
import Logging
import Signing
import TestSupport

@testable import Node

extension NodeService {
    /// A node on real files with the development genesis, with a door for strangers and a socket file.
    static func start(in folder: TemporaryFolder) async throws -> NodeService {
        var configuration = NodeConfiguration(
            folder: folder.path + "/data",
            genesis: DevelopmentKeys.genesis(timeMillis: 1_700_000_000_000),
            key: .local(DevelopmentKeys.key(0)!), verifiers: 1)
        configuration.diskReserve = 0
        return try await start(
            configuration,
            doors: Doors(
                rpc: ServerConfiguration(address: .tcp(host: "127.0.0.1", port: 0)),
                adminSocket: folder.path + "/admin.sock"),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }
}
