import Ledger
import TestSupport
import Testing

@testable import Settlement

/// Texts that are made to hurt are refused, with a place, at little cost.
struct HostileTests {
    private func fault(_ bytes: [UInt8]) -> TemplateFault? {
        do throws(TemplateFault) {
            _ = try Template(parsing: bytes)
            return nil
        } catch {
            return error
        }
    }

    @Test(
        arguments: [
            [0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xe4, 0xb8],
            [0x80],
            [0xf8, 0x88, 0x80, 0x80, 0x80], [0xe0, 0x80, 0xaf],
        ] as [[UInt8]])
    func `invalid UTF-8 is refused where it stands`(bytes: [UInt8]) {
        let text = Array("{\n\"name\": \"a".utf8) + bytes + Array("\"}".utf8)
        // Bytes that go on with a character are none of their own.
        let column = bytes[0] & 0xc0 == 0x80 ? 10 : 11
        #expect(
            fault(text)
                == TemplateFault("/name", "invalid UTF-8", at: TextPlace(line: 2, column: column)))
    }

    @Test func `depth is bounded`() {
        let text = String(repeating: "[", count: 60_000)
        #expect(fault(Array(text.utf8))?.place == TextPlace(line: 1, column: 9))
        let objects = String(repeating: "{\"a\":", count: 10_000)
        #expect(fault(Array(objects.utf8))?.why == "too many values inside each other")
    }

    @Test func `length is bounded before anything is read`() {
        let text = [UInt8](repeating: 0x20, count: Template.bytesLimit + 1)
        #expect(fault(text)?.why == "more than 65536 bytes")
    }

    @Test func `ten thousand roles are refused at the first that is too many`() throws {
        let roles = (0..<10_000).map { "\"r\(String($0, radix: 36))\":{}" }.joined(separator: ",")
        let text = "{\"roles\":{\(roles)}}"
        try #require(text.utf8.count > Template.bytesLimit)
        #expect(fault(Array(text.utf8))?.why == "more than 65536 bytes")
        // As many as fit.
        let fewer = (0..<6000).map { "\"r\(String($0, radix: 36))\":{}" }.joined(separator: ",")
        let found = Template.faults(parsing: Array("{\"roles\":{\(fewer)}}".utf8))
        #expect(found.contains { $0.pointer == "/roles/rw" && $0.why == "more than 32" })
    }

    @Test func `many faults are told, but not without end`() {
        let members = (0..<3000).map { "\"x\($0)\":1" }.joined(separator: ",")
        #expect(Template.faults(parsing: Array("{\(members)}".utf8)).count == 64)
    }

    @Test func `a long name costs no more than a short one`() {
        let name = String(repeating: "n", count: 60_000)
        let fault = fault(Array("{\"\(name)\":1}".utf8))
        #expect(fault?.why == "no such member")
    }

    @Test func `no prefix of a template is one, nor does any end badly`() {
        let text = Array(PurchaseOrder.text.utf8)
        for count in stride(from: 0, to: text.count - 1, by: 7) {
            #expect(fault(Array(text[..<count])) != nil)
        }
    }

    @Test(arguments: 0..<4 as Range<UInt64>)
    func `changed bytes give a template or a fault`(seed: UInt64) {
        var chance = SeededNumbers(seed: seed)
        let text = Array(PurchaseOrder.text.utf8)
        for _ in 0..<250 {
            var changed = text
            for _ in 0...chance.below(3) {
                let place = chance.below(changed.count)
                switch chance.below(3) {
                case 0: changed[place] = UInt8(chance.below(256))
                case 1: changed.remove(at: place)
                default: changed.insert(chance.pick(Array("{}[]\",:09-e.%".utf8)), at: place)
                }
            }
            if let template = try? Template(parsing: changed) { _ = template.check() }
        }
    }

    @Test func `huge sums do not pass for small ones`() throws {
        let most = "340282366920938463463374607431768211455"
        let text = PurchaseOrder.bindings
            .replacing("[\"200\", \"101\"]", with: "[\"\(most)\", \"2\"]")
        let bindings = try PurchaseOrder.bind(text)
        #expect(
            throws: TemplateFault("/freight", "it is required that freight + sum(shares) <= price")
        ) {
            try PurchaseOrder.template.instantiate(bindings, now: 0)
        }
    }
}

extension HostileTests {
    /// Swift's strings hold these for equal; their bytes differ, and so would the ids.
    @Test func `a sign that looks like a letter is none`() {
        let text = FaultTests.lines.joined(separator: "\n").replacing("maker", with: "maKer")
        #expect(Template.faults(parsing: Array(text.utf8)).isEmpty)
        for place in ["\"to\": \"maKer\"", "[\"maKer\"]"] {
            let changed = text.replacing(place, with: place.replacing("K", with: "\u{212a}"))
            #expect(changed != "" && Array(changed.utf8) != Array(text.utf8))
            let faults = Template.faults(parsing: Array(changed.utf8))
            #expect(faults.contains { $0.why.hasPrefix("no such role") }, "\(faults)")
        }
    }

