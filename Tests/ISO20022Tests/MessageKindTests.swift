import Testing

@testable import ISO20022

@Suite("Kinds of messages")
struct MessageKindTests {
    @Test("a kind is named by area and number")
    func names() {
        #expect(MessageKind(rawValue: "camt.054") == .notification)
        #expect(MessageKind(rawValue: "camt.999") == nil)
    }
}
