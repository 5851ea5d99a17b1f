/// A file of delivered purchase-order lines: which of them can be settled, and why others cannot.
public struct PurchaseOrderFile: Sendable {
    /// The largest file that is read, in bytes.
    public static let maximumBytes = 256 << 20

    /// How many rows the file has.
    public private(set) var rows = 0
    /// Those that can be settled, in the order of the file.
    public private(set) var orders: [PurchaseOrder] = []
    /// Why others cannot, with how many; in the order in which the reasons are looked for.
    public private(set) var setAside: [Count] = []
    /// What was understood from words where a number is missing, with how many; they are used.
    public private(set) var remarks: [Count] = []

    /// Something that was met, and how often.
    public struct Count: Hashable, Sendable {
        /// What was met.
        public let reason: String
        /// In how many rows.
        public let rows: Int
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
        var setAside: [PurchaseOrderProblem: Int] = [:]
        var remarks: [PurchaseOrderProblem: Int] = [:]
        var carrying: Set<String> = []
        for case .order(let order, .stated) in readings { carrying.insert(order.id) }
        for reading in readings {
            switch reading {
            case .problem(let problem): setAside[problem, default: 0] += 1
            case .order(_, .onLine(let other)) where !carrying.contains(other):
                setAside[.freightOnUnusedLine, default: 0] += 1
            case .order(let order, let freight):
                orders.append(order)
                switch freight {
                case .stated: break
                case .included: remarks[.freightIncluded, default: 0] += 1
                case .onLine: remarks[.freightOnOtherLine, default: 0] += 1
                }
                if order.isStartGuessed { remarks[.noOrderDate, default: 0] += 1 }
            }
        }
        self.setAside = Self.counts(setAside)
        self.remarks = Self.counts(remarks)
    }

    private static func counts(_ found: [PurchaseOrderProblem: Int]) -> [Count] {
        PurchaseOrderProblem.allCases.compactMap { problem in
            found[problem].map { Count(reason: problem.rawValue, rows: $0) }
        }
    }
}
