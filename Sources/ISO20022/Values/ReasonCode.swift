/// Why a payment was refused or came back, by ISO 20022's external code lists.
///
/// The lists grow every quarter, so that any code of up to four characters is carried; the common ones have words.
public struct ReasonCode: Hashable, Sendable {
    /// One to four characters, `AC01` for instance.
    public let text: String

    /// Reads a code.
    ///
    /// - Returns: nil unless it is one to four capital letters or digits.
    public init?(_ text: some StringProtocol) { self.init(Array(text.utf8)[...]) }

    init?(_ bytes: ArraySlice<UInt8>) {
        guard (1...4).contains(bytes.count),
            bytes.allSatisfy({ (0x30...0x39).contains($0) || (0x41...0x5a).contains($0) })
        else { return nil }
        text = String(decoding: bytes, as: UTF8.self)
    }

    /// What the code means, or nil for one that is rare.
    public var words: String? { Self.words[text] }

    private static let words: [String: String] = [
        "AB05": "timed out at the creditor's bank",
        "AB06": "timed out at the bank that was to pay",
        "AB08": "the creditor's bank is offline",
        "AB10": "error at the bank that was to pay",
        "AC01": "the account number is wrong",
        "AC02": "the debtor's account number is wrong",
        "AC03": "the creditor's account number is wrong",
        "AC04": "the account is closed",
        "AC05": "the debtor's account is closed",
        "AC06": "the account is blocked",
        "AC07": "the creditor's account is closed",
        "AC13": "the debtor's account is of the wrong type",
        "AC14": "the creditor's account is of the wrong type",
        "AG01": "this transaction is forbidden on this kind of account",
        "AG02": "the bank operation code is wrong",
        "AG03": "this kind of transaction is not supported",
        "AM01": "the amount is zero",
        "AM02": "the amount is above what is allowed",
        "AM03": "the currency cannot be processed",
        "AM04": "not enough money in the account",
        "AM05": "this is a duplicate",
        "AM06": "the amount is below the smallest allowed",
        "AM07": "the amount is blocked",
        "AM09": "the amount is not the agreed one",
        "AM10": "the control sum is wrong",
        "AM11": "the currency is wrong",
        "AM12": "the amount is wrong",
        "AM18": "the number of transactions is wrong",
        "BE01": "the creditor is not the holder of the account",
        "BE04": "the creditor's address is missing or wrong",
        "BE05": "the initiating party is unknown",
        "BE06": "the customer is unknown",
        "BE07": "the debtor's address is missing or wrong",
        "CH21": "an element that must be there is missing",
        "CNOR": "the creditor's bank is not registered in this clearing",
        "CURR": "the currency is wrong",
        "CUST": "the customer asked for it",
        "DNOR": "the debtor's bank is not registered in this clearing",
        "DS02": "an order was not authorised",
        "DT01": "the date is wrong",
        "DUPL": "this is a duplicate",
        "ED05": "settlement failed",
        "FF01": "the file is of a wrong form",
        "FOCR": "returned after a request to cancel it",
        "FR01": "returned because of fraud",
        "MD07": "the holder of the account has died",
        "MS02": "refused by the customer, who gave no reason",
        "MS03": "refused by the bank, which gave no reason",
        "NARR": "the reason is in the text",
        "NOAS": "no answer from the customer",
        "NOOR": "there is no original transaction",
        "RC01": "the bank's code is wrong",
        "RC03": "the debtor's bank code is wrong",
        "RC04": "the creditor's bank code is wrong",
        "RR01": "the debtor's account or identification is missing, as regulation demands it",
        "RR02": "the debtor's name or address is missing, as regulation demands it",
        "RR03": "the creditor's name or address is missing, as regulation demands it",
        "RR04": "regulation forbids it",
        "TECH": "a technical problem",
        "TM01": "it arrived after the cut-off time",
    ]
}

extension ReasonCode: CustomStringConvertible {
    /// The code, and its words where there are any.
    public var description: String { words.map { "\(text) (\($0))" } ?? text }
}
