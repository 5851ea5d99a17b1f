/// What a reader gives next: a message comes in parts, so that its size does not matter.
///
/// Nothing counts before the reader has returned nil for the end. The order is that of the file:
/// - accounts: header, then for each account `account`, for each of its entries `entry`, its `transaction`s and
///   `entryEnd`, then `accountEnd`;
/// - pain.001: header, then for each instruction `instruction` and its `transfer`s;
/// - pacs.008, pacs.009: header, then `transfer`s;
/// - pain.002, pacs.002: header, then `status` of groups, instructions and transactions;
/// - pacs.004: header, then `returned`.
public enum MessagePart: Hashable, Sendable {
    /// The message's own identification; the first part of each.
    case header(MessageHeader)
    /// An account and its balances, before its entries.
    case account(AccountStatement)
    /// A booking on the account.
    case entry(Entry)
    /// One of the payments of the entry before.
    case transaction(EntryTransaction)
    /// The entry's last part, with what its payments add up to.
    case entryEnd(EntryEnd)
    /// The account's last part, with what its entries add up to.
    case accountEnd(AccountEnd)
    /// A debtor's instruction, before its transfers.
    case instruction(PaymentInstruction)
    /// A payment that is asked for.
    case transfer(Transfer)
    /// What became of a payment, or of several.
    case status(StatusReport)
    /// A payment that comes back.
    case returned(ReturnedPayment)
}
