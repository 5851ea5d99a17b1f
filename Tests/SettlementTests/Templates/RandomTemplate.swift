import Ledger
import Settlement
import TestSupport
import Tokens

/// Draws well-formed templates, and bindings for them; most are small, so that what is rare happens often.
struct RandomTemplate {
    var chance: SeededNumbers

    init(seed: UInt64) { chance = SeededNumbers(seed: seed) }

    private static let amounts = ["a", "b", "price"]

    // MARK: Templates

    /// The text of a template with roles buyer, maker, carrier, lab, arb and many.
    mutating func text() -> String {
        let least = 1 + chance.below(2)
        let most = least + chance.below(3)
        let roles = """
            "buyer":{"pays":true},"maker":{},"carrier":{},"lab":{},"arb":{"arbiter":true},
            "many":{"many":\(most),"least":\(least)}
            """
        let names = (0..<gateCount()).map { "g\($0)" }
        var attested = 0
        let gates = names.indices.map { index -> String in
            let isAttested = attested < 3 + chance.below(2) && chance.chance(75)
            if isAttested { attested += 1 }
            return "\"\(names[index])\":{\(gate(index, names, isAttested))}"
        }
        let lines = (0..<chance.below(5)).map { _ in line(names) } + [rest(names)]
        let price =
            chance.chance(80)
            ? "price" : ["a + b", "2 * a", "a + 100", "sum(e) + b"][chance.below(4)]
        let priced =
            price == "price" ? "\"price\":{\"type\":\"amount\"\(bounds(amount: true))}," : ""
        let parameters = """
            \(priced)"a":{"type":"amount"\(bounds(amount: true))},"b":{"type":"amount"\(bounds(amount: true))},
            "e":{"type":"amount","for":"many"\(bounds(amount: true))},
            "s":{"type":"share"\(bounds(amount: false))},"t":{"type":"share"\(bounds(amount: false))},
            "c":{"type":"share","for":"many"\(bounds(amount: false))},
            "d":{"type":"duration","min":"1s","max":"30s"},"late":{"type":"duration","min":"31s","max":"60s"},
            "at":{"type":"time"}
            """
        let require = (0..<chance.below(5)).map { _ in "\"\(requirement())\"" }
        return """
            {"language":1,"name":"random","roles":{\(roles)},"parameters":{\(parameters)},
            "gates":{\(gates.joined(separator: ","))},"price":"\(price)",
            "require":[\(require.joined(separator: ","))],"lines":[\(lines.joined(separator: ","))]}
            """
    }

    private mutating func gateCount() -> Int { [0, 1, 2, 2, 3, 3, 4, 5][chance.below(8)] }

