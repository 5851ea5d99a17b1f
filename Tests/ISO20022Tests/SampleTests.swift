import ISO20022
import Testing

@Suite("Messages of real banks", .enabled(if: Samples.exists, "shared/data/iso20022 is not here"))
struct SampleTests {
    @Test("a Swiss bank's notification in version 04 is read")
    func swiss() throws {
        let parts = try parts(
            Samples.bytes(
                "moov_200519_camt.054-Credit_P_CH2909000000250094239_1110092691_0_2019042421291293.xml"
            ))
        #expect(parts.count == 6)
        guard case .entry(let entry) = parts[2] else {
            Issue.record("no entry")
            return
        }
        #expect(entry.money.description == "CHF 1500.00")
        #expect(entry.direction == .credit)
        #expect(entry.status == .booked)
        #expect(entry.servicerReference == "074820002ZZ9J42U")
    }
}
