import SupplyChain

/// A chain from a table's rows, under a header that all of them share.
func chain(_ rows: String...) throws -> Chain {
    let header = "stage_id,lead_time,cost,ext_demand_mean,up_stages"
    return try ChainFile(
        Array(([header] + rows).joined(separator: "\n").utf8), file: "chain.txt"
    ).chain(nil, file: "chain.txt")
}

/// What a closure throws, as text; empty if it does not.
func fault(_ body: () throws -> Void) -> String {
    do {
        try body()
        return ""
    } catch {
        return "\(error)"
    }
}
