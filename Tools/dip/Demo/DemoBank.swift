import JSON
import Ledger

/// The bank of the development ledger: published key 0, which has test DIP.
struct DemoBank {
    /// Its currency on the ledger.
    static let symbol = "USDX"
    /// How many payments go into one transaction.
    private static let batchSize = 200

    let ledger: DemoLedger
    let key: PrivateKey

    init(_ ledger: DemoLedger) throws {
        guard ledger.chainID == 3355 else {
            throw Failure.failed("the demo runs on a development ledger only, chain id 3355")
        }
        self.ledger = ledger
        key = .development(0)
    }

    /// Issues a deposit token, all of which the bank has at first.
    func issue(_ supply: UInt128, decimals: Int) async throws -> Address {
        let token = ITokens.NewToken(
            name: "Example Bank Dollar", symbol: Self.symbol, decimals: UInt8(clamping: decimals),
            cap: 0, initialSupply: supply, controls: 0, uri: "")
        let receipt = try await ledger.perform(
            DemoCall(by: key, .tokens, ITokens.Function.create, words: 1) { $0.write(token) })
        guard let address = Hash32(receipt.output)?.address else {
            throw Failure.failed("the new token has no address")
        }
        return address
    }

    /// Sends amounts of a token, or of DIP, many in one transaction.
    ///
    /// - Returns: the block of the last.
    @discardableResult
    func pay(
        _ payments: [(to: Address, amount: UInt128)], in token: Address
    ) async throws -> UInt64 {
        var block: UInt64 = 0
        for start in stride(from: 0, to: payments.count, by: Self.batchSize) {
            let part = payments[start..<min(start + Self.batchSize, payments.count)]
            block = try await ledger.perform(
                DemoCall(by: key, token, IToken.Function.transferBatch, words: 2) {
                    $0.write(array: part.map(\.to))
                    $0.write(array: part.map(\.amount))
                }
            ).block
        }
        return block
    }
}
