extension ChainFile {
    /// Reads a table with a header line and a row for each stage.
    ///
    /// Columns are found by name: `stage_id`, `cost` or `cost_rate`, and `up_stages`, where pairs of a
    /// supplier's name and a quantity begin that go on to the end of the row. A number under
    /// `ext_demand_mean` says that the stage is sold. Rows may stop early.
    static func table(_ bytes: [UInt8], file: String) throws(ChainFault) -> [StageDraft] {
        var reader = CSVReader(bytes, file: file)
        guard let header = try reader.next() else {
            throw ChainFault(file: file, "the file is empty")
        }
        let columns = try Columns(header, file: file)
        var drafts: [StageDraft] = []
        while let row = try reader.next() {
            let fields = row.fields.map(\.trimmed)
            if fields.allSatisfy(\.isEmpty) { continue }
            drafts.append(try columns.stage(fields, line: row.line, file: file))
        }
        return drafts
    }

    private struct Columns {
        let name: Int
        let cost: Int
        let demand: Int?
        let supplies: Int

        init(_ header: CSVRow, file: String) throws(ChainFault) {
            let names = header.fields.map(\.trimmed)
            func place(_ wanted: [String]) throws(ChainFault) -> Int {
                if let index = names.firstIndex(where: { wanted.contains($0) }) { return index }
                throw ChainFault(
                    file: file, line: header.line,
                    "the header has no column \(wanted.joined(separator: " or "))")
            }
            name = try place(["stage_id"])
            cost = try place(["cost", "cost_rate"])
            demand = names.firstIndex(of: "ext_demand_mean")
            supplies = try place(["up_stages"])
            guard supplies == names.count - 1 else {
                throw ChainFault(
                    file: file, line: header.line,
                    "up_stages must be the last column, as its pairs go on to the end of a row")
            }
        }

        func stage(
            _ fields: [String], line: Int, file: String
        ) throws(ChainFault) -> StageDraft {
            func fault(_ reason: String) -> ChainFault {
                ChainFault(file: file, line: line, reason)
            }
            func field(_ index: Int) -> String { index < fields.count ? fields[index] : "" }
            guard !field(name).isEmpty else { throw fault("the stage has no name") }
            guard let cost = DecimalNumber(field(cost)) else {
                throw fault("the cost of \(field(name)) is no decimal number: '\(field(cost))'")
            }
            var hasDemand = false
            if let demand, !field(demand).isEmpty {
                guard DecimalNumber(field(demand)) != nil else {
                    throw fault("the demand for \(field(name)) is no decimal number")
                }
                hasDemand = true
            }
            var pairs = fields.dropFirst(supplies)
            while pairs.last?.isEmpty == true { pairs = pairs.dropLast() }
            var draft = StageDraft(
                line: line, name: field(name), cost: cost, hasDemand: hasDemand, supplies: [])
            while let supplier = pairs.popFirst() {
                guard !supplier.isEmpty else {
                    throw fault("a supplier of \(field(name)) has no name")
                }
                guard let text = pairs.popFirst(), let quantity = DecimalNumber(text) else {
                    throw fault("\(supplier), needed by \(field(name)), has no quantity")
                }
                draft.supplies.append((supplier, quantity))
            }
            return draft
        }
    }
}

extension String {
    /// Without white space at either end.
    var trimmed: String {
        var bytes = utf8[...]
        while let first = bytes.first, first.isSpace { bytes = bytes.dropFirst() }
        while let last = bytes.last, last.isSpace { bytes = bytes.dropLast() }
        return String(Substring(bytes))
    }
}
