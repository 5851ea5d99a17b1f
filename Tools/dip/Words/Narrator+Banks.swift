import JSON
import Ledger

/// One sentence for each event of the banks' contract.
extension Narrator {
    /// What an event of 0x…d105 says, nil for one that has no sentence.
    func bank(_ name: String, _ get: Arguments, _ currency: Currency) -> String? {
        let redemption = "redemption \(get["id"])"
        func sum(_ member: String) -> String { get.sum(member, currency) }
        switch name {
        case "BankAdmitted":
            return "\(get.account("operator")) is bank \(Output.clean(get["bic"], atMost: 11))"
        case "DepositTokenSet":
            return "\(currency.symbol) is the deposit token of \(get.account("operator"))"
        case "CheckerSet":
            return "\(get.account("checker")) checks what \(get.account("operator")) does"
        case "CallApproved":
            return "\(get.account("checker")) approved a call of \(get.account("operator")): "
                + get["call"]
        case "IssueLimitSet":
            return "up to \(sum("perDay")) a day may be issued without the checker"
        case "OperatorChanged":
            return "\(get.account("to")) is the bank's operator in place of \(get.account("from"))"
        case "Issued":
            return "\(sum("amount")) issued to \(get.account("to")) for payment "
                + get["paymentReference"]
        case "RedemptionRequested":
            return "\(redemption): \(get.account("owner")) asks for \(sum("amount"))"
        case "RedemptionInstructed": return "\(redemption): the bank is paying"
        case "RedemptionSettled": return "\(redemption): the bank has paid"
        case "RedemptionRejected":
            return "\(redemption): the bank could not pay: "
                + Output.clean(get["reason"], atMost: 256)
        case "RedemptionReturned": return "\(redemption): the bank did not answer in time"
        case "AutoRedeemSet":
            if get["payout"] == Hash32.zero.hex {
                return "payouts to \(get.account("account")) stay in \(currency.symbol)"
            }
            return
                "payouts to \(get.account("account")) are redeemed from \(sum("minimum")) on"
        case "AcceptedAtPar":
            return "\(get.account("other")) is taken at par for up to \(sum("limit"))"
        case "PayoutTokenSet":
            if get["token"] == Address.zero.checksummed {
                return "payouts to \(get.account("account")) are converted no more"
            }
            return "payouts to \(get.account("account")) are converted to \(currency.symbol)"
        case "Converted":
            return "\(get.account("account")) has \(sum("amount")) of its own bank for it"
        case "Recovered":
            let left = get["left"] == "0" ? "" : ", \(get["left"]) lines left"
            return "what \(get.account("from")) had is \(get.account("to"))'s\(left): "
                + get["reason"]
        case "ReserveAttested":
            return "\(sum("statementBalance")) are behind \(sum("supply")), its bank says"
        default: return nil
        }
    }
}