    @Test func `members that only requirements ask for cannot make a play long`() throws {
        let gates = (0..<5).map {
            "\"g\($0)\":{\"attest\":[\"maker\"],\"by\":\"\($0 + 1)d\"}"
        }
        let text = """
            {"language":1,"name":"x","roles":{"buyer":{"pays":true},"maker":{},"many":{"many":500}},
            "parameters":{"price":{"type":"amount"}},"gates":{\(gates.joined(separator: ","))},
            "price":"price","require":["count(many) = 500", "500 <= price"],
            "lines":[{"to":"many","fixed":"1","gate":"g0","retain":{"share":"50%","until":"g1"}},
            {"to":"maker","rest":true}]}
            """
        let template = try Template(parsing: Array(text.utf8))
        #expect(template.plays <= Template.playLimit)
        guard case .refused(let fault, nil) = template.check() else {
            Issue.record("accepted")
            return
        }
        #expect(fault.pointer == "/require" && fault.why.contains("too many to play"))
    }

    @Test func `a pointer does not repeat a long name`() {
        let name = String(repeating: "n", count: 60_000)
        let faults = Template.faults(parsing: Array("{\"\(name)\":1}".utf8))
        #expect(faults.allSatisfy { $0.pointer.utf8.count < 64 })
    }

    /// Accounts and values that reading a text made, and the first fault.
    private func entries(_ text: String) throws -> (count: Int, fault: TemplateFault?) {
        var reader = TemplateReader(reader: FieldReader(limit: 1))
        _ = reader.read(try DocumentNode(parsing: Array(text.utf8)))
        return (reader.reader.entries, reader.reader.faults.first)
    }

    private func crowd(roles: Int, many: Int, parameters: Int, examples: Int) -> String {
        let roles = (0..<roles).map { ",\"r\($0)\":{\"many\":\(many),\"least\":\(many)}" }
        let parameters = (0..<parameters).map {
            ",\"p\($0)\":{\"type\":\"amount\",\"for\":\"r0\",\"default\":\"1\"}"
        }
        let examples = Array(
            repeating: #"{"name":"x","now":1,"bindings":{"price":"1"}}"#, count: examples)
        return """
            {"language":1,"name":"x","roles":{"buyer":{"pays":true},"maker":{}\(roles.joined())},
            "parameters":{"price":{"type":"amount"}\(parameters.joined())},"price":"price",
            "lines":[{"to":"maker","rest":true}],"examples":[\(examples.joined(separator: ","))]}
            """
    }

    @Test func `a short text does not ask for many accounts and values`() throws {
        let text = crowd(roles: 30, many: 1024, parameters: 30, examples: 16)
        #expect(text.utf8.count < 4096)
        let roles = try entries(text)
        #expect(roles.count == 0 && roles.fault?.pointer == "/roles")
        let values = try entries(crowd(roles: 1, many: 1024, parameters: 5, examples: 16))
        #expect(values.count == 0 && values.fault?.pointer == "/parameters")
        // As much as roles and parameters may ask for, in every example.
        let examples = try entries(crowd(roles: 1, many: 1024, parameters: 4, examples: 16))
        #expect(examples.fault?.pointer == "/examples/1")
        #expect(examples.count <= Template.exampleEntryLimit + 5 * 1024 + 64)
        let fewer = try entries(crowd(roles: 1, many: 1024, parameters: 4, examples: 1))
        #expect(fewer.fault == nil && fewer.count == 5 * 1024 + 3)
    }

    @Test func `behind the first fault of an example nothing is made`() throws {
        let text = crowd(roles: 1, many: 100, parameters: 4, examples: 16)
        let whole = try entries(text)
        #expect(whole.fault == nil && whole.count == 16 * 503)
        let broken = try entries(
            text.replacing(#""bindings":{"price":"1"}"#, with: #""bindings":{"price":1}"#))
        #expect(broken.fault?.pointer == "/examples/0/bindings/price")
        #expect(broken.count <= 503)
    }

    @Test func `accounts that nobody names are different and nobody's`() {
        let accounts = (0..<32).flatMap { TemplateBindings.sampleAccounts(of: $0, count: 64) }
        #expect(Set(accounts).count == 32 * 64 && accounts.allSatisfy(\.canBeParty))
        #expect(TemplateBindings.sampleAccounts(of: 0, count: 0).isEmpty)
    }
}

extension HostileTests {
    @Test(arguments: 0..<4 as Range<UInt64>)
    func `changed bindings give terms or a fault`(seed: UInt64) {
        var chance = SeededNumbers(seed: seed)
        let text = Array(PurchaseOrder.bindings.utf8)
        for _ in 0..<500 {
            var changed = text
            for _ in 0...chance.below(3) {
                let place = chance.below(changed.count)
                switch chance.below(3) {
                case 0: changed[place] = UInt8(chance.below(256))
                case 1: changed.remove(at: place)
                default: changed.insert(chance.pick(Array("{}[]\",:09-e.%x".utf8)), at: place)
                }
            }
            guard
                let bindings = try? TemplateBindings(
                    parsing: changed, for: PurchaseOrder.template),
                let terms = try? PurchaseOrder.template.instantiate(bindings, now: 1_000_000)
            else { continue }
            #expect((try? terms.check(now: 1_000_000)) != nil)
        }
    }

    /// No time, however late, and no duration makes a sum run over.
    @Test(arguments: [0, 1, 1 << 40, (1 << 40) + 1, .max] as [UInt64])
    func `any time of opening gives terms or a fault`(now: UInt64) throws {
        for time in ["0", "1099511627776", "\(min(now, 1 << 40))", "4000000000"] {
            let text = PurchaseOrder.bindings.replacing("2000000", with: time)
            let terms = try? PurchaseOrder.template.instantiate(PurchaseOrder.bind(text), now: now)
            if let terms { #expect((try? terms.check(now: now)) != nil) }
        }
    }
}
