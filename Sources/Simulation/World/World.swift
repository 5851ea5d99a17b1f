import Consensus
import Execution
import Ledger
import Replica

/// One run: nodes, links, disks, clocks and clients, driven by one queue of events.
///
/// Nothing in it depends on anything but the seed and the sabotage.
public final class World {
    /// The seed that the run follows from.
    public let seed: UInt64
    /// The rule that is broken on purpose, if one is.
    public let sabotage: Sabotage?
    /// What happened.
    var trace: Trace
    let scenario: Scenario
    let genesis: Genesis
    let genesisHash: Hash32
    let founders: Membership
    var chance: Chance
    /// Microseconds since the start.
    private(set) var now: UInt64 = 0
    private(set) var nodes: [SimulatedNode] = []
    var network: Network
    var clients: [Client] = []
    let market = Market()
    let desk: BankDesk
    var properties: Properties
    private var events = EventQueue<Event>()
    var isMended = false

    /// Something whose time will come.
    enum Event {
        case arrive(Network.Parcel)
        case connect(Network.Route)
        case disconnect(Network.Route)
        case heal(Network.Route)
        case work(Int, life: Int, Process.Work)
        /// A process starts, for the first time too.
        case start(Int)
        case freeDisk(Int)
        case fastDisk(Int)
        case ask(Client.Request)
        case answer(Client.Answer)
        case client(Int)
        case fault
        case mend
    }

    /// Makes a world that has not begun.
    ///
    /// - Parameters:
    ///   - seed: from which everything follows.
    ///   - sabotage: a rule to be broken.
    ///   - keepsWords: whether the story can be read afterwards.
    public init(seed: UInt64, sabotage: Sabotage? = nil, keepsWords: Bool = false) {
        self.seed = seed
        self.sabotage = sabotage
        trace = Trace(keepsWords: keepsWords)
        var chance = Chance(seed: seed)
        let scenario = Scenario(seed: seed, &chance)
        self.scenario = scenario
        genesis = Self.genesis(scenario)
        genesisHash = genesis.hash
        let members = (1...scenario.banks).map { Membership.Member(id: NodeID(UInt64($0))) }
        guard let founders = Membership(members) else {
            preconditionFailure("the founders' ids ascend")
        }
        self.founders = founders
        let nodeCount = scenario.banks + MemberChange.joining(scenario.changes)
        network = Network(nodes: nodeCount, delays: scenario.delays)
        properties = Properties(genesis: genesis)
        self.chance = chance
        desk = BankDesk(scenario.changes)
        for position in 0..<nodeCount { nodes.append(node(position)) }
        if let liar = scenario.liar { nodes[liar.position].lie = liar.lie }
        for number in 0..<scenario.clients {
            clients.append(Client(number, key: Keys.clients[number], bank: nil))
        }
        guard !scenario.changes.isEmpty else { return }
        for bank in nodes.indices {
            clients.append(Client(clients.count, key: Keys.operators[bank], bank: bank))
        }
    }

    private func node(_ position: Int) -> SimulatedNode {
        let disk = Disk(
            name: "node\(position + 1)", latency: scenario.diskLatency,
            stallsPerMille: scenario.diskStallsPerMille)
        var clock = Clock()
        clock.driftMillionths = Int64(chance.below(400)) - 200
        clock.offsetMillis = Int64(chance.below(400)) - 200
        return SimulatedNode(
            position: position, key: Keys.nodes[position], disk: disk, clock: clock,
            joins: position >= scenario.banks, world: self)
    }

    private static func genesis(_ scenario: Scenario) -> Genesis {
        Genesis(
            chainID: Genesis.developmentChainID, timeMillis: Clock.epochMillis - 10_000,
            allocations: (Keys.clients.prefix(scenario.clients) + Keys.operators).map {
                Genesis.Allocation(account: $0.address, amount: Amount(Client.wealth))
            },
            rules: scenario.rules,
            validators: (0..<scenario.banks).map { position in
                Genesis.Validator(
                    name: "bank \(position + 1)", address: Keys.nodes[position].address,
                    operator: Keys.operators[position].address)
            },
            certificateQuorum: BankSet.defaultQuorum(of: scenario.banks),
            checkpointInterval: scenario.checkpointInterval)
    }

    // MARK: The run

    /// Runs to the end.
    /// - Returns: what happened; see ``Report``.
    public func run() -> Report {
        var finding: Finding?
        do {
            try live()
            try properties.checkEnd(of: self)
        } catch let found as Finding {
            finding = found
        } catch {
            finding = Finding(.nodesKeepGoing, "something was thrown that nobody expects: \(error)")
        }
        trace.note("ends", nil, words: finding?.description ?? "")
        return Report(of: self, finding)
    }