    private mutating func gate(_ index: Int, _ names: [String], _ isAttested: Bool) -> String {
        var members: [String] = []
        let follows = index > 0 && chance.chance(45)
        if follows { members.append("\"follows\":\"\(names[chance.below(index)])\"") }
        guard isAttested else {
            if !follows || chance.chance(60) {
                members.append(
                    "\"from\":\"\(chance.chance(50) ? "d" : "\(1 + chance.below(40))s")\"")
            }
            return members.joined(separator: ",")
        }
        let attest = [
            ["lab"], ["carrier", "lab"], ["lab", "buyer", "carrier"], ["many"], ["buyer", "many"],
        ][
            chance.below(5)]
        let sure = attest.count
        members.append("\"attest\":[\(attest.map { "\"\($0)\"" }.joined(separator: ","))]")
        members.append("\"need\":\(1 + chance.below(sure))")
        if chance.chance(25) { members.append("\"from\":\"\(1 + chance.below(20))s\"") }
        let by =
            !follows && chance.chance(30)
            ? "at" : chance.chance(50) ? "late" : "\(31 + chance.below(30))s"
        members.append("\"by\":\"\(by)\"")
        switch chance.below(3) {
        case 0: members.append("\"late\":\"\(chance.chance(50) ? "fail" : "meet")\"")
        case 1:
            // A buyer who attests may dispute; the arbiter is somebody else.
            members.append("\"late\":\"arbitrate\",\"arbitration\":\"\(1 + chance.below(20))s\"")
            if chance.chance(50) { members.append("\"silent\":\"meet\"") }
        default: break
        }
        return members.joined(separator: ",")
    }

    private mutating func line(_ gates: [String]) -> String {
        var members: [String] = []
        if chance.chance(60) {
            members.append("\"to\":\"\(["maker", "carrier", "lab", "buyer"][chance.below(4)])\"")
            switch chance.below(4) {
            case 0: members.append("\"fixed\":\"\(["a", "b"][chance.below(2)])\"")
            case 1: members.append("\"fixed\":\"\(chance.below(120))\"")
            case 2: members.append("\"share\":\"\(["s", "t"][chance.below(2)])\"")
            default: members.append("\"share\":\"\(share(most: 6000))\"")
            }
        } else {
            members.append("\"to\":\"many\"")
            switch chance.below(4) {
            case 0: members.append("\"fixed\":\"e\"")
            case 1: members.append("\"fixed\":\"\(chance.below(40))\"")
            case 2: members.append("\"share\":\"c\"")
            default: members.append("\"share\":\"\(share(most: 4000))\"")
            }
        }
        return "{" + (members + rules(gates)).joined(separator: ",") + "}"
    }

    private mutating func rest(_ gates: [String]) -> String {
        "{" + (["\"to\":\"maker\"", "\"rest\":true"] + rules(gates)).joined(separator: ",") + "}"
    }

    private mutating func rules(_ gates: [String]) -> [String] {
        var members: [String] = []
        let gate = gates.isEmpty || chance.chance(25) ? nil : chance.pick(gates)
        if let gate { members.append("\"gate\":\"\(gate)\"") }
        if chance.chance(60) { members.append("\"tier\":\(chance.below(3))") }
        let others = gates.filter { $0 != gate }
        if !others.isEmpty, chance.chance(35) {
            let share = chance.chance(50) ? "t" : share(most: 10_000)
            members.append(
                "\"retain\":{\"share\":\"\(share)\",\"until\":\"\(chance.pick(others))\"}")
        }
        return members
    }

    private mutating func share(most: Int) -> String {
        let bps = chance.chance(50) ? 100 * chance.below(most / 100 + 1) : chance.below(most + 1)
        return "\(bps / 100).\(bps % 100 / 10)\(bps % 10)%"
    }

    private mutating func bounds(amount: Bool) -> String {
        guard chance.chance(60) else { return "" }
        if amount {
            let least = chance.chance(50) ? 0 : chance.below(200)
            let most = least + chance.below(chance.chance(20) ? 5 : 2000)
            return ",\"min\":\"\(least)\"" + (chance.chance(50) ? ",\"max\":\"\(most)\"" : "")
        }
        return ",\"max\":\"\(share(most: chance.chance(60) ? 3000 : 10_000))\""
    }

    private mutating func requirement() -> String {
        let sign = ["<=", "<=", "<=", "<", "=", ">="][chance.below(6)]
        if chance.chance(25) {
            let left = ["s + t", "sum(c)", "s + sum(c)", "t"][chance.below(4)]
            return "\(left) \(chance.chance(70) ? "<=" : sign) \(share(most: 10_000))"
        }
        let left = [
            "a", "b", "a + b", "sum(e)", "a + sum(e)", "a + b + sum(e)", "3 * a",
            "40 * count(many)", "2 * b - a",
        ][chance.below(9)]
        let right = [
            "price", "price", "price", "\(share(most: 10_000)) * price",
            "price - \(chance.below(300))",
            "\(chance.below(400))", "b + \(chance.below(100))",
        ][chance.below(7)]
        // A comparison of something with itself is a fault.
        return "\(left) \(sign) \(left == "b" ? "price + a" : right)"
    }

    // MARK: Bindings

    /// Bindings within the bounds, small and often at a bound; whether they keep to what is required is chance.
    mutating func bindings(for template: Template, now: UInt64, sample: TemplateBindings?) -> String
    {
        var members = ["\"token\":\"\(TestLedger.tokens["T"]!.address.hex)\""]
        var accounts = RandomWorld.accounts.dropLast().map { TestLedger.address($0).hex }
        accounts.shuffle(using: &chance)
        var count = 1
        for (index, role) in template.roles.enumerated() {
            switch role.name {
            case "arb": members.append("\"arb\":\"\(TestLedger.address("arbiter").hex)\"")
            case "many":
                count = role.members.lowerBound + chance.below(role.members.count)
                if let sample, chance.chance(50) { count = sample.parties[index].count }
                // Those who attest beside others are not the same; three of six are left.
                let many = (0..<count).map { "\"\(accounts[3 + $0 % 3])\"" }
                members.append("\"many\":[\(many.joined(separator: ","))]")
            case "maker": members.append("\"maker\":\"\(chance.pick(accounts))\"")
            case "buyer": members.append("\"buyer\":\"\(accounts[0])\"")
            case "carrier": members.append("\"carrier\":\"\(accounts[1])\"")
            default: members.append("\"\(role.name)\":\"\(accounts[2])\"")
            }
        }
        let fromSample = sample != nil && chance.chance(40)
        for (index, parameter) in template.parameters.enumerated() {
            let known = fromSample ? sample?.values[index] : nil
            let values = (0..<(parameter.role == nil ? 1 : count)).map { place in
                let value = known.map { $0[min(place, $0.count - 1)] } ?? value(parameter, now)
                return text(value, parameter.type)
            }
            let all = parameter.role == nil ? values[0] : "[\(values.joined(separator: ","))]"
            members.append("\"\(parameter.name)\":\(all)")
        }
        return "{\(members.joined(separator: ","))}"
    }

    private mutating func value(_ parameter: Template.Parameter, _ now: UInt64) -> UInt128 {
        if parameter.type == .time { return UInt128(now) + 31 + UInt128(chance.below(30)) }
        let least = parameter.range.lowerBound
        let reach: UInt128 =
            parameter.name == "price" ? 600 : parameter.type == .share ? 10_000 : 250
        let most = min(parameter.range.upperBound, least + reach)
        switch chance.below(5) {
        case 0: return least
        case 1: return most
        default: return least + UInt128(chance.next()) % (most - least + 1)
        }
    }

    private func text(_ value: UInt128, _ type: Template.ParameterType) -> String {
        switch type {
        case .amount: "\"\(value)\""
        case .share: "\"\(value / 100).\(value % 100 / 10)\(value % 10)%\""
        case .time, .duration: "\(value)"
        }
    }
}
