import Execution
import Ledger

/// What in a block made a fact hold or end.
struct RoleCause {
    var transaction: Hash32?
    var proposal: UInt64?
    var by: [Address] = []
    /// Which facts it concerns.
    let concerns: (RoleFact) -> Bool

    /// A proposal that was carried out; `bank` names the bank of an operator as it was before the block.
    init(
        _ proposal: UInt64, _ content: Governance.Content, bank: (Address) -> String?
    ) {
        self.proposal = proposal
        by = content.yes
        switch content.change {
        case .admitBank(let name, _, _, _):
            concerns = { $0.of == name || $0.of == "certificateQuorum" }
        case .removeBank(let account):
            let name = bank(account)
            concerns = { $0.of == name || $0.of == "certificateQuorum" }
        case .rotateKey(let account, let which, _):
            let name = bank(account)
            // The bank's other keys may be changed in the same block, by itself or another decision.
            let what =
                switch which {
                case .node: "node key"
                case .operator: "operator"
                case .checker: "checker"
                }
            concerns = { $0.what == what && $0.of == name }
        case .setParameter(let name, _):
            concerns = { $0.what == "parameter" && $0.of == name }
        case .admitReviewer(let account), .removeReviewer(let account):
            concerns = { $0.what == "reviewer" && $0.value == account.checksummed }
        case .activateVersion:
            concerns = { $0.what == "parameter" && $0.of == "protocolVersion" }
        case .payTreasury, .suspendTemplate: concerns = { _ in false }
        }
    }

    /// A bank that changed one of its keys itself.
    init(_ what: String, _ account: Address, by bank: Address, _ transaction: Hash32?) {
        self.transaction = transaction
        by = [bank]
        concerns = { $0.what == what && $0.value == account.checksummed }
    }
}
