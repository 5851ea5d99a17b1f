import JSON

extension ChainFile {
    /// Reads a JSON object in each line: `stages` with `name`, `cost` and `demand` (null for none), and
    /// `links`, pairs of a supplier's and a customer's name; each link is one unit.
    ///
    /// The member `chain` or `name` names the chain.
    static func lines(_ bytes: [UInt8], file: String) throws(ChainFault) -> [NamedChain] {
        var chains: [NamedChain] = []
        var line = 0
        for text in bytes.split(separator: 0x0a, omittingEmptySubsequences: false) {
            line += 1
            if text.allSatisfy(\.isSpace) { continue }
            let place = Place(file: file, line: line)
            let value: JSON
            do throws(JSONFault) {
                value = try JSON(parsing: text)
            } catch {
                throw place.fault("\(error)")
            }
            let name = (value["name"] ?? value["chain"])?.label ?? String(chains.count + 1)
            guard !chains.contains(where: { $0.name == name }) else {
                throw place.fault("chain \(name) is in this file already")
            }
            chains.append(NamedChain(name: name, chain: try chain(value, at: place)))
        }
        return chains
    }

    private struct Place {
        let file: String
        let line: Int

        func fault(_ reason: String) -> ChainFault {
            ChainFault(file: file, line: line, reason)
        }
    }

    private static func chain(_ value: JSON, at place: Place) throws(ChainFault) -> Chain {
        guard let stages = value["stages"]?.array else { throw place.fault("no array 'stages'") }
        guard let links = value["links"]?.array else { throw place.fault("no array 'links'") }
        var drafts: [StageDraft] = []
        var indices: [String: Int] = [:]
        for (index, stage) in stages.enumerated() {
            guard let name = stage["name"]?.string, !name.isEmpty else {
                throw place.fault("stages[\(index)] has no name")
            }
            guard let cost = stage["cost"]?.decimal else {
                throw place.fault("the cost of \(name) is no decimal number")
            }
            if let demand = stage["demand"], !demand.isNull, demand.decimal == nil {
                throw place.fault("the demand for \(name) is no decimal number")
            }
            guard indices.updateValue(index, forKey: name) == nil else {
                throw place.fault("stage \(name) is there twice")
            }
            drafts.append(
                StageDraft(
                    line: place.line, name: name, cost: cost,
                    hasDemand: stage["demand"].map { !$0.isNull } ?? false, supplies: []))
        }
        for (index, link) in links.enumerated() {
            guard link.array?.count == 2, let supplier = link[0]?.string,
                let customer = link[1]?.string
            else { throw place.fault("links[\(index)] is no pair of names") }
            guard let buyer = indices[customer] else {
                throw place.fault("links[\(index)] leads to \(customer), which is no stage")
            }
            drafts[buyer].supplies.append((supplier, .one))
        }
        return try Chain(file: place.file, drafts)
    }
}

extension JSON {
    /// A number exactly as it is written, or nil.
    fileprivate var decimal: DecimalNumber? {
        guard case .number(let text) = self else { return nil }
        return DecimalNumber(text)
    }

    /// Text or a number as text.
    fileprivate var label: String? {
        switch self {
        case .string(let text), .number(let text): text
        default: nil
        }
    }
}
