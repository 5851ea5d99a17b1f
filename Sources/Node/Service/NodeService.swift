import Gateway
import Logging

/// A node with its doors: JSON-RPC for everybody, administration on a socket file.
public final class NodeService: Sendable {
    /// Where the doors are, and who may pass.
    public struct Doors: Sendable {
        /// The door for reads and signed transactions.
        public var rpc: ServerConfiguration
        /// The socket file for administration, made with mode 0600.
        public var adminSocket: String

        /// Names the doors.
        public init(rpc: ServerConfiguration, adminSocket: String) {
            self.rpc = rpc
            self.adminSocket = adminSocket
        }
    }

    /// The node behind the doors.
    public let node: Node
    /// The port of the door for everybody; nil where it is a socket file.
    public let port: Int?
    private let servers: [RPCServer]

    private init(node: Node, servers: [RPCServer]) {
        self.node = node
        self.servers = servers
        port = servers.first?.port
    }

    /// Starts a node, then opens its doors.
    ///
    /// - Throws: ``NodeFault``, also where an address cannot be had.
    public static func start(
        _ configuration: NodeConfiguration, doors: Doors, logger: Logger
    ) async throws(NodeFault) -> NodeService {
        let node = try Node.start(configuration, logger: logger)
        let metrics = Metrics()
        let methods = rpcMethods(for: node)
        let routes = nodeRoutes(for: node, metrics: metrics)
        var admin = ServerConfiguration(address: .unix(path: doors.adminSocket))
        // All the bank's own programs are one client there.
        admin.limits.refusals = nil
        var servers: [RPCServer] = []
        do {
            servers.append(
                try await RPCServer.start(
                    doors.rpc, methods: publicMethods(for: node, of: methods), routes: routes,
                    metrics: metrics, logger: logger))
            servers.append(
                try await RPCServer.start(
                    admin, methods: adminMethods(for: node, adding: methods), routes: routes,
                    metrics: metrics, logger: logger))
            // Streams and answers that wait to be sent are of what the ledger does not have.
            // The server has the node, by its methods: the node must not have the server, lest its stores stay open.
            node.halting.whenDiverged { [weak strangers = servers[0]] in
                strangers?.endConnections()
            }
            try await node.meetPeers()
            return NodeService(node: node, servers: servers)
        } catch {
            for server in servers { await server.stop() }
            await node.leavePeers()
            node.stop()
            throw error as? NodeFault ?? Self.fault(of: error)
        }
    }

    private static func fault(of error: any Error) -> NodeFault {
        guard let fault = error as? ServerFault, !fault.isPassing else { return .door("\(error)") }
        return .configuration(fault.description)
    }

    /// Closes the doors, then stops the node.
    public func stop() async {
        // First another leads, so that the others' clients do not wait for an election.
        await node.leavePeers()
        for server in servers { await server.stop() }
        node.stop()
    }
}
