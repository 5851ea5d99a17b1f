import Testing

@testable import dip

struct PaymentListTests {
    private func read(_ text: String) throws -> PaymentList {
        try PaymentList(text, "pay.csv", cents, names)
    }

    @Test(arguments: [
        "dev:1,1.50\ndev:2,2\n", "receiver,amount,note\r\ndev:1,1.50,x\r\n\r\ndev:2,2\r\n",
        "dev:1;1.50;a, b\ndev:2;2", "\"dev:1\", \"1.50\"\n dev:2 ,2 ,\n",
        "dev:1\t1.50\ndev:2\t2",
    ])
    func `a spreadsheet's file is read, whatever separates its cells`(text: String) throws {
        let list = try read(text)
        #expect(list.receivers == [account(1), account(2)])
        #expect(list.amounts == [150, 200])
        #expect(list.total == 350)
    }

    @Test(arguments: [
        ("dev:1,1\ndev:2,2.001", "line 2"), ("dev:1,1\nnobody,2", "line 2"), ("dev:1", "line 1"),
        ("", "no payments"), ("who,amount\n", "no payments"), ("dev:1,1\nwho,amount", "line 2"),
        ("dev:1,3402823669209384634633746074317682114.55\ndev:2,0.01", "add up"),
    ])
    func `a mistake is refused and its line is named`(text: String, told: String) {
        let failure = failure { _ = try read(text) } ?? "nothing"
        #expect(failure.contains(told), "\(failure)")
    }
}
