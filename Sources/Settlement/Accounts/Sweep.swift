/// What was looked at for free places in accounts' lists, by a block's transactions or by its start.
///
/// Getting a claim costs the same whatever the receiver's list holds, so that there is a limit to it: an order of the
/// list may have a thousand lines and have to be read.
struct Sweep {
    /// How many parts of orders each new claim lets be looked at, beyond those of small ones.
    static let partsPerClaim = 64

    /// The order that was looked at last: many lines of one order stand one behind another.
    var last: Order?
    /// How many parts may yet be looked at; the order that uses them up is looked at, and none after it.
    var parts = 0
}
