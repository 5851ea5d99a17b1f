import Ledger
import Settlement
import Tokens

extension Scenario {
    /// One command that somebody signs.
    struct Action {
        let body: (OrderBook) throws(Rejection) -> Void

        init(
            _ verb: String, _ words: inout Words, _ details: [String], _ ledger: TestLedger
        ) throws {
            let by = ledger.address(words.word(after: "by") ?? "")
            let token = TestLedger.tokens[words.word(after: "in") ?? "T"] ?? .dip
            switch verb {
            case "mint":
                let to = ledger.address(words.next())
                let amount: UInt128 = try words.number()
                body = { book throws(Rejection) in
                    try book.tokens.mint(amount, of: token, to: to, by: TestLedger.issuer)
                }
            case "freeze", "thaw", "allow", "disallow", "pause", "unpause", "release":
                let who = ledger.address(words.next())
                body = { book throws(Rejection) in
                    try Self.control(verb, who, TokenID(rawValue: 2), book)
                }
            case "open":
                let terms = try Self.terms(words, details, token, by, ledger)
                body = { book throws(Rejection) in try book.open(terms, by: by) }
            case "setoff":
                var entries: [SetOffEntry] = []
                while !words.isEmpty {
                    entries.append(
                        SetOffEntry(order: try words.number(), amount: try words.number()))
                }
                let all = entries
                body = { book throws(Rejection) in try book.setOff(all) }
            case "consent":
                let isOn = words.next() == "on"
                body = { book throws(Rejection) in book.setConsent(isOn, by: by) }
            case "accept", "decline", "buy", "withdraw":
                let id: UInt64 = try words.number()
                body = { book throws(Rejection) in
                    switch verb {
                    case "accept": try book.accept(order: id, by: by)
                    case "decline": try book.decline(order: id, by: by)
                    case "buy": try book.buy(offer: id, by: by)
                    default: try book.withdraw(offer: id, by: by)
                    }
                }
            case "fund", "guarantee":
                let id: UInt64 = try words.number()
                let all = words.rest.first == "all"
                let amount: UInt128 = all ? 0 : try words.number()
                body = { book throws(Rejection) in
                    if verb == "fund" {
                        try book.fund(order: id, amount: all ? nil : amount, by: by)
                    } else {
                        try book.guarantee(order: id, amount: amount, by: by)
                    }
                }
            case "attest", "dispute", "resolve":
                let (id, gate): (UInt64, UInt8) = (try words.number(), try words.number())
                let bps: UInt16 = verb == "dispute" ? 0 : try words.number()
                body = { book throws(Rejection) in
                    switch verb {
                    case "attest": try book.attest(order: id, gate: gate, bps: bps, by: by)
                    case "dispute": try book.dispute(order: id, gate: gate, by: by)
                    default: try book.resolve(order: id, gate: gate, bps: bps, by: by)
                    }
                }
            default:
                self = try Self.claimAction(verb, &words, by, ledger)
            }
        }

        private init(_ body: @escaping (OrderBook) throws(Rejection) -> Void) { self.body = body }

        private static func claimAction(
            _ verb: String, _ words: inout Words, _ by: Address, _ ledger: TestLedger
        ) throws -> Action {
            let (id, line): (UInt64, UInt16) = (try words.number(), try words.number())
            let units: UInt128 = try words.number()
            let to = words.word(after: "to") ?? ""
            switch verb {
            case "waive":
                return Action { book throws(Rejection) in
                    try book.waive(order: id, line: line, units: units, by: by)
                }
            case "transfer":
                let receiver = ledger.address(to)
                return Action { book throws(Rejection) in
                    try book.transferClaim(
                        order: id, line: line, to: receiver, units: units, from: by)
                }
            case "pledge":
                guard let child = UInt64(to) else { throw ScenarioFault("pledge to which order?") }
                return Action { book throws(Rejection) in
                    try book.pledge(order: id, line: line, child: child, units: units, by: by)
                }
            case "offer":
                let offer = Offer(
                    seller: by, order: id, line: line, units: units,
                    price: try words.number(after: "price") ?? 0,
                    maxAhead: try words.number(after: "ahead") ?? .max,
                    onlyTo: ledger.address(to), expiry: try words.number(after: "until") ?? 0)
                return Action { book throws(Rejection) in try book.offer(offer) }
            default: throw ScenarioFault("no command \(verb)")
            }
        }

        private static func control(
            _ verb: String, _ who: Address, _ token: TokenID, _ book: OrderBook
        ) throws(Rejection) {
            let issuer = TestLedger.issuer
            switch verb {
            case "freeze": try book.tokens.setFrozen(true, who, in: token, by: issuer)
            case "thaw": try book.tokens.setFrozen(false, who, in: token, by: issuer)
            case "allow": try book.tokens.setAllowed(true, who, in: token, by: issuer)
            case "disallow": try book.tokens.setAllowed(false, who, in: token, by: issuer)
            case "pause": try book.tokens.setPaused(true, in: token, by: issuer)
            case "unpause": try book.tokens.setPaused(false, in: token, by: issuer)
            default: try book.tokens.releaseHeld(who, in: token)
            }
        }

        private static func terms(
            _ words: Words, _ details: [String], _ token: TokenID, _ by: Address,
            _ ledger: TestLedger
        ) throws -> Terms {
            var terms = Terms(
                token: token.address, buyer: words.word(after: "for").map(ledger.address) ?? by,
                arbiter: ledger.address(words.word(after: "arbiter") ?? ""),
                dueAt: try words.number(after: "due") ?? 0, lines: [])
            for detail in details {
                var words = Words(detail)
                switch words.next() {
                case "line":
                    let gate: UInt8? = try words.number(after: "gate")
                    let tier: UInt16 = try words.number(after: "tier") ?? 0
                    terms.lines.append(
                        Terms.Line(
                            tier: tier, payee: ledger.address(words.next()),
                            amount: try words.number(), gate: gate.map { $0 + 1 } ?? 0))
                case "gate": terms.gates.append(try gate(&words, ledger))
                case let other: throw ScenarioFault("no detail \(other)")
                }
            }
            return terms
        }

        /// `gate 2 of lab, carrier from 10 until 100 else arbitrate 30 meet follows 0`
        private static func gate(_ words: inout Words, _ ledger: TestLedger) throws -> Terms.Gate {
            let follows: UInt8? = try words.number(after: "follows")
            var gate = Terms.Gate(
                attestors: [], threshold: 0, notBefore: try words.number(after: "from") ?? 0,
                deadline: try words.number(after: "until") ?? 0,
                follows: follows.map { $0 + 1 } ?? 0)
            switch words.word(after: "else") {
            case "meet": gate.onTimeout = .meet
            case "arbitrate":
                gate.onTimeout = .arbitrate
                gate.arbitrationPeriod = try words.number(after: "arbitrate") ?? 0
                gate.silenceMeets = words.contains("silence-meets")
            default: break
            }
            guard words.word(after: "of") != nil else { return gate }
            gate.threshold = try words.number()
            _ = words.next()
            while let name = words.rest.first,
                !["from", "until", "else", "follows"].contains(name)
            {
                gate.attestors.append(ledger.address(words.next()))
            }
            return gate
        }
    }
}
