/// What happens before each step that a crash could fall behind; tests let one of them fail.
struct Steps: Sendable {
    private let action: (@Sendable (String) throws(StoreFault) -> Void)?

    init(_ action: (@Sendable (String) throws(StoreFault) -> Void)? = nil) { self.action = action }

    func before(_ step: String) throws(StoreFault) { try action?(step) }
}
