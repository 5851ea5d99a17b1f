/// The contract of templates at 0x…d104, as clients see it.
public enum ITemplates {
    /// Where a template stands.
    public enum Status: UInt8, Hashable, Sendable, CaseIterable, ABIEnum {
        /// There is no such template.
        case none
        /// Published, and not yet reviewed by as many as it needs.
        case draft
        /// Orders can be opened from it.
        case active
        /// Enough reviewers were against it.
        case rejected
        /// Withdrawn by its developer, or replaced by a later version.
        case deprecated
        /// Taken out of use by the banks.
        case suspended
    }

    /// What a reviewer said of a template.
    public struct Review: Hashable, Sendable {
        /// Who.
        public var reviewer: Address
        /// For or against.
        public var approved: Bool
        /// The hash of a report that says why.
        public var report: Hash32

        /// Makes one from its members.
        public init(reviewer: Address, approved: Bool, report: Hash32) {
            self.reviewer = reviewer
            self.approved = approved
            self.report = report
        }
    }
}

extension ITemplates.Review: ABICodable {
    /// Three members.
    public static var abiWords: Int { 3 }

    /// Reads the members in order.
    /// - Throws: ``Rejection/badCalldata(_:)``.
    public init(abi reader: inout ABIReader) throws(Rejection) {
        reviewer = try reader.address()
        approved = try reader.bool()
        report = try reader.word()
    }

    /// Writes the members in order.
    public func encode(to writer: inout ABIWriter) {
        writer.write(reviewer)
        writer.write(approved)
        writer.write(word: report)
    }
}
