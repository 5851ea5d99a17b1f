import Execution
import Ledger

/// Something that holds of the consortium between two blocks.
struct RoleFact: Hashable, Comparable {
    let what: String
    let of: String
    let value: String

    static func < (left: RoleFact, right: RoleFact) -> Bool {
        (left.what, left.of, left.value) < (right.what, right.of, right.value)
    }

    /// All that holds after the machine's last block: banks with their keys, reviewers, parameters.
    static func all(_ machine: Machine) -> Set<RoleFact> {
        var facts: Set<RoleFact> = []
        for bank in machine.bankSet.banks {
            func note(_ what: String, _ value: String) {
                facts.insert(RoleFact(what: what, of: bank.name, value: value))
            }
            note("bank", String(bank.id))
            note("operator", bank.operator.checksummed)
            note("node key", bank.nodeKey.checksummed)
            if let checker = machine.banks.record(operatedBy: bank.operator)?.checker,
                checker != .zero
            {
                note("checker", checker.checksummed)
            }
        }
        for account in machine.governance.reviewers {
            facts.insert(RoleFact(what: "reviewer", of: "", value: account.checksummed))
        }
        for name in Rules.names + ["certificateQuorum"] {
            let value = machine.governance.parameter(name)
            facts.insert(RoleFact(what: "parameter", of: name, value: value.map { "\($0)" } ?? ""))
        }
        let version = machine.versionActive(at: machine.tip.height)
        facts.insert(RoleFact(what: "parameter", of: "protocolVersion", value: "\(version)"))
        return facts
    }
}
