import Logging

/// Waits out faults that pass, and tells of each once.
public struct Patience: Sendable {
    private let log: Logger
    private var told: DeskFault?

    /// Tells a log.
    public init(_ log: Logger) { self.log = log }

    /// Waits a little, so that what failed can be tried again.
    ///
    /// - Throws: the fault, where waiting does not help.
    public mutating func bear(_ fault: DeskFault) async throws(DeskFault) {
        guard fault.passes else { throw fault }
        if told != fault { log.error("the desk waits: \(fault)") }
        told = fault
        try? await Task.sleep(for: .seconds(2))
    }

    /// What failed has worked.
    public mutating func isOver() {
        if told != nil { log.notice("the desk goes on") }
        told = nil
    }

    /// Does something as soon as it can be done.
    ///
    /// - Parameters:
    ///   - shouldStop: asked after each time that it could not.
    ///   - body: what is to be done.
    /// - Returns: what came of it; nil where it was told to stop before.
    /// - Throws: ``DeskFault`` where waiting does not help.
    public mutating func wait<Value>(
        until shouldStop: @Sendable () -> Bool, for body: () throws(DeskFault) -> Value
    ) async throws(DeskFault) -> Value? {
        while true {
            do throws(DeskFault) {
                let value = try body()
                isOver()
                return value
            } catch { try await bear(error) }
            if shouldStop() { return nil }
        }
    }
}
