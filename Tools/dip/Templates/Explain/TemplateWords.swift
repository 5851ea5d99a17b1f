import Settlement

/// The words around a template's own texts, in a language.
struct TemplateWords: Sendable {
    let isChinese: Bool

    static let english = TemplateWords(isChinese: false)
    static let chinese = TemplateWords(isChinese: true)

    private func pick(_ english: String, _ chinese: String) -> String {
        isChinese ? chinese : english
    }

    // MARK: Phrases of rules

    var comma: String { pick(", ", "，") }
    var colon: String { pick(": ", "：") }
    var price: String { pick("price", "总价") }
    var rest: String { pick("the rest", "余额") }
    var each: String { pick(" each", "（各自）") }
    var atOnce: String { pick("at once", "立即") }
    var elseFails: String { pick("else it fails", "否则不成立") }
    var elseMet: String { pick("else it counts as met", "否则视为成立") }

    func share(_ share: String) -> String { pick("\(share) of the price", "总价的\(share)") }
    func within(_ length: String) -> String { pick("within \(length)", "\(length)之内") }
    func by(_ time: String) -> String { pick("by \(time)", "不迟于\(time)") }
    func later(_ length: String) -> String { pick("after \(length)", "\(length)之后") }
    func notBefore(_ length: String) -> String {
        pick("not before \(length)", "不早于\(length)")
    }

    /// Who has to speak, where so many of them are enough; nil: all of them.
    func said(_ who: [String], _ need: Int?) -> String {
        guard who.count > 1 || need != nil else {
            return pick("\(who[0]) says so", "由\(who[0])确认")
        }
        guard let need else {
            let last = who[who.count - 1]
            let others = who.dropLast().joined(separator: comma)
            return pick("\(others) and \(last) say so", "由\(others)和\(last)共同确认")
        }
        let list = who.joined(separator: comma)
        return pick(
            "\(need) of \(list) \(need == 1 ? "says" : "say") so", "由\(list)中的\(need)方确认")
    }

    func elseArbiter(_ arbiter: String, _ length: String, isMet: Bool) -> String {
        pick(
            "else \(arbiter) decides within \(length), whose silence \(isMet ? "meets" : "fails") it",
            "否则由\(arbiter)在\(length)之内裁定，不裁定则\(isMet ? "视为成立" : "不成立")")
    }

    /// `30 d`, in the language.
    func span(_ seconds: UInt64) -> String {
        let text = TimeSpan.text(seconds)
        guard isChinese else { return text }
        let units = [" d": "天", " h": "小时", " min": "分钟", " s": "秒"]
        let space = text.firstIndex(of: " ") ?? text.endIndex
        return text[..<space] + (units[String(text[space...])] ?? String(text[space...]))
    }

    // MARK: The diagram

    var escrow: String { pick("Escrow", "托管") }
    var fails: String { pick("fails", "不成立") }
    var then: String { pick("then ", "随后：") }
    var arrow: String { " → " }
    func pays(_ buyer: String, _ price: String) -> String {
        pick("\(buyer) pays \(price) into escrow", "\(buyer)向托管付入\(price)")
    }
    func less(_ amount: String, _ share: String) -> String {
        pick("\(amount) less \(share)", "\(amount)扣除\(share)")
    }
    func kept(_ share: String, _ amount: String) -> String {
        pick("\(share) of \(amount), kept until here", "\(amount)的\(share)，保留至此")
    }
    var goesBack: String {
        pick(
            "What fails, falls short or is not attested goes back to ",
            "不成立、不足额或未确认的部分退还")
    }

    // MARK: The table of outcomes

    var who: String { pick("who", "收款方") }
    var howMuch: String { pick("amount", "金额") }
    var when: String { pick("when", "时间") }
    var reason: String { pick("for", "事由") }
    var back: String { pick("back to the buyer", "退还付款方") }
    var over: String { pick("at the latest", "最迟") }
    var never: String { pick("never", "永不") }

    func retained(_ amount: String) -> String { pick("retained of \(amount)", "\(amount)的保留款") }

    func more(_ count: Int) -> String {
        pick(
            "… and \(count) more, where several gates do not end well: --all",
            "……另有\(count)种多个条件不成立的结果：--all")
    }

    /// The day, as far as it matters to a plan.
    func day(_ seconds: UInt64) -> String {
        CivilTime.text(seconds).map { String($0.prefix(10)) } ?? "\(seconds)"
    }

    /// The day, or that it is now.
    func time(_ seconds: UInt64, _ now: UInt64) -> String {
        seconds <= now ? atOnce : day(seconds)
    }

    func outcome(_ outcome: GateOutcome) -> String {
        switch outcome {
        case .met: pick("met", "成立")
        case .partial(let bps): Arguments.percent(bps: UInt64(bps))
        case .refused: pick("refused", "被否定")
        case .late: pick("nobody speaks", "无人表态")
        case .skipped, .moot: "—"
        }
    }

    // MARK: Headings

    var ifAllGoesWell: String { pick("If all goes well:", "一切顺利时：") }
    var everyOutcome: String { pick("Every outcome:", "各种结果：") }
    func sample(_ name: String) -> String { pick("Example: \(name)", "示例：\(name)") }
    func owes(_ buyer: String, _ price: String) -> String {
        pick("\(buyer) pays \(price)", "\(buyer)支付\(price)")
    }

    // MARK: Opening an order

    var role: String { pick("role", "角色") }
    var account: String { pick("account", "账户") }
    var token: String { pick("Token, by symbol or address", "结算代币（符号或地址）") }
    var dueDate: String {
        pick("Due date, by which it should be paid (empty: none)", "付款到期日（可留空）")
    }

    var accountsAre: String {
        pick(
            "Accounts are a label of your keystore, an address, or dev:N.",
            "账户可写密钥库中的标签、地址或 dev:N。")
    }

    var openIt: String { pick("Open it? [y/N] ", "开立？[y/N] ") }

    func due(_ day: String) -> String { pick("Due on \(day)", "付款到期日\(day)") }

    func entities(_ roles: String) -> String {
        pick(
            "Must be legal entities that a bank attested: \(roles)",
            "须为银行认证的法人：\(roles)")
    }

    func oneALine(_ members: ClosedRange<Int>) -> String {
        pick(
            "\(members.lowerBound) to \(members.upperBound), one a line, an empty line ends",
            "\(members.lowerBound)至\(members.upperBound)个，每行一个，空行结束")
    }

    func range(_ least: String, _ most: String) -> String {
        pick("\(least) to \(most) are allowed", "允许\(least)至\(most)")
    }

    func cost(_ royalty: String, _ fee: String) -> String {
        pick(
            "Opening costs \(royalty) for the template and about \(fee) as fee.",
            "开立费用：范式使用费\(royalty)，交易费约\(fee)。")
    }
}
