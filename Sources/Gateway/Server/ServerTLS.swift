import Files
import NIOSSL

/// TLS for a server: version 1.3, HTTP/1.1, keys from files.
enum ServerTLS {
    static func context(
        _ files: ServerConfiguration.TLSFiles
    ) throws(ServerFault) -> NIOSSLContext {
        do throws(FileFault) {
            try PrivateFile.check(files.privateKey)
        } catch {
            throw ServerFault(error.description(of: "private key"))
        }
        do {
            let chain = try NIOSSLCertificate.fromPEMFile(files.certificateChain)
            let key = try NIOSSLPrivateKey(file: files.privateKey, format: .pem)
            var configuration = TLSConfiguration.makeServerConfiguration(
                certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
            configuration.minimumTLSVersion = .tlsv13
            configuration.applicationProtocols = ["http/1.1"]
            return try NIOSSLContext(configuration: configuration)
        } catch {
            throw ServerFault(
                "cannot use the certificate \(files.certificateChain) with the key "
                    + "\(files.privateKey): \(error); both have to be PEM files")
        }
    }
}
