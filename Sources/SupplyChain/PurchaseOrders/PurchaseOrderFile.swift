/// A file of delivered purchase-order lines: which of them can be settled, and why others cannot.
public struct PurchaseOrderFile: Sendable {
    /// The largest file that is read, in bytes.
    public static let maximumBytes = 256 << 20

    /// How many rows the file has.
    public private(set) var rows = 0
    /// Those that can be settled, in the order of the file.
    public private(set) var orders: [PurchaseOrder] = []
    /// Why others cannot, in the order in which the reasons are looked for.
    public private(set) var setAside: [Count] = []
    /// What was understood from words where a number is missing; these rows are used.
    public private(set) var remarks: [Count] = []

    /// Something that was met, and in which rows.
    public struct Count: Hashable, Sendable {
        /// What was met.
        public let reason: String
        /// The rows' own numbers, in the order of the file.
        public let ids: [String]
        /// In how many rows.
        public var rows: Int { ids.count }
    }

    /// Reads a file.
    ///
    /// - Parameters:
    ///   - bytes: the whole file, comma-separated with a header line.
    ///   - file: its name, for faults.
    /// - Throws: ``ChainFault`` for a file that is no table or lacks a column; a row that cannot be used
    ///   is set aside.
    public init(_ bytes: [UInt8], file: String) throws(ChainFault) {
        guard bytes.count <= Self.maximumBytes else {
            throw ChainFault(file: file, "the file is larger than \(Self.maximumBytes >> 20) MiB")
        }
        var reader = CSVReader(bytes, file: file)
        guard let header = try reader.next() else {
            throw ChainFault(file: file, "the file is empty")
        }
        let columns = try PurchaseOrderColumns(header, file: file)
        var readings: [PurchaseOrderReading] = []
        while let row = try reader.next() { readings.append(columns.read(row)) }
        rows = readings.count
        collect(readings)
    }

    private mutating func collect(_ readings: [PurchaseOrderReading]) {
        var setAside: [PurchaseOrderProblem: [String]] = [:]
        var remarks: [PurchaseOrderProblem: [String]] = [:]
        var carrying: Set<String> = []
        for case .order(let order, .stated) in readings { carrying.insert(order.id) }
        for reading in readings {
            switch reading {
            case .problem(let problem, let id): setAside[problem, default: []].append(id)
            case .order(let order, .onLine(let other)) where !carrying.contains(other):
                setAside[.freightOnUnusedLine, default: []].append(order.id)
            case .order(let order, let freight):
                orders.append(order)
                switch freight {
                case .stated: break
                case .included: remarks[.freightIncluded, default: []].append(order.id)
                case .onLine: remarks[.freightOnOtherLine, default: []].append(order.id)
                }
                if order.isStartGuessed { remarks[.noOrderDate, default: []].append(order.id) }
            }
        }
        self.setAside = Self.counts(setAside)
        self.remarks = Self.counts(remarks)
    }

    private static func counts(_ found: [PurchaseOrderProblem: [String]]) -> [Count] {
        PurchaseOrderProblem.allCases.compactMap { problem in
            found[problem].map { Count(reason: problem.rawValue, ids: $0) }
        }
    }
}
