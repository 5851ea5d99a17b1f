import Execution
import Ledger
import Tokens

/// Tokens of any issuer, and fees for others.
extension GasWork {
    /// Issues a token, of which its issuer has very much.
    mutating func token(
        _ controls: UInt64, supply: UInt128 = 1 << 90, by issuer: Int = 0
    ) throws -> Address {
        try run([
            Call(
                by: issuer, to: .tokens,
                data: encoded(ITokens.Function.create.rawValue, 1) {
                    $0.write(
                        ITokens.NewToken(
                            name: "Money", symbol: "M", decimals: 2, cap: 0, initialSupply: supply,
                            controls: controls, uri: ""))
                })
        ])
        return machine.tokens.address(of: TokenID(rawValue: machine.tokens.count))
    }

    private func pair(_ function: IToken.Function, _ account: Int) -> [UInt8] {
        encoded(function.rawValue, 2) {
            $0.write(Self.fresh(account))
            $0.write(1 as UInt128)
        }
    }

    mutating func tokenRows() throws {
        try add(
            "create, in a batch",
            many(100, to: .tokens) { _ in
                encoded(ITokens.Function.create.rawValue, 1) {
                    $0.write(
                        ITokens.NewToken(
                            name: String(repeating: "n", count: 64), symbol: "M", decimals: 2,
                            cap: 0,
                            initialSupply: 1, controls: 63, uri: String(repeating: "u", count: 256))
                    )
                }
            })
        let money = try token(31)
        try add(
            "transfer to new accounts, in a batch",
            many(1000, by: 0, to: money) { pair(.transfer, 0 + $0) })
        try add(
            "mint to new accounts, in a batch",
            many(1000, by: 0, to: money) { pair(.mint, 2_000 + $0) })
        try add("approve, in a batch", many(1000, by: 0, to: money) { pair(.approve, 0 + $0) })
        try add(
            "freeze new accounts, in a batch",
            many(1000, by: 0, to: money) { pair(.freeze, 4_000 + $0) })
        forget()
        try add(
            "balanceOf, read anew, in a batch",
            many(1000, by: 0, to: money) { index in
                encoded(IToken.Function.balanceOf.rawValue, 1) { $0.write(Self.fresh(index)) }
            })
        try add(
            "pause and unpause, in a batch",
            many(1000, by: 0, to: money) {
                encoded(
                    ($0 % 2 == 0 ? IToken.Function.pause : .unpause).rawValue, 0
                ) { _ in }
            })
        try add(
            "eip712Domain, in a batch",
            many(500, by: 0, to: money) { _ in
                encoded(IToken.Function.eip712Domain.rawValue, 0) { _ in }
            })
        try add(
            "clawback, in a batch",
            many(500, by: 0, to: money) { index in
                encoded(IToken.Function.clawback.rawValue, 4) {
                    $0.write(Self.fresh(index))
                    $0.write(address(0))
                    $0.write(1 as UInt128)
                    $0.write(word: .zero)
                }
            })
        let payees = (0..<5_000).map { Self.fresh($0 + 10_000) }
        func batch(_ last: Address) -> Call {
            Call(
                to: money,
                data: encoded(IToken.Function.transferBatch.rawValue, 2) {
                    $0.write(array: payees + [last])
                    $0.write(array: (payees + [last]).map { _ in 1 as UInt128 })
                })
        }
        try add(
            "transferBatch refused, \(payees.count) new accounts", [batch(.zero)], mayFail: true)
        try add("transferBatch to \(payees.count) new accounts", [batch(address(0))])
        forget()
        try add("transferBatch to \(payees.count) accounts, read anew", [batch(address(0))])
        try permitRows(money)
        try feeRows()
    }

    private mutating func permitRows(_ money: Address) throws {
        let domain = EIP712.Domain(chainID: Genesis.developmentChainID, contract: money)
        let key = accounts.key(0)
        let (owner, spender) = (address(0), address(2))
        let permits = (0..<200).map { nonce in
            let deadline = Hash32(word: 1 << 40 as UInt128)
            let signature = EIP712.Permit(
                owner: owner, spender: spender, value: .allOnes, nonce: UInt64(nonce),
                deadline: deadline
            ).sign(with: key, in: domain)
            return encoded(IToken.Function.permit.rawValue, 7) {
                $0.write(owner)
                $0.write(spender)
                $0.write(word: .allOnes)
                $0.write(word: deadline)
                $0.write(signature.v)
                $0.write(word: signature.r)
                $0.write(word: signature.s)
            }
        }
        try add("permit, in a batch", many(200, to: money) { permits[$0] })
        try add(
            "transferFrom to new accounts, in a batch",
            many(500, to: money) { index in
                encoded(IToken.Function.transferFrom.rawValue, 3) {
                    $0.write(owner)
                    $0.write(Self.fresh(30_000 + index))
                    $0.write(1 as UInt128)
                }
            })
    }

    private mutating func feeRows() throws {
        let dip = Address.contract(0xd100)
        try add(
            "grantFees to new accounts, in a batch",
            many(500, to: dip) { index in
                encoded(IDip.Function.grantFees.rawValue, 3) {
                    $0.write(Self.fresh(index))
                    $0.write(1 as UInt128)
                    $0.write(1 << 40 as UInt64)
                }
            })
        try run(
            (100..<300).map { index in
                Call(
                    by: Self.buyer, to: dip,
                    data: encoded(IDip.Function.grantFees.rawValue, 3) {
                        $0.write(address(index))
                        $0.write(UInt128.max)
                        $0.write(1 << 40 as UInt64)
                    })
            }
                + (100..<300).map { index in
                    Call(
                        by: index, to: dip,
                        data: encoded(IDip.Function.setFeePayer.rawValue, 1) {
                            $0.write(address(Self.buyer))
                        })
                })
        forget()
        try add(
            "DIP of nothing, another pays the fee, read anew",
            (100..<300).map { Call(by: $0, to: Self.fresh($0), data: []) })
    }
}
