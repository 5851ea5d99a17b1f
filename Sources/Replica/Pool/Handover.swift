/// How far a node that does not lead has handed its queue to the leader; places are indices of the queue.
struct Handover {
    /// The most entries of the queue that are looked at in one turn for what is overdue.
    static let looksMax = 8_192

    /// What stands before this place was handed over.
    var next = 0
    /// What stands before this place was handed over before the last two turns.
    private(set) var overdue = 0
    /// Where looking for what is overdue goes on.
    var again = 0
    /// As ``overdue``, for two turns and for one.
    private var (twoAgo, oneAgo) = (0, 0)

    /// Takes note that a turn is over.
    mutating func turn() { (overdue, twoAgo, oneAgo) = (twoAgo, oneAgo, next) }

    /// Changes all places, as the queue did.
    mutating func move(_ place: (Int) -> Int) {
        (next, overdue, again) = (place(next), place(overdue), place(again))
        (twoAgo, oneAgo) = (place(twoAgo), place(oneAgo))
    }
}
