/// What a row turned out to be.
enum PurchaseOrderReading {
    case order(PurchaseOrder, Freight)
    /// Why the row with this number cannot be used.
    case problem(PurchaseOrderProblem, id: String)

    /// Where the freight of a row is said.
    enum Freight: Equatable {
        case stated
        case included
        /// On the row with this number, which belongs to the same shipment.
        case onLine(String)
    }
}

/// Why a row is set aside, and what is remarked of rows that are used.
enum PurchaseOrderProblem: String, CaseIterable {
    // Set aside, in the order of looking.
    case tooFewFields = "the row has fewer fields than the header"
    case noParty = "no country, vendor or number of the line"
    case noScheduledDate = "no scheduled delivery date"
    case noDeliveredDate = "no date of delivery"
    case badValue = "the line item value is no sum in cents"
    case zeroValue = "the line item value is zero"
    case noInsurance = "the insurance is not stated"
    case badInsurance = "the insurance is no sum in cents"
    case invoicedSeparately = "the freight is 'Invoiced Separately', its sum unknown"
    case badFreight = "the freight is no sum in cents and no known remark"
    case freightOnUnusedLine =
        "the freight is on another line ('See … (ID#:…)') that does not state it or is set aside"
    // Used.
    case freightIncluded = "'Freight Included in Commodity Cost': no line for the carrier"
    case freightOnOtherLine =
        "'See … (ID#:…)': the shipment's freight is paid on the line that states it"
    case noOrderDate = "no usable order date: ordered 30 days before it is due or delivered"
}

/// Where the columns of a purchase-order file are.
struct PurchaseOrderColumns {
    private let width: Int
    private var places: [Column: Int] = [:]

    private enum Column: String, CaseIterable {
        case id = "ID"
        case country = "Country"
        case vendor = "Vendor"
        case mode = "Shipment Mode"
        case ordered = "PO Sent to Vendor Date"
        case scheduled = "Scheduled Delivery Date"
        case delivered = "Delivered to Client Date"
        case value = "Line Item Value"
        case freight = "Freight Cost (USD)"
        case insurance = "Line Item Insurance (USD)"
    }

    init(_ header: CSVRow, file: String) throws(ChainFault) {
        width = header.fields.count
        let names = header.fields.map(\.trimmed)
        for column in Column.allCases {
            guard let place = names.firstIndex(of: column.rawValue) else {
                throw ChainFault(
                    file: file, line: header.line, "there is no column '\(column.rawValue)'")
            }
            places[column] = place
        }
    }

    func read(_ row: CSVRow) -> PurchaseOrderReading {
        guard row.fields.count >= width else {
            return .problem(.tooFewFields, id: row.fields[0].trimmed)
        }
        func field(_ column: Column) -> String {
            places[column].map { row.fields[$0].trimmed } ?? ""
        }
        let (id, country, vendor) = (field(.id), field(.country), field(.vendor))
        guard !id.isEmpty, !country.isEmpty, !vendor.isEmpty else {
            return .problem(.noParty, id: id)
        }
        guard let scheduled = CalendarDay(field(.scheduled)) else {
            return .problem(.noScheduledDate, id: id)
        }
        guard let delivered = CalendarDay(field(.delivered)) else {
            return .problem(.noDeliveredDate, id: id)
        }
        guard let value = cents(field(.value)) else { return .problem(.badValue, id: id) }
        guard value > 0 else { return .problem(.zeroValue, id: id) }
        guard !field(.insurance).isEmpty else { return .problem(.noInsurance, id: id) }
        guard let insurance = cents(field(.insurance)) else {
            return .problem(.badInsurance, id: id)
        }
        let freight: PurchaseOrderReading.Freight
        var freightCents: UInt128 = 0
        switch field(.freight) {
        case "Freight Included in Commodity Cost": freight = .included
        case "Invoiced Separately": return .problem(.invoicedSeparately, id: id)
        case let text:
            if let stated = cents(text) {
                freight = .stated
                freightCents = stated
            } else if let other = Self.otherLine(text) {
                freight = .onLine(other)
            } else {
                return .problem(.badFreight, id: id)
            }
        }
        let start = PurchaseOrder.start(
            ordered: CalendarDay(field(.ordered)), before: min(scheduled, delivered))
        return .order(
            PurchaseOrder(
                id: id, line: row.line, buyer: country, vendor: vendor,
                carrier: field(.mode) == "N/A" ? "Carrier" : "Carrier, \(field(.mode))",
                value: value, freight: freightCents, insurance: insurance, ordered: start.day,
                scheduled: scheduled, delivered: delivered, isStartGuessed: start.isGuessed),
            freight)
    }

    /// Reads `See ASN-93 (ID#:1281)`.
    private static func otherLine(_ text: String) -> String? {
        guard text.hasPrefix("See "), text.hasSuffix(")"),
            let colon = text.lastIndex(of: ":"), text[..<colon].hasSuffix("(ID#")
        else { return nil }
        let number = text[text.index(after: colon)...].dropLast()
        return number.isEmpty || !number.allSatisfy(\.isNumber) ? nil : String(number)
    }

    /// A sum in cents below 10^18, so that no sum of a file comes near 128 bits.
    private func cents(_ text: String) -> UInt128? {
        guard let units = DecimalNumber(text)?.units(decimals: 2), units < 1_000_000_000_000_000_000
        else { return nil }
        return units
    }
}

extension PurchaseOrder {
    /// When to order: on the date given, unless there is none or the goods were due or there before.
    static func start(
        ordered: CalendarDay?, before day: CalendarDay
    ) -> (day: CalendarDay, isGuessed: Bool) {
        guard let ordered, ordered <= day else { return (day.adding(days: -30), true) }
        return (ordered, false)
    }
}
