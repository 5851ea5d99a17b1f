/// What work costs, in gas.
///
/// A unit stands for about ten nanoseconds of one core, storage included.
public enum Gas {
    /// Every transaction; all that sending DIP costs.
    public static let transaction: UInt64 = 21_000
    /// A byte of call data that is zero.
    public static let zeroByte: UInt64 = 4
    /// A byte of call data that is not zero.
    public static let dataByte: UInt64 = 16
    /// A call that reads or changes one or two small records.
    public static let call: UInt64 = 5_000
    /// Writing a record that was not there.
    public static let newRecord: UInt64 = 10_000
    /// One payment: a balance or a claim moves.
    public static let payment: UInt64 = 1_500
    /// A line, gate, attestor or claim entry that an operation makes.
    public static let entry: UInt64 = 2_000
    /// Checking one signature.
    public static let signature: UInt64 = 10_000
    /// Looking at an entry of a list, a line or a record that is at hand.
    public static let visit: UInt64 = 200
    /// Looking at an order, or another record of its own, that a list or an argument names: a node may have to read it.
    public static let look: UInt64 = 2_000
    /// An account with a part in an order that is opened, beyond the first ``partiesFree``: its lists of orders and claims
    /// may have to be read, and are written.
    public static let party: UInt64 = 3_000
    /// How many accounts with a part in an order are in the price of opening it.
    public static let partiesFree = 8
    /// A line, gate, attestor, claim, source or child of an order that has more than ``partsFree`` of them, each
    /// time that the order has to be at hand: a node may have to read all of it, and to hold it until the block ends,
    /// in some 100 bytes.
    public static let part: UInt64 = 100
    /// How many parts of an order are in the price of a call.
    public static let partsFree = 64
    /// How many are in the price of a payment, or of an entry of a list that names the order.
    public static let partsFreeListed = 16
    /// A byte that a call returns beyond ``resultBytesFree``: it stands in the block's records for ever.
    public static let resultByte: UInt64 = 16
    /// How many bytes of what a call returns are in its price; an order without its lines has 608.
    public static let resultBytesFree = 640
    /// Issuing a token.
    public static let newToken: UInt64 = 200_000

    /// Having an order of so many parts at hand, of which some are in the price of what needs it: nothing for most.
    public static func size(parts: Int, free: Int = partsFree) -> UInt64 {
        UInt64(max(parts - free, 0)) * part
    }

    /// What a call returns.
    public static func returning(_ bytes: Int) -> UInt64 {
        UInt64(max(bytes - resultBytesFree, 0)) * resultByte
    }

    /// Opening an order: its record, its lines with a payment each ahead, its gates and their attestors, and the accounts
    /// that have a part in it, each once.
    public static func opening(lines: Int, gates: Int, attestors: Int, parties: Int) -> UInt64 {
        newRecord + UInt64(lines) * (entry + payment) + UInt64(gates + attestors) * entry
            + UInt64(max(parties - partiesFree, 0)) * party
    }
}
