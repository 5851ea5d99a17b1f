import Settlement

extension FuzzTarget {
    /// The language of templates.
    static let templates: [FuzzTarget] = [
        FuzzTarget("template", seeds: { [invoice] }) { (bytes) throws(FuzzFinding) in
            guard bytes.count <= 1 << 14, let template = try? Template(parsing: bytes) else {
                return
            }
            // What an id is the hash of is read again as the same template.
            guard let again = try? Template(parsing: template.canonicalBytes),
                again.id == template.id
            else { throw FuzzFinding("template: its canonical text is another template") }
        }
    ]

    private static let invoice = Array(
        #"""
        {"language":1,"name":{"en":"Invoice"},"roles":["buyer","seller"],
        "parameters":{"price":{"type":"amount","min":1,"max":1000}},"price":"price",
        "lines":[{"to":"seller","remainder":true}]}
        """#.utf8)
}
