import SupplyChain
import Testing

@Suite struct PurchaseOrderTests {
    private let header =
        "ID,Country,Vendor,Shipment Mode,PO Sent to Vendor Date,Scheduled Delivery Date,"
        + "Delivered to Client Date,Line Item Value,Freight Cost (USD),Line Item Insurance (USD)"

    private func file(_ rows: String...) throws -> PurchaseOrderFile {
        try PurchaseOrderFile(
            Array(([header] + rows).joined(separator: "\n").utf8), file: "orders.csv")
    }

    @Test func `a row in time pays everybody in full`() throws {
        let file = try file("1,Haiti,Abbott,Air,1/2/2007,1-Mar-07,28-Feb-07,551,780.34,0.5")
        let order = try #require(file.orders.first)
        #expect(order.price == 55_100 + 78_034 + 50)
        #expect(order.vendorReceives == 55_100)
        #expect(order.refund == 0)
        #expect(order.carrier == "Carrier, Air")
        #expect(order.ordered.description == "2007-01-02")
        #expect(order.punctualUntil == 1_172_793_600)  // 2007-03-02T00:00:00Z
        #expect(file.rows == 1 && file.setAside.isEmpty && file.remarks.isEmpty)
    }

    @Test func `a day late costs a tenth, rounded down`() throws {
        let file = try file("1,Haiti,Abbott,Air,1/2/2007,1-Mar-07,2-Mar-07,0.19,0,0")
        let order = try #require(file.orders.first)
        #expect(order.isLate)
        #expect(order.punctuality == 1)
        #expect(order.vendorReceives == 18)
        #expect(order.refund == 1)
    }

    @Test func `after a year the order has ended`() throws {
        let file = try file(
            "1,Haiti,Abbott,Air,1/2/2007,1-Mar-07,29-Feb-08,10,5,1",
            "2,Haiti,Abbott,Air,1/2/2007,1-Mar-07,1-Mar-08,10,5,1")
        #expect(file.orders.map(\.isTooLate) == [false, true])
        #expect(file.orders.map(\.vendorReceives) == [900, 0])
        #expect(file.orders.map(\.carrierReceives) == [500, 0])
        #expect(file.orders.map(\.refund) == [100, 1_500])
    }

    @Test func `words in the place of a sum say what to do`() throws {
        let file = try file(
            "1,Haiti,Abbott,Air,1/2/2007,1-Mar-07,1-Mar-07,10,5,1",
            "2,Haiti,Abbott,Air,1/2/2007,1-Mar-07,1-Mar-07,10,See ASN-9 (ID#:1),1",
            "3,Haiti,Abbott,Air,1/2/2007,1-Mar-07,1-Mar-07,10,Freight Included in Commodity Cost,1",
            "4,Haiti,Abbott,Air,1/2/2007,1-Mar-07,1-Mar-07,10,Invoiced Separately,1",
            "5,Haiti,Abbott,Air,1/2/2007,1-Mar-07,1-Mar-07,10,See DN-4 (ID#:4),1",
            "6,Haiti,Abbott,N/A,N/A - From RDC,1-Mar-07,1-Mar-07,10,2,1",
            "7,Haiti,Abbott,Air,1/2/2007,1-Mar-07,1-Mar-07,0,5,1",
            "8,Haiti,Abbott,Air,1/2/2007,1-Mar-07,1-Mar-07,10,5,",
            "9,Haiti,Abbott,Air,1/2/2007,soon,1-Mar-07,10,5,1",
            "10,Haiti,Abbott,Air,1/2/2007,1-Mar-07,31-Feb-07,10,5,1",
            "11,Haiti,Abbott,Air,1/2/2007,1-Mar-07,1-Mar-07,10.001,5,1",
            "12,Haiti,Abbott,Air,1/2/2007,1-Mar-07,1-Mar-07,10,about 5,1",
            "13,Haiti")
        #expect(file.rows == 13)
        #expect(file.orders.map(\.id) == ["1", "2", "3", "6"])
        #expect(file.orders.map(\.freight) == [500, 0, 0, 200])
        #expect(file.orders.last?.carrier == "Carrier")
        #expect(file.orders.last?.ordered.description == "2007-01-30")
        #expect(
            file.setAside.map(\.ids) == [
                ["13"], ["9"], ["10"], ["11"], ["7"], ["8"], ["4"], ["12"], ["5"],
            ])
        #expect(
            file.setAside.map { String($0.reason.prefix(24)) } == [
                "the row has fewer fields", "no scheduled delivery da", "no date of delivery",
                "the line item value is n", "the line item value is z", "the insurance is not sta",
                "the freight is 'Invoiced", "the freight is no sum in", "the freight is on anothe",
            ])
        #expect(file.remarks.map(\.ids) == [["3"], ["2"], ["6"]])
    }

    @Test func `an order date after the goods came is not used`() throws {
        let file = try file("1,Haiti,Abbott,Air,3/2/2007,1-Mar-07,20-Feb-07,10,5,1")
        #expect(file.orders.first?.ordered.description == "2007-01-21")
        #expect(file.remarks.count == 1)
    }

    @Test func `a column that is not there is named`() {
        #expect(
            fault { _ = try PurchaseOrderFile(Array("ID,Country\n".utf8), file: "o.csv") }
                == "o.csv:1: there is no column 'Vendor'")
    }

    @Test(arguments: [
        ("2-Jun-06", "2006-06-02"), ("29-Feb-08", "2008-02-29"), ("12/31/2015", "2015-12-31"),
        ("1/1/1970", "1970-01-01"), ("3/1/2000", "2000-03-01"), ("2/29/2000", "2000-02-29"),
        ("12/31/2999", "2999-12-31"),
    ])
    func `dates are read in both forms`(text: String, expected: String) {
        #expect(CalendarDay(text)?.description == expected)
    }

    @Test(arguments: [
        "29-Feb-07", "2/29/1900", "31-Apr-10", "0-Jan-10", "13/1/2010", "1-Foo-10", "2006-06-02",
        "",
        "1-Jan-2010", "1/1/10", "1/1/1969", "-1-Jan-10", "Date Not Captured",
    ])
    func `a day that there is not has no value`(text: String) {
        #expect(CalendarDay(text) == nil)
    }

    @Test func `days count from 1970`() {
        #expect(CalendarDay("1/1/1970")?.number == 0)
        #expect(CalendarDay("14-Sep-15")?.seconds == 1_442_188_800)
    }
}
