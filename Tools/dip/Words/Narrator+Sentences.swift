import JSON
import Ledger

/// One sentence for each event of the ledger's contracts.
extension Narrator {
    /// What an event says, for a person.
    func sentence(_ event: JSON) async throws -> String {
        let name = event["event"]?.string ?? "?"
        let arguments = Arguments(event["args"] ?? .null, session.names)
        switch event["contract"]?.string {
        case "Orders":
            let id = arguments.number("order")
            // In a dry run the order itself is not there, but what opened it names its token.
            if name == "Opened", let id, let token = arguments.json["token"]?.address {
                session.learn(try await session.currencyIfKnown(token), ofOrder: id)
            }
            let currency = try await session.currencyIfKnown(ofOrder: id)
            return order(name, arguments, currency) ?? plain(event)
        case "Claims":
            let id = arguments.json["order"]?.whole64 ?? arguments.orderOfClaim("id")
            let currency = try await session.currencyIfKnown(ofOrder: id)
            return claim(name, arguments, currency) ?? plain(event)
        case "Tokens", "Entities", "Governance", "Batch":
            return other(name, arguments) ?? plain(event)
        case "Templates": return template(name, arguments) ?? plain(event)
        case "Banks":
            let token = arguments.json[name == "Converted" ? "to" : "token"]?.address
            let currency = try await session.currencyIfKnown(token)
            return bank(name, arguments, currency) ?? plain(event)
        default:
            let currency = try await session.currencyIfKnown(event["address"]?.address)
            return money(name, arguments, currency) ?? plain(event)
        }
    }

    /// Name and arguments, for what has no sentence.
    private func plain(_ event: JSON) -> String {
        let list = (event["args"]?.object ?? []).map { "\($0.name) \($0.value.plain)" }
        let name = "\(event["contract"]?.plain ?? "?").\(event["event"]?.plain ?? "?")"
        return Output.clean("\(name)(\(list.joined(separator: ", ")))")
    }

    private func order(_ name: String, _ get: Arguments, _ currency: Currency?) -> String? {
        let order = "order \(get["order"])"
        func sum(_ member: String) -> String { get.sum(member, currency) }
        return switch name {
        case "Opened": "\(order) opened: \(get.account("buyer")) owes \(sum("price"))"
        case "Accepted": "\(order) accepted by its buyer"
        case "Declined": "\(order) declined by \(get.account("by"))"
        case "ConsentSet":
            "\(get.account("account")) "
                + (get.flag("on") ? "consents to set-off" : "no longer consents to set-off")
        case "Funded":
            "\(order) received \(sum("amount")) from \(get.party("from", "fromOrder"))"
        case "Attested":
            "\(get.account("attestor")) says that gate \(get["gate"]) of \(order) is fulfilled to "
                + get.percent("bps")
        case "GateClosed":
            "gate \(get["gate"]) of \(order) is \(get["state"].lowercased())"
                + (get["state"] == "Met" ? " to \(get.percent("bps"))" : "")
        case "Paid":
            "\(order), line \(get["line"]) paid \(sum("amount")) to \(get.party("to", "toOrder"))"
        case "Voided": "\(order), line \(get["line"]): \(sum("units")) fell away"
        case "Refunded": "\(order) gave back \(sum("amount")) to \(get.party("to", "toOrder"))"
        case "Disputed":
            "\(get.account("by")) disputes gate \(get["gate"]) of \(order): the arbiter decides"
        case "Resolved":
            "the arbiter says that gate \(get["gate"]) of \(order) is fulfilled to "
                + get.percent("bps")
        case "Pledged":
            "\(sum("units")) of \(order), line \(get["line"]) pledged to order \(get["child"])"
        case "Guaranteed": "\(get.account("guarantor")) guarantees \(sum("amount")) of \(order)"
        case "GuaranteeReturned":
            "\(get.account("guarantor")) has \(sum("amount")) of its guarantee of \(order) back"
        case "GuaranteeDrawn":
            "\(order) drew \(sum("amount")) from the guarantee of \(get.account("guarantor")); "
                + "order \(get["reimbursement"]) pays it back"
        case "SetOff": "\(sum("amount")) of \(order) set off"
        case "Closed": "\(order) closed"
        default: nil
        }
    }

