/// Why a message that can be read is not for the desk.
enum IntakeRefusal: Error {
    /// A kind of message that asks somebody else for something.
    case notForTheDesk(String)
    /// Made later than tomorrow.
    case fromTheFuture
}
