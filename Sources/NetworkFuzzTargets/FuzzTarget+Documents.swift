import BankDesk
import Execution
import FuzzTargets
import Gateway
import JSON
import Ledger
import Node
import Peers
import Signing

extension FuzzTarget {
    /// Files that are put before a node or a command.
    static let documents: [FuzzTarget] = [
        FuzzTarget("genesis", seeds: { [Array(GenesisDocument.text(LedgerSamples.genesis).utf8)] })
        {
            (bytes) throws(FuzzFinding) in
            guard let genesis = try? GenesisDocument.parse(bytes) else { return }
            let again = try? GenesisDocument.parse(Array(GenesisDocument.text(genesis).utf8))
            guard again?.hash == genesis.hash else {
                throw FuzzFinding("genesis: it is another one when written and read again")
            }
        },
        FuzzTarget("settings", seeds: { [Array(settings.utf8)] }) { (bytes) throws(FuzzFinding) in
            guard let settings = try? NodeSettings.parse(bytes, folder: "/node") else { return }
            let again = try? NodeSettings.parse(Array(settings.text.utf8), folder: "/elsewhere")
            guard again?.text == settings.text else {
                throw FuzzFinding("settings: they are others when written and read again")
            }
        },
        FuzzTarget("desk", seeds: { [Array(desk.utf8)] }) { (bytes) throws(FuzzFinding) in
            guard let settings = try? DeskSettings(parsing: bytes) else { return }
            _ = try? settings.check()
            var writer = JSONWriter()
            writer.value(settings.json)
            guard (try? DeskSettings(parsing: writer.bytes)) == settings else {
                throw FuzzFinding("desk: they are other settings when written and read again")
            }
        },
        FuzzTarget("reference", seeds: { [Array("Rg. 7, RF09 DIPO 42, rf59dipc7".utf8)] }) {
            (bytes) throws(FuzzFinding) in
            let text = String(decoding: bytes, as: UTF8.self)
            for reference in PaymentReference.all(in: text) {
                guard PaymentReference.all(in: "x \(reference.text)!").contains(reference) else {
                    throw FuzzFinding("reference: \(reference) is not found where it is alone")
                }
            }
        },
        FuzzTarget("token-file", seeds: { [Array(tokens.utf8)] }) {
            (bytes) throws(FuzzFinding) in
            guard let tokens = try? AccessToken.read(bytes, of: "fuzz") else { return }
            let ends = bytes.split(separator: 0x0a, omittingEmptySubsequences: false)
                .joined(separator: [0x0d, 0x0a])
            guard (try? AccessToken.read(Array(ends), of: "fuzz")) == tokens,
                Set(tokens.map(\.name)).count == tokens.count
            else { throw FuzzFinding("token-file: it has other tokens with other ends of lines") }
        },
        FuzzTarget("certificate-file", seeds: { [Array(certificate.utf8)] }) {
            (bytes) throws(FuzzFinding) in
            _ = try? CertificateFacts(der: bytes)
            guard let all = try? CertificateFacts.all(pem: bytes) else { return }
            guard !all.isEmpty else { throw FuzzFinding("certificate-file: none was read") }
        },
        FuzzTarget(
            "signer",
            seeds: {
                let digits = String(repeating: "7f", count: 64)
                return [
                    Array("\"0x\(digits)1b\"".utf8), Array("[\"0x\(digits)\"]".utf8),
                    Array(
                        #"{"signer":"https://[::1]:9","address":"0x\#(digits.prefix(40))"}"#.utf8),
                ]
            }
        ) { (bytes) throws(FuzzFinding) in
            _ = RemoteSigner.keys(in: bytes).map { RemoteSigner.name(of: .zero, among: $0) }
            _ = try? SignerFile.read(bytes, name: "fuzz", folder: "/")
            guard let signature = RemoteSigner.signature(in: bytes) else { return }
            let again = RemoteSigner.signature(in: Array(Hex.encode(signature.bytes).utf8))
            guard again == signature else {
                throw FuzzFinding("signer: a signature is another one when written and read again")
            }
        },
    ]

    private static let settings = #"""
        {"data":"data","genesis":"genesis.json","keyFile":"node.key","bank":2,
        "rpc":{"listen":"127.0.0.1:8545","certificate":"c.pem","key":"k.pem","tokens":"t","hosts":["a"],"origins":["https://a.b"]},
        "peers":{"listen":"[::1]:4000","certificate":"c.pem","key":"k.pem","authorities":"a.pem","introducedAt":7,
        "introductions":[{"bank":1,"nodeKey":"0x7e5f4552091a69125d5dfcb7b8c2659029395bdf","endpoint":"bank-1:4000"}]},
        "adminSocket":"s","logLevel":"info","cacheCells":4096,"keepBlocks":9}
        """#

    private static let desk = #"""
        {"node":"unix:s","chainId":7,"genesis":"0x\#(String(repeating: "1", count: 64))",
        "bank":"0x7e5f4552091a69125d5dfcb7b8c2659029395bdf","token":"0x2b5ad5c4795c026514f8317c7a215e218dccd6cf",
        "currency":"EUR","account":"DE89 3704 0044 0532 0130 00","bic":"COBADEFFXXX","name":"Bank","passwordFile":"p",
        "signerFile":"s.json","takesAllCharacters":false,"largestFile":9,"issuesPerTransaction":9,"paymentsPerFile":9}
        """#

    private static let tokens =
        "# name scopes secret\nerp read,send \(String(repeating: "a", count: 32))\n\nmonitor\tread "
        + String(repeating: "b", count: 33)

    /// Of nobody, for samples only.
    private static let certificate = """
        -----BEGIN CERTIFICATE-----
        MIIBoDCCAUegAwIBAgIUArpnY3TviAah5dITA8Mt0nlvQTEwCgYIKoZIzj0EAwIw
        FTETMBEGA1UEAwwKRmlyc3QgQmFuazAeFw0yNjExMjYwMDI1MzlaFw0zNjExMjMw
        MDI1MzlaMBUxEzARBgNVBAMMCkZpcnN0IEJhbmswWTATBgcqhkjOPQIBBggqhkjO
        PQMBBwNCAAQEPhJAExj68CPdQnz6JIBVppN2H1C0OsV7NQGloO+Y2wX4ix1zqLgM
        2OSd2zOI/TXIywkCLpaTKc/3WbiFuUcNo3UwczAdBgNVHQ4EFgQUYyU0s3nfnlDZ
        Nak/wcbvyUIncfgwHwYDVR0jBBgwFoAUYyU0s3nfnlDZNak/wcbvyUIncfgwDwYD
        VR0TAQH/BAUwAwEB/zAgBgNVHREEGTAXhg1kaXBuZXQ6MzM1NToxggZiYW5rLTEw
        CgYIKoZIzj0EAwIDRwAwRAIgIYgJk/NaxwpsMD84dAk1w1ILBBkuqEZT6HK9N3M9
        fnICIG+Uvbg/1Xe6WC4FQRvN9yiWDhTEJsILznGeMNNeL6YJ
        -----END CERTIFICATE-----
        """
}