    private func claim(_ name: String, _ get: Arguments, _ currency: Currency?) -> String? {
        let line = "order \(get["order"]), line \(get["line"])"
        return switch name {
        case "TransferSingle":
            "\(get.account("from")) gave \(get.account("to")) \(get.sum("value", currency)) of "
                + get.claim("id")
        case "TransferBatch":
            "\(get.account("from")) gave \(get.account("to")) claims on several lines"
        case "ApprovalForAll":
            "\(get.account("operator")) may \(get.flag("approved") ? "" : "no longer ")move claims of "
                + get.account("account")
        case "Offered":
            "offer \(get["offerId"]): \(get.account("seller")) sells \(get.sum("units", currency)) of "
                + "\(line) for \(get.sum("price", currency))"
        case "Bought": "\(get.account("buyer")) bought offer \(get["offerId"])"
        case "Withdrawn": "offer \(get["offerId"]) withdrawn"
        default: nil
        }
    }

    private func other(_ name: String, _ get: Arguments) -> String? {
        let proposal = "proposal \(get["id"])"
        return switch name {
        case "TokenCreated":
            "token \(Output.clean(get["symbol"], atMost: 32)) issued at "
                + "\(get.json["token"]?.address?.checksummed ?? "?") by \(get.account("issuer"))"
        case "Proposed": "\(get.account("by")) made \(proposal): \(get["kind"])"
        case "Voted":
            "\(get.account("bank")) voted \(get.flag("yes") ? "for" : "against") \(proposal)"
        case "Decided":
            "the banks decided \(proposal); it holds from block \(get["height"]) on"
        case "Enacted": "\(proposal) holds from block \(get["height"]) on"
        case "Failed":
            "\(proposal) could not be carried out in block \(get["height"]): "
                + Output.clean(get["why"], atMost: 200)
        case "EpochPaid":
            "banks got \(get.sum("paid", .dip)) of \(get.sum("fees", .dip)) in fees of epoch "
                + get["epoch"]
        case "Attested":
            "\(get.account("bank")) attests which legal entity is behind \(get.account("account"))"
        case "Revoked":
            "\(get.account("bank")) attests no longer who is behind \(get.account("account"))"
        default: nil
        }
    }

    private func template(_ name: String, _ get: Arguments) -> String? {
        let template = "template \(get["id"])"
        return switch name {
        case "Published":
            "\(get.account("developer")) published \(template): "
                + Output.clean(get["name"], atMost: 128)
        case "Reviewed":
            "\(get.account("reviewer")) is \(get.flag("approved") ? "for" : "against") \(template)"
        case "StatusChanged":
            switch get["status"].lowercased() {
            case "draft": "\(template) waits for its reviews"
            case "active": "\(template) can be used"
            case "suspended": "\(template) was taken out of use by the banks"
            case let status: "\(template) is \(status)"
            }
        case "RoyaltyPaid":
            "\(get.sum("amount", .dip)) royalty paid for order \(get["order"])"
        default: nil
        }
    }

    private func money(_ name: String, _ get: Arguments, _ currency: Currency) -> String? {
        func sum(_ member: String) -> String { get.sum(member, currency) }
        let symbol = currency.symbol
        switch name {
        case "Transfer":
            let amount = sum("value")
            if get.json["from"]?.address == .zero {
                return "\(get.account("to")) got \(amount), new"
            }
            if get.json["to"]?.address == .zero {
                return "\(amount) of \(get.account("from")) burnt"
            }
            return "\(get.account("from")) paid \(amount) to \(get.account("to"))"
        case "Approval":
            return "\(get.account("spender")) may spend \(sum("value")) of \(get.account("owner"))"
        case "Paused": return "\(symbol) is paused"
        case "Unpaused": return "\(symbol) moves again"
        case "FreezeSet":
            return
                "\(get.account("account")) is \(get.flag("frozen") ? "frozen" : "free") in \(symbol)"
        case "AllowSet":
            let may = get.flag("allowed") ? "may hold" : "may no longer hold"
            return "\(get.account("account")) \(may) \(symbol)"
        case "ClawedBack":
            return
                "\(sum("amount")) taken back from \(get.account("from")) for \(get.account("to"))"
        case "Held":
            return
                "\(sum("amount")) held for \(get.account("account")), which \(symbol) refuses now"
        case "HeldReleased":
            return "\(sum("amount")) that were held went to \(get.account("account"))"
        case "RoleGranted": return "\(get.account("account")) has the role \(get.role("role"))"
        case "RoleRevoked": return "\(get.account("account")) lost the role \(get.role("role"))"
        case "FeeGranted":
            return "\(get.account("from")) pays up to \(sum("limit")) of the fees of "
                + get.account("to")
        case "FeePayerSet":
            if get.json["payer"]?.address == .zero {
                return "\(get.account("account")) pays its fees itself"
            }
            return "\(get.account("payer")) pays the fees of \(get.account("account"))"
        default: return nil
        }
    }
}
