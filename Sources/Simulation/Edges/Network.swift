/// The connections between nodes, as TCP has them: each keeps its order, and there its promises end.
///
/// A connection may be slow, stall, and break; what was on its way over a broken one arrives up to some
/// frame and not beyond. A frame of an old connection may arrive after one of its successor, and the lanes
/// know nothing of each other.
struct Network {
    /// What a connection is for.
    enum Lane: Int, CaseIterable { case consensus, bulk }

    /// One direction between two nodes, on one lane.
    struct Route: Hashable {
        var from: Int
        var to: Int
        var lane: Lane
    }

    /// A frame on its way.
    struct Parcel {
        let route: Route
        /// Tells a connection from those before it.
        let connection: UInt64
        /// Its place among the frames of its connection.
        let number: UInt64
        /// The bytes, as production sends them.
        let frame: [UInt8]
    }

    /// How long frames take, microseconds.
    struct Delays {
        var base: UInt64
        var jitter: UInt64
        /// Times in a thousand that a frame takes up to ``spike``.
        var spikesPerMille: UInt64
        var spike: UInt64
    }

    private struct Link {
        var connection: UInt64 = 1
        var isUp = true
        /// Frames given to the present connection, and those of them that arrived.
        var sent: UInt64 = 0
        var arrived: UInt64 = 0
        /// Where each connection ended that broke: the first frame that never arrives.
        var ends: [UInt64] = []
        var busyUntil: UInt64 = 0
        /// Nothing gets through while it is cut; TCP keeps it and tries again.
        var isCut = false
        var held: [Parcel] = []
    }

    let delays: Delays
    private let count: Int
    private var links: [Link]

    init(nodes: Int, delays: Delays) {
        count = nodes
        self.delays = delays
        links = Array(repeating: Link(), count: nodes * nodes * Lane.allCases.count)
    }

    private func place(_ route: Route) -> Int {
        (route.from * count + route.to) * Lane.allCases.count + route.lane.rawValue
    }

    /// Which connection a route has now; nil while it has none.
    func connection(_ route: Route) -> UInt64? {
        let link = links[place(route)]
        return link.isUp ? link.connection : nil
    }

    // MARK: Frames

    /// Puts a frame on its way.
    /// - Returns: when it arrives; nil if there is no connection, or it waits for a cut to end.
    mutating func send(
        _ frame: [UInt8], over route: Route, at now: UInt64, _ chance: inout Chance
    ) -> (parcel: Parcel, time: UInt64)? {
        let place = place(route)
        guard links[place].isUp else { return nil }
        let parcel = Parcel(
            route: route, connection: links[place].connection, number: links[place].sent,
            frame: frame)
        links[place].sent += 1
        guard !links[place].isCut else {
            links[place].held.append(parcel)
            return nil
        }
        return (parcel, arrival(place, now, &chance))
    }

    private mutating func arrival(
        _ place: Int, _ now: UInt64, _ chance: inout Chance
    ) -> UInt64 {
        var time = now + delays.base + chance.below(delays.jitter + 1)
        if chance.happens(delays.spikesPerMille) { time += chance.below(delays.spike + 1) }
        time = max(time, links[place].busyUntil)
        links[place].busyUntil = time
        return time
    }

    /// Whether a parcel whose time has come arrives.
    mutating func arrives(_ parcel: Parcel) -> Bool {
        let place = place(parcel.route)
        if parcel.connection == links[place].connection, links[place].isUp {
            links[place].arrived = parcel.number + 1
            return true
        }
        // Connections count from 1, and every one but the present has ended.
        return parcel.number < links[place].ends[Int(parcel.connection) - 1]
    }

    // MARK: Faults

    /// Ends a connection; some of what is on its way still arrives, unless all of it is lost.
    /// - Returns: false if there was none.
    mutating func breakOff(_ route: Route, losingAll: Bool, _ chance: inout Chance) -> Bool {
        let place = place(route)
        guard links[place].isUp else { return false }
        let (arrived, sent) = (links[place].arrived, links[place].sent)
        links[place].ends.append(
            losingAll || sent <= arrived ? arrived : chance.number(arrived...sent))
        links[place].isUp = false
        links[place].held = []
        return true
    }

    /// Makes a new connection where the last one ended.
    mutating func connect(_ route: Route) {
        let place = place(route)
        guard !links[place].isUp, !links[place].isCut else { return }
        links[place].isUp = true
        links[place].connection += 1
        links[place].sent = 0
        links[place].arrived = 0
        links[place].busyUntil = 0
    }

    /// Lets nothing through in one direction.
    mutating func cut(_ route: Route) { links[place(route)].isCut = true }

    /// Whether nothing gets through.
    func isCut(_ route: Route) -> Bool { links[place(route)].isCut }

    /// Ends a cut.
    /// - Returns: what was held up meanwhile, and when it arrives.
    mutating func heal(
        _ route: Route, at now: UInt64, _ chance: inout Chance
    ) -> [(parcel: Parcel, time: UInt64)] {
        let place = place(route)
        links[place].isCut = false
        let held = links[place].held
        links[place].held = []
        return held.map { ($0, arrival(place, now, &chance)) }
    }
}
