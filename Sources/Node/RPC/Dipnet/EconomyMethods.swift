import Execution
import Gateway
import JSON
import Ledger
import Tokens

/// Where DIP is, where it came from, and who gets the fees.
extension RPCMethods {
    mutating func addEconomy(_ context: RPCContext) {
        offloaded("dip_economy") { _, writer in
            let report = context.reading { EconomyReport($0) }
            writer.write(report, context.royalties())
        }
    }
}

/// What a template's developer earned with it.
struct TemplateRoyalty {
    let id: Hash32
    let use: TemplateUse
}

extension RPCContext {
    /// How many templates are looked at, and how many are told.
    private static let (templatesMax, royaltiesMax): (UInt64, Int) = (10_000, 100)

    /// The templates whose developers earned most, of the newest ones.
    fileprivate func royalties() -> [TemplateRoyalty] {
        let count = reading { $0.templates.count }
        var found: [TemplateRoyalty] = []
        // One at a time, so that blocks do not wait for a long list.
        for index in (count - min(count, Self.templatesMax))..<count {
            let royalty = reading { machine in
                machine.templates.id(at: index).map {
                    TemplateRoyalty(id: $0, use: machine.templates.use(of: $0))
                }
            }
            if let royalty, royalty.use.orders > 0 { found.append(royalty) }
        }
        found.sort { ($0.use.earned, $0.use.orders) > ($1.use.earned, $1.use.orders) }
        return Array(found.prefix(Self.royaltiesMax))
    }
}

/// What the economy has come to after the last block, read at once.
struct EconomyReport {
    /// An epoch and who is known to have signed in it.
    struct Signed {
        let epoch: Epoch
        let fees: UInt128
        let heights: Int
        let banks: [(id: UInt64, count: UInt32)]
    }

    let height: UInt64
    let supply: UInt128
    let accounts: Int
    /// What genesis gave the treasury.
    let endowment: UInt128
    let totals: [EconomyTotal: UInt128]
    let treasury: UInt128
    /// What was given to the treasury beside fees.
    let given: UInt128
    let deposits: UInt128
    let nodeShare: UInt16
    let epoch: Signed
    let previous: Signed?
    let lastPaid: EpochAccount?
    let banks: BankSet

    init(_ machine: Machine) {
        let economy = machine.economy
        height = machine.tip.height
        supply = machine.tokens.supply(of: .dip)
        accounts = machine.genesis.allocations.count
        totals = Dictionary(
            uniqueKeysWithValues: EconomyTotal.allCases.map { ($0, economy.total($0)) })
        treasury = machine.tokens.balance(of: .treasury, in: .dip)
        deposits = machine.tokens.balance(of: .templates, in: .dip)
        endowment =
            machine.genesis.allocations.first { $0.account == .treasury }?.amount.units ?? 0
        given = treasury &- economy.treasury(endowment: endowment)
        nodeShare = machine.rules.nodeShare
        epoch = Self.signed(economy, economy.epoch, fees: economy.epochFees)
        previous = economy.previous.map { Self.signed(economy, $0.epoch, fees: $0.fees) }
        lastPaid = economy.lastPaid
        banks = machine.bankSet
    }

    private static func signed(_ economy: Economy, _ epoch: Epoch, fees: UInt128) -> Signed {
        let (heights, banks) = economy.signed(in: epoch)
        return Signed(epoch: epoch, fees: fees, heights: heights, banks: banks)
    }
}

extension JSONWriter {
    fileprivate mutating func write(_ report: EconomyReport, _ templates: [TemplateRoyalty]) {
        func total(_ total: EconomyTotal) -> UInt128 { report.totals[total] ?? 0 }
        object { writer in
            writer.member("height", number: report.height)
            writer.member("supply", amount: report.supply)
            writer.key("allocation")
            writer.object { writer in
                writer.member("accounts", number: report.accounts)
                writer.member("treasury", amount: report.endowment)
            }
            writer.key("fees")
            writer.object { writer in
                writer.member("transactions", amount: total(.transactionFee))
                writer.member("publications", amount: total(.publicationFee))
                writer.member("reviews", amount: total(.reviewFee))
            }
            writer.key("royalties")
            writer.object { writer in
                writer.member("developers", amount: total(.royaltyDeveloper))
                writer.member("reviewers", amount: total(.royaltyReviewers))
                writer.member("treasury", amount: total(.royaltyTreasury))
                writer.key("templates")
                writer.array(of: templates) { writer, royalty in
                    writer.object { writer in
                        writer.member("id", hash: royalty.id)
                        writer.member("uses", number: royalty.use.orders)
                        writer.member("earned", amount: royalty.use.earned)
                    }
                }
            }
            writer.key("treasury")
            writer.object { writer in
                writer.member("balance", amount: report.treasury)
                writer.member("given", amount: report.given)
                writer.member("paidForEpochs", amount: total(.epochPayment))
                writer.member("paidByDecision", amount: total(.treasuryPayment))
            }
            writer.member("deposits", amount: report.deposits)
            writer.member("nodeShare", number: report.nodeShare)
            writer.key("epoch")
            writer.write(report.epoch, report.banks)
            if let previous = report.previous {
                writer.key("previous")
                writer.write(previous, report.banks)
            }
            if let paid = report.lastPaid {
                writer.key("lastPaid")
                writer.write(paid)
            }
        }
    }

    private mutating func write(_ signed: EconomyReport.Signed, _ banks: BankSet) {
        object { writer in
            writer.member("number", number: signed.epoch.number)
            writer.member("first", number: signed.epoch.first)
            writer.member("last", number: signed.epoch.last)
            writer.member("fees", amount: signed.fees)
            writer.member("sampledEvery", number: signed.epoch.stride)
            writer.member("sampled", number: signed.heights)
            writer.key("signed")
            writer.array(of: signed.banks) { writer, counted in
                let bank = banks[id: counted.id]
                writer.object { writer in
                    writer.member("bank", number: counted.id)
                    writer.member("operator", address: bank?.operator)
                    writer.member("count", number: counted.count)
                }
            }
        }
    }

    private mutating func write(_ paid: EpochAccount) {
        object { writer in
            writer.member("epoch", number: paid.epoch)
            writer.member("fees", amount: paid.fees)
            writer.member("paid", amount: paid.paid)
            writer.key("parts")
            writer.array(of: paid.parts) { writer, part in
                writer.object { writer in
                    writer.member("bank", number: part.bank)
                    writer.member("account", address: part.account == .zero ? nil : part.account)
                    writer.member("count", number: part.signed)
                    writer.member("amount", amount: part.amount)
                }
            }
        }
    }
}
