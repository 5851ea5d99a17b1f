import ArgumentParser
import Execution
import Foundation
import Gateway
import Ledger
import Logging
import Node
import Signing
import Wallet

extension NodeCommand {
    /// What the command line and the file come to.
    struct Setup {
        let configuration: NodeConfiguration
        let doors: NodeService.Doors
        let logLevel: Logger.Level

        /// Where the node answers.
        func url(port: Int?) -> String {
            guard case .tcp(let host, let asked) = doors.rpc.address else { return "" }
            let address = ListenAddress(host: host, port: port ?? asked)
            return "\(doors.rpc.tls == nil ? "http" : "https")://\(address)"
        }
    }

    /// Puts options, file and defaults together, the first that says something first.
    func setup() throws -> Setup {
        let settings = try config.map { try Self.settings(in: $0) }
        let folder = try dataFolder(settings)
        return Setup(
            configuration: try configuration(folder, settings),
            doors: NodeService.Doors(
                rpc: try rpc(settings),
                adminSocket: settings?.adminSocket ?? folder + "/admin.sock"),
            logLevel: logLevel ?? settings?.logLevel ?? .notice)
    }

    /// Reads a file of settings.
    static func settings(in file: String) throws -> NodeSettings {
        let bytes: [UInt8]
        do {
            bytes = try Input.bytes(file, atMost: NodeSettings.byteLimit)
        } catch {
            throw Failure.usage("\(error)")
        }
        let folder = file.lastIndex(of: "/").map { String(file[..<$0]) } ?? "."
        do {
            return try NodeSettings.parse(bytes, folder: folder)
        } catch {
            throw Failure.usage("\(file): \(error)")
        }
    }

    private func dataFolder(_ settings: NodeSettings?) throws -> String {
        if let data = data ?? settings?.data { return data }
        guard dev else {
            throw ValidationError("give the folder of the node's data with --data, or --config")
        }
        return DevelopmentFolder.path
    }

    private func configuration(
        _ folder: String, _ settings: NodeSettings?
    ) throws -> NodeConfiguration {
        let genesis = try GenesisFile.load(
            from: genesis ?? settings?.genesis, folder: folder, isDevelopment: dev,
            startTime: startTime)
        guard !dev || genesis.chainID == Genesis.developmentChainID else {
            throw Failure.usage(
                "--dev is for chain id \(Genesis.developmentChainID); this genesis has \(genesis.chainID)"
            )
        }
        var configuration = NodeConfiguration(
            folder: folder, genesis: genesis, key: try nodeKey(settings),
            verifiers: ProcessInfo.processInfo.activeProcessorCount)
        configuration.bank = settings?.bank
        configuration.peering = settings?.peers
        configuration.keepBlocks = keepBlocks ?? settings?.keepBlocks
        configuration.isClockManual = clock == .manual
        if let cells = cacheCells ?? settings?.cacheCells {
            configuration.cellLimit = max(cells, 1 << 12)
        }
        return configuration
    }

    private func nodeKey(_ settings: NodeSettings?) throws -> SigningKey {
        if let file = keyFile ?? settings?.keyFile {
            do throws(WalletFault) {
                return try .read(file)
            } catch {
                throw Failure.usage("the node's key file \(file): \(error)")
            }
        }
        guard dev, let key = DevelopmentKeys.key(0) else {
            throw ValidationError("give the node's key with --key-file, or --config")
        }
        return .local(key)
    }

    private func rpc(_ settings: NodeSettings?) throws -> ServerConfiguration {
        let door = settings?.rpc
        var rpc = ServerConfiguration(
            address: .tcp(
                host: host ?? door?.listen.host ?? "127.0.0.1",
                port: port ?? door?.listen.port ?? 8545))
        rpc.limits.connections = OpenFiles.connections(
            within: OpenFiles.raiseLimit(), most: rpc.limits.connections)
        rpc.limits.refusals = refusals(door, rpc.limits.refusals)
        rpc.hosts = allowHost.isEmpty ? door?.hosts ?? [] : allowHost
        rpc.origins = allowOrigin.isEmpty ? door?.origins ?? [] : allowOrigin
        rpc.proxies = proxy.isEmpty ? door?.proxies ?? [] : proxy
        rpc.allowsUnprotectedAddress = unprotected || door?.isUnprotected ?? false
        switch (tlsCertificate ?? door?.certificate, tlsKey ?? door?.key) {
        case (let certificate?, let key?):
            rpc.tls = .init(certificateChain: certificate, privateKey: key)
        case (nil, nil): break
        default: throw ValidationError("--tls-certificate and --tls-key go together")
        }
        if let tokens = tokens ?? door?.tokens {
            do {
                rpc.tokens = try AccessToken.read(file: tokens)
            } catch {
                throw Failure.usage("\(error)")
            }
        }
        return rpc
    }

    private func refusals(_ door: NodeSettings.Door?, _ usual: RateLimit?) -> RateLimit? {
        guard var limit = usual else { return nil }
        limit.callsPerSecond =
            refusalsPerSecond ?? door?.refusalsPerSecond ?? limit.callsPerSecond
        limit.burst = refusalsAtOnce ?? door?.refusalsAtOnce ?? limit.burst
        return limit
    }
}