    private func live() throws {
        for node in nodes where !node.joins { try start(node) }
        for client in clients.indices { push(.client(client), at: chance.below(300_000)) }
        push(.fault, at: 300_000 + chance.number(scenario.faultGap))
        push(.mend, at: scenario.mendAt)
        while let (time, event) = events.pop(), time <= scenario.endAt {
            now = time
            trace.now = time
            try handle(event)
        }
    }

    /// Makes an event due.
    func push(_ event: Event, at time: UInt64) { events.push(event, at: max(time, now)) }

    private func handle(_ event: Event) throws {
        switch event {
        case .arrive(let parcel): try arrive(parcel)
        case .connect(let route): try connect(route)
        case .disconnect(let route): try disconnect(route)
        case .heal(let route): try heal(route)
        case .work(let position, let life, let work):
            let node = nodes[position]
            guard node.life == life, let process = node.process else { return }
            guard node.pausedUntil <= now else { return push(event, at: node.pausedUntil) }
            try guarding(node) { try process.run(work) }
        case .start(let position): try start(nodes[position])
        case .freeDisk(let position): try freeDisk(of: nodes[position])
        case .fastDisk(let position): nodes[position].disk.latency = scenario.diskLatency
        case .ask(let request): try ask(request)
        case .answer(let answer): try clients[answer.client].take(answer, in: self)
        case .client(let number): clients[number].act(in: self)
        case .fault:
            guard !isMended else { return }
            try disturb()
            push(.fault, at: now + chance.number(scenario.faultGap))
        case .mend: try mend()
        }
    }

    /// Runs something on a node, which may end its process in the middle.
    func guarding(_ node: SimulatedNode, _ body: () throws -> Void) throws {
        do {
            try body()
        } catch is Process.Interrupted {
            crash(node, chance.happens(500) ? .kill : .powerCut, for: 20_000...1_500_000)
        }
    }

    /// Starts a node's process unless it runs.
    func start(_ node: SimulatedNode) throws {
        guard !node.isUp else { return }
        for other in nodes.indices where other != node.position {
            for lane in Network.Lane.allCases {
                let route = Network.Route(from: node.position, to: other, lane: lane)
                push(.connect(route), at: now + chance.number(1_000...20_000))
            }
        }
        try guarding(node) {
            do {
                try node.start()
            } catch let fault as LogFault {
                throw Finding(.nodesComeBack, "node \(node.id): \(fault)")
            }
        }
    }

    // MARK: Frames

    /// Sends a message, if there is a connection.
    func send(_ message: PeerMessage, from node: SimulatedNode, to peer: NodeID) {
        let route = Network.Route(
            from: node.position, to: Int(peer.rawValue) - 1, lane: message.lane)
        guard route.to < nodes.count, network.connection(route) != nil else { return }
        var writer = ByteWriter(capacity: message.byteCount)
        message.write(to: &writer)
        guard let (parcel, time) = network.send(writer.bytes, over: route, at: now, &chance)
        else { return }
        push(.arrive(parcel), at: time)
    }

    private func arrive(_ parcel: Network.Parcel) throws {
        let node = nodes[parcel.route.to]
        guard network.arrives(parcel), let process = node.process else { return }
        guard node.pausedUntil <= now else { return push(.arrive(parcel), at: node.pausedUntil) }
        try guarding(node) { try process.receive(parcel) }
    }

    private func heal(_ route: Network.Route) throws {
        guard network.isCut(route) else { return }
        for (parcel, time) in network.heal(route, at: now, &chance) {
            push(.arrive(parcel), at: time)
        }
        try connect(route)
    }

    private func connect(_ route: Network.Route) throws {
        // Nobody listens who is down; the sender tries again.
        guard network.connection(route) == nil, !network.isCut(route), nodes[route.from].isUp else {
            return
        }
        guard nodes[route.to].isUp else {
            return push(.connect(route), at: now + chance.number(50_000...200_000))
        }
        network.connect(route)
        guard route.lane == .bulk else { return }
        try guarding(nodes[route.from]) {
            try nodes[route.from].process?.reached(nodes[route.to].id)
        }
    }

    /// A sender notices that its connection has ended.
    private func disconnect(_ route: Network.Route) throws {
        // Questions go on this lane only.
        guard route.lane == .bulk else { return }
        try guarding(nodes[route.from]) {
            try nodes[route.from].process?.lost(nodes[route.to].id)
        }
    }
}
