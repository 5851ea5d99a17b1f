import Ledger
import Settlement
import SupplyChain
import YAML

extension FuzzTarget {
    /// What people write: templates and what they fill in, tables, names of types.
    static let texts: [FuzzTarget] = [
        FuzzTarget("template", seeds: { [TextSamples.invoice, TextSamples.freight] }) {
            (bytes) throws(FuzzFinding) in
            guard bytes.count <= 1 << 14, let template = try? Template(parsing: bytes) else {
                return
            }
            // What an id is the hash of is read again as the same template.
            guard let again = try? Template(parsing: template.canonicalBytes),
                again.id == template.id
            else { throw FuzzFinding("template: its canonical text is another template") }
        },
        FuzzTarget("yaml", seeds: { [TextSamples.yaml] }) { (bytes) throws(FuzzFinding) in
            guard let document = try? YAMLReader.read(bytes) else { return }
            _ = try? Template(document)
            // Not all that it may say is JSON of a template's size, nor is all JSON YAML.
            let text = document.canonicalBytes
            for again in [try? DocumentNode(parsing: text), try? YAMLReader.read(text)] {
                guard again == nil || again?.canonicalBytes == text else {
                    throw FuzzFinding("yaml: it is another document when written and read again")
                }
            }
        },
        FuzzTarget("bindings", seeds: { TextSamples.bindings }) { (bytes) throws(FuzzFinding) in
            let template = TextSamples.freightTemplate
            guard let bindings = try? TemplateBindings(parsing: bytes, for: template) else {
                return
            }
            let again = try? TemplateBindings(parsing: bindings.json(for: template), for: template)
            guard again == bindings else {
                throw FuzzFinding("bindings: they are others when written and read again")
            }
            _ = try? template.instantiate(bindings, now: 1_000_000)
        },
        FuzzTarget(
            "abi-type", seeds: { ["(uint256,address[])[2]", "bytes32"].map { Array($0.utf8) } }
        ) { (bytes) throws(FuzzFinding) in
            let text = String(decoding: bytes, as: UTF8.self)
            _ = try? ABIType.arguments(of: text)
            guard let type = try? ABIType.parse(text) else { return }
            guard (try? ABIType.parse(type.description)) == type else {
                throw FuzzFinding("abi-type: \(type) is not read as it is written")
            }
        },
        FuzzTarget("chain", seeds: { TextSamples.chains }) { (bytes) throws(FuzzFinding) in
            guard let file = try? ChainFile(bytes, file: "fuzz") else { return }
            for named in file.chains { try checkOrder(named.chain) }
        },
        FuzzTarget("purchase-orders", seeds: { [TextSamples.orders] }) {
            (bytes) throws(FuzzFinding) in
            guard let file = try? PurchaseOrderFile(bytes, file: "fuzz") else { return }
            let used = file.orders.count + file.setAside.reduce(0) { $0 + $1.rows }
            guard used == file.rows else {
                throw FuzzFinding("purchase-orders: of \(file.rows) rows, \(used) are told of")
            }
        },
    ]

    /// Every supplier is a stage, and knows its customer.
    private static func checkOrder(_ chain: Chain) throws(FuzzFinding) {
        for (index, stage) in chain.stages.enumerated() {
            for supply in stage.supplies {
                guard chain.stages.indices.contains(supply.stage), supply.stage != index,
                    chain.customers[supply.stage].contains(index)
                else { throw FuzzFinding("chain: \(stage.name) has a supplier that is none") }
            }
        }
    }
}

private enum TextSamples {
    static let invoice = Array(
        #"""
        {"language":1,"name":"Invoice","roles":{"buyer":{"pays":true},"seller":{}},
        "parameters":{"price":{"type":"amount","min":"1"}},"price":"price",
        "lines":[{"to":"seller","rest":true}]}
        """#.utf8)

    static let yaml = Array(
        #"""
        # A comment.
        language: 1
        name: 'It''s'
        roles: {buyer: {pays: true}, seller: {}}
        parameters:
          price: {type: amount, min: "1"}
        gates:
          - [a, 0x1, 007, 12.50, ~, false, 9007199254740991]
        note: |
          two
            lines
        more: >-
          "folded"
          \u00e9
        ? "key\t\u00e9"
        : x

        """#.utf8)

    /// With an arbiter, a role of several accounts, every type of parameter, and a gate.
    static let freight = Array(
        #"""
        {"language":1,"name":"Freight","roles":{"shipper":{"pays":true},"carrier":{},"agents":{"many":3},"judge":{"arbiter":true}},
        "parameters":{"freight":{"type":"amount","min":"1"},"advance":{"type":"share","max":"50%","default":"40%"},
        "loadBy":{"type":"time"},"voyage":{"type":"duration","default":"45d"},"fee":{"type":"amount","for":"agents"}},
        "gates":{"loaded":{"attest":["carrier"],"need":1,"by":"loadBy","late":"arbitrate","arbitration":"30d","silent":"fail"}},
        "price":"freight","require":["freight >= sum(fee)"],"due":"voyage",
        "lines":[{"to":"agents","fixed":"fee","tier":0},{"to":"carrier","share":"advance","gate":"loaded","tier":0},
        {"to":"carrier","rest":true,"gate":"loaded","tier":1}]}
        """#.utf8)

    static let freightTemplate: Template = {
        guard let template = try? Template(parsing: freight) else {
            preconditionFailure("a template of ours is refused")
        }
        return template
    }()

    static let bindings = [
        #"{"token":"0x000000000000000000000000000000000000d101","shipper":"0x0000000000000000000000000000000000000a01","carrier":"0x0000000000000000000000000000000000000a02","agents":["0x0000000000000000000000000000000000000a03"],"judge":"0x0000000000000000000000000000000000000a04","freight":"1000","loadBy":"2027-03-31","fee":["5"]}"#,
        #"{"token":"0x000000000000000000000000000000000000d101","dueAt":5,"freight":"12"}"#,
    ].map { Array($0.utf8) }

    static let chains = [
        "stage_id,cost,ext_demand_mean,up_stages\nA,1.5,,\nB,2,10,A,2\nC,1e2,,A,1,B,0.5\n",
        #"{"name":"x","stages":[{"name":"a","cost":1},{"name":"b","cost":2.5,"demand":3}],"links":[["a","b"]]}"#,
    ].map { Array($0.utf8) }

    static let orders = Array(
        #"""
        ID,Country,Vendor,Shipment Mode,PO Sent to Vendor Date,Scheduled Delivery Date,\#
        Delivered to Client Date,Line Item Value,Freight Cost (USD),Line Item Insurance (USD)
        1,Haiti,Abbott,Air,1/2/2007,1-Mar-07,28-Feb-07,551,780.34,0.5
        2,Haiti,"Abbott, ""X""",Air,1/2/2007,1-Mar-07,1-Mar-07,10,See ASN-9 (ID#:1),1
        3,Haiti,Abbott,N/A,N/A - From RDC,1-Mar-07,1-Mar-08,10,2,1

        """#.utf8)
}
