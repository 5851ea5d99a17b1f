import ISO20022

/// The code by which a bank says why it did not pay.
enum RefusalCode {
    /// Codes by which a bank says that it has the file or the payment already.
    static let duplicates: Set = ["AM05", "DU01", "DU02", "DU03", "DU04", "DU05", "DUPL"]

    /// What banks say in words for the same: duplicate, Duplikat, duplicata; Doppelzahlung; doublon; 重复, 重複.
    private static let words = ["dupl", "doppel", "doublon", "重复", "重複"]

    /// The code that counts of all reasons that a message gives.
    ///
    /// A code goes onto the ledger for all to see, and none of the bank's own words, which may speak of a person;
    /// those are in the archived message. Where some reason says that the bank has the payment already, that one
    /// counts, wherever it stands: tokens that go back for it would be paid and kept. So does what is said of the
    /// whole file, for a payment of which nothing is said but that it is refused.
    ///
    /// - Parameters:
    ///   - own: the reasons that are given for the payment.
    ///   - above: those for its instruction and its file.
    /// - Returns: a code of ISO 20022; NARR where there is none.
    static func of(_ own: [StatusReason], becauseOf above: [StatusReason] = []) -> String {
        if let code = duplicate(own) { return code }
        if let code = codes(own).first { return code }
        return duplicate(above) ?? codes(above).first ?? "NARR"
    }

    private static func codes(_ reasons: [StatusReason]) -> [String] {
        reasons.compactMap(\.code?.text).filter { $0.utf8.count == 4 && $0 != "NARR" }
    }

    private static func duplicate(_ reasons: [StatusReason]) -> String? {
        if let code = codes(reasons).first(where: duplicates.contains) { return code }
        // Some give the same codes as words of their own, alone or with more: "AM05", "DU01 Duplicate message".
        if let code = reasons.compactMap(\.proprietary).flatMap(codes(in:)).first { return code }
        guard codes(reasons).isEmpty else { return nil }
        // A bank that has no code for it says it in words.
        let said = reasons.flatMap { $0.lines + [$0.proprietary ?? ""] }
        if let code = said.flatMap(codes(in:)).first { return code }
        let isSaid = said.contains { text in words.contains { text.lowercased().contains($0) } }
        return isSaid ? "DUPL" : nil
    }

    /// The codes for duplicates that stand in a text as words.
    private static func codes(in text: String) -> [String] {
        text.uppercased().split { !$0.isLetter && !$0.isNumber }.map(String.init)
            .filter(duplicates.contains)
    }
}
