import Ledger
import Tokens

extension TestLedger {
    /// Deposit tokens of two banks, one of which takes the other's at par, before the checkpoint of block 20;
    /// other limits and keys behind it.
    enum BankActs {
        /// Of bank 0, and of bank 1.
        static let (east, west) = (TokenID(rawValue: 2), TokenID(rawValue: 3))
        static let (buyer, supplier) = (4, 3)
        static let nextOperator = PrivateKey(Keccak256.hash("next operator").bytes)!.address

        static let all: [UInt64: [Act]] = [
            13: [create(by: 0, "EMO"), create(by: 1, "WMO")],
            14: [
                bic(0, "EASTDEFF"), bic(1, "WESTDEFF"), depositToken(0, east),
                depositToken(1, west), checker(0, 2), checker(1, 5),
            ],
            15: approved(issueLimit(1_000), by: 2) + approved(parLimit(400), by: 5),
            16: [
                call(.issue, by: 0, words: 4) {
                    $0.write(east.address)
                    $0.write(keys[buyer].address)
                    $0.write(900 as UInt128)
                    $0.write(word: Hash32(word: 1))
                },
                call(.setPayoutToken, by: supplier, words: 1) { $0.write(west.address) },
            ],
            17: [open(), fund(3, 300)],
            24: approved(issueLimit(2_000), by: 2) + approved(bic(0, "OSTBDEFF"), by: 2)
                + [parLimit(200)],
            25: [propose()],
            26: [vote()] + approved(nextOperator(of: 1), by: 5),
        ]

        private static func call(
            _ function: IBanks.Function, by: Int, words: Int, _ body: (inout ABIWriter) -> Void
        ) -> Act {
            var writer = ABIWriter(selector: function.rawValue, words: words)
            body(&writer)
            return Act(by: by, to: .banks, data: writer.finish())
        }

        /// A call behind its approval by a checker.
        private static func approved(_ act: Act, by checker: Int) -> [Act] {
            let approval = call(.approve, by: checker, words: 1) {
                $0.write(word: Keccak256.hash(act.data))
            }
            return [approval, act]
        }

        private static func create(by bank: Int, _ symbol: String) -> Act {
            var writer = ABIWriter(selector: ITokens.Function.create.rawValue, words: 1)
            writer.write(
                ITokens.NewToken(
                    name: symbol, symbol: symbol, decimals: 2, cap: 0, initialSupply: 0,
                    controls: ([.mint, .burn, .pause, .freeze, .clawback] as TokenControls)
                        .rawValue,
                    uri: ""))
            return Act(by: bank, to: .tokens, data: writer.finish())
        }

        private static func bic(_ bank: Int, _ bic: String) -> Act {
            call(.setBic, by: bank, words: 1) { $0.write(string: bic) }
        }

        private static func depositToken(_ bank: Int, _ token: TokenID) -> Act {
            call(.setDepositToken, by: bank, words: 2) {
                $0.write(token.address)
                $0.write(fixedBytes: Array("EUR".utf8))
            }
        }

        private static func checker(_ bank: Int, _ checker: Int) -> Act {
            call(.setChecker, by: bank, words: 1) { $0.write(keys[checker].address) }
        }

        private static func issueLimit(_ perDay: UInt128) -> Act {
            call(.setIssueLimit, by: 0, words: 2) {
                $0.write(east.address)
                $0.write(perDay)
            }
        }

        private static func parLimit(_ limit: UInt128) -> Act {
            call(.acceptAtPar, by: 1, words: 2) {
                $0.write(east.address)
                $0.write(limit)
            }
        }

        private static func nextOperator(of bank: Int) -> Act {
            call(.setOperator, by: bank, words: 1) { $0.write(nextOperator) }
        }

        private static func open() -> Act {
            var writer = ABIWriter(selector: IOrders.Function.open.rawValue, words: 1)
            writer.write(
                IOrders.Terms(
                    token: east.address, buyer: keys[buyer].address,
                    lines: [IOrders.Line(tier: 0, payee: keys[supplier].address, amount: 300)],
                    gates: []))
            return Act(by: buyer, to: .orders, data: writer.finish())
        }

        private static func fund(_ order: UInt64, _ amount: UInt128) -> Act {
            var writer = ABIWriter(selector: IOrders.Function.fund.rawValue, words: 2)
            writer.write(order)
            writer.write(amount)
            return Act(by: buyer, to: .orders, data: writer.finish())
        }

        /// Another node key for bank 1, which is decided in the block in which it asks for another operator.
        private static func propose() -> Act {
            let change = IGovernance.Change.rotateKey(
                bank: keys[1].address, which: .node, key: keys[3].address)
            var writer = ABIWriter(selector: IGovernance.Function.propose.rawValue, words: 3)
            writer.write(change.kind)
            writer.write(bytes: IGovernance.Proposal(change, from: 0).data)
            writer.write(UInt64.max)
            return Act(by: 0, to: .treasury, data: writer.finish())
        }

        private static func vote() -> Act {
            var writer = ABIWriter(selector: IGovernance.Function.vote.rawValue, words: 2)
            writer.write(3 as UInt64)
            writer.write(true)
            return Act(by: 1, to: .treasury, data: writer.finish())
        }
    }
}
