import Testing

@testable import BankDesk

@Suite("Faults of the desk")
struct DeskFaultTests {
    @Test("a fault names the folder")
    func namesFolder() {
        #expect(DeskFault.folderInUse(path: "/desk").description.contains("/desk"))
    }
}
