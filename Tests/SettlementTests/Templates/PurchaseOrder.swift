import Ledger
import Settlement

/// The purchase order with inspection and retention by which the language is explained.
enum PurchaseOrder {
    static let text = """
        {
          "language": 1,
          "name": "Purchase order with inspection and warranty retention",
          "locale": { "zh": { "name": "带检验与质保金的采购订单", "roles": { "buyer": "买方" } } },
          "industry": "C34",
          "roles": {
            "buyer": { "pays": true },
            "maker": {},
            "suppliers": { "many": 200 },
            "carrier": {},
            "lab": {},
            "chamber": { "arbiter": true }
          },
          "parameters": {
            "price": { "type": "amount" },
            "freight": { "type": "amount" },
            "shares": { "type": "amount", "for": "suppliers" },
            "retention": { "type": "share", "max": "10%" },
            "deliverBy": { "type": "time" },
            "warranty": { "type": "duration", "default": "365d" }
          },
          "gates": {
            "delivered": {
              "attest": ["carrier", "buyer"], "need": 2, "by": "deliverBy", "late": "fail"
            },
            "inspected": {
              "follows": "delivered", "attest": ["lab"], "need": 1, "by": "14d",
              "late": "arbitrate", "arbitration": "30d", "silent": "meet"
            },
            "warranted": { "follows": "inspected", "from": "warranty" }
          },
          "price": "price",
          "require": ["freight + sum(shares) <= price"],
          "lines": [
            { "to": "carrier", "fixed": "freight", "gate": "delivered", "tier": 0 },
            { "to": "suppliers", "fixed": "shares", "gate": "delivered", "tier": 1 },
            {
              "to": "maker", "rest": true, "gate": "inspected", "tier": 2,
              "retain": { "share": "retention", "until": "warranted" }
            }
          ],
          "royalty": 5,
          "examples": [
            {
              "name": "two suppliers",
              "now": "2027-01-01",
              "bindings": {
                "price": "1000", "freight": "50", "shares": ["200", "101"],
                "retention": "5%", "deliverBy": "2027-03-31"
              },
              "cases": [
                {
                  "paid": { "carrier": "50", "suppliers": ["200", "101"], "maker": "649" },
                  "refund": "0"
                },
                {
                  "gates": { "delivered": "partial" },
                  "paid": { "carrier": "40", "suppliers": ["160", "80"], "maker": "649" },
                  "refund": "71"
                },
                { "gates": { "delivered": "late" }, "paid": { "maker": "0" }, "refund": "1000" },
                {
                  "gates": { "inspected": "75%" },
                  "paid": { "carrier": "50", "suppliers": ["200", "101"], "maker": "494" },
                  "refund": "155"
                },
                {
                  "gates": { "inspected": "refused" },
                  "paid": { "maker": "0" }, "refund": "649"
                },
                { "gates": { "inspected": "late" }, "paid": { "maker": "649" }, "refund": "0" }
              ]
            }
          ]
        }
        """

    static let template: Template = try! Template(parsing: Array(text.utf8))

    /// Two suppliers, and accounts with names.
    static let bindings = """
        {
          "token": "0x000000000000000000000000000000000000d100",
          "buyer": "\(TestLedger.address("buyer").hex)",
          "maker": "\(TestLedger.address("maker").hex)",
          "suppliers": ["\(TestLedger.address("steel").hex)", "\(TestLedger.address("glass").hex)"],
          "carrier": "\(TestLedger.address("carrier").hex)",
          "lab": "\(TestLedger.address("lab").hex)",
          "chamber": "\(TestLedger.address("chamber").hex)",
          "price": "1000", "freight": "50", "shares": ["200", "101"],
          "retention": "5%", "deliverBy": 2000000
        }
        """

    static func bind(_ text: String = bindings) throws -> TemplateBindings {
        try TemplateBindings(parsing: Array(text.utf8), for: template)
    }
}
