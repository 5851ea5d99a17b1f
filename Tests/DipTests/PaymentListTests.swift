import Testing

@testable import dip

struct PaymentListTests {
    private func read(_ text: String) throws -> PaymentList {
        try PaymentList(text, "pay.csv", cents, names)
    }

    @Test(arguments: [
        "dev:1,1.50\ndev:2,2\n", "receiver,amount,note\r\ndev:1,1.50,x\r\n\r\ndev:2,2\r\n",
        "dev:1;1.50;a, b\ndev:2;2", "\"dev:1\", \"1.50\"\n dev:2 ,2 ,\n",
        "dev:1\t1.50\ndev:2\t2", "\"who, to\";amount\ndev:1;1.50;1,5\ndev:2;2;\"a;b\"",
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
        ("dev:1;1\ndev:2,2", "line 2"),
    ])
    func `a mistake is refused and its line is named`(text: String, told: String) {
        let failure = failure { _ = try read(text) } ?? "nothing"
        #expect(failure.contains(told), "\(failure)")
    }

    /// It was taken for the end of the cell, and 80 paid of 80,50, and 1.25 of 1.250,50.
    @Test(arguments: [
        "dev:1;80,50", "dev:1;1.250,50", "who;how much\ndev:1;1.250,50;rent", "dev:1\t80,50",
        "dev:1\t80;50", "dev:1,\"80,50\"", "dev:1;80,50\ndev:2,1",
    ])
    func `a decimal comma is no end of a cell`(text: String) {
        let failure = failure { _ = try read(text) } ?? "nothing"
        #expect(failure.contains("is no amount"), "\(failure)")
    }

    /// 80 was paid of 80,50, and 1 of 1,250.00.
    @Test(arguments: [
        "dev:1,80,50", "dev:1,1,250.00", "dev:2,1\ndev:1,80,50,rent", "dev:1,80, 50 EBD",
        "who,how much\ndev:1,80,50", "who,how much,why\ndev:1,80,50,rent",
        "who,how much,why\ndev:1,80,50,", "who,how much,,\ndev:1,80,50,",
    ])
    func `an amount that may go on behind a comma is refused`(text: String) {
        let failure = failure { _ = try read(text) } ?? "nothing"
        #expect(failure.contains("is not clear: write amounts with a point"), "\(failure)")
    }

    @Test(arguments: [
        "dev:1,80,rent", "dev:1,80,2026-12-31", "dev:1,80,", "who,how much,number\ndev:1,80,50",
        "who,how much,,\ndev:1,80,,", "who,how much\ndev:1,80,,", "dev:1;80;50", "dev:1\t80\t50",
    ])
    func `what is certainly another column is passed over`(text: String) throws {
        #expect(try read(text).amounts == [8000])
    }

    /// The first line was taken for titles, and nothing paid of it.
    @Test(arguments: ["dev:1,\ndev:2,80", "dev:1,ten\ndev:2,80"])
    func `a receiver without an amount is no title`(text: String) {
        let failure = failure { _ = try read(text) } ?? "nothing"
        #expect(failure.contains("line 1") && failure.contains("is no amount"), "\(failure)")
    }
}
