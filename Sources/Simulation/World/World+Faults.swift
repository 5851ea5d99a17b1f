import Consensus

// What goes wrong, and how it is mended.
extension World {
    /// Lets one thing go wrong.
    func disturb() throws {
        guard let fault = scenario.faults.isEmpty ? nil : chance.pick(scenario.faults) else {
            return
        }
        let node = nodes[chance.index(nodes.count)]
        trace.note("fault", node.position, words: fault.rawValue)
        switch fault {
        case .crash: crash(node, chance.happens(400) ? .kill : .powerCut, for: 20_000...3_000_000)
        case .crashLeader:
            guard let leader else { return }
            crash(leader, chance.happens(400) ? .kill : .powerCut, for: 20_000...3_000_000)
        case .crashWithin: node.actionsUntilCrash = 1 + chance.index(60)
        case .blackout:
            for node in nodes { crash(node, .powerCut, for: 20_000...1_000_000) }
        case .pause:
            node.pausedUntil = max(node.pausedUntil, now + chance.number(5_000...2_500_000))
        case .breakConnections:
            for _ in 0...chance.index(4) {
                breakOff(
                    Network.Route(
                        from: chance.index(nodes.count), to: chance.index(nodes.count),
                        lane: chance.pick(Network.Lane.allCases)))
            }
        case .cutOneWay: cut(from: [node.position], to: [chance.index(nodes.count)])
        case .isolate:
            let others = Array(nodes.indices)
            let way = chance.index(3)
            if way != 1 { cut(from: [node.position], to: others) }
            if way != 2 { cut(from: others, to: [node.position]) }
        case .split:
            let some = nodes.indices.filter { _ in chance.happens(500) }
            let others = nodes.indices.filter { !some.contains($0) }
            cut(from: some, to: others)
            cut(from: others, to: some)
        case .slowDisk:
            node.disk.latency = (base: 20_000, jitter: 400_000)
            push(.fastDisk(node.position), at: now + chance.number(200_000...3_000_000))
        case .fullDisk:
            node.disk.fill()
            push(.freeDisk(node.position), at: now + chance.number(200_000...3_000_000))
        case .failSync:
            node.disk.failSyncs()
            push(.freeDisk(node.position), at: now + chance.number(200_000...3_000_000))
        case .setClock:
            node.clock.offsetMillis = Int64(chance.below(16_000)) - 8_000
        case .restart:
            guard node.isUp else { return }
            try guarding(node) { try node.stop() }
            push(.start(node.position), at: now + chance.number(5_000...500_000))
        case .handOver:
            guard let leader, let process = leader.process else { return }
            try guarding(leader) {
                try process.handle { now throws(CoreFault) in
                    try process.driver.transfer(to: nil, at: now).actions
                }
            }
        case .backUp:
            node.backup = try node.process.map { try node.disk.backup(in: $0.driver.term) }
        case .loseDisk: try loseDisk(of: node)
        }
    }

    /// Whoever leads, or believes so.
    private var leader: SimulatedNode? { nodes.first { $0.process?.driver.role == .leader } }

    /// Replaces a disk by what its backup has; once a run, for more at a time could be a majority.
    private func loseDisk(of node: SimulatedNode) throws {
        // A liar that stops and a change of the banks take votes too.
        guard let backup = node.backup, nodes.count >= 3, properties.counts.restores == 0,
            scenario.liar == nil, scenario.changes.isEmpty
        else { return }
        crash(node, .powerCut, for: 200_000...2_000_000)
        node.disk.free()
        try node.disk.replace(with: backup)
        properties.counts.restores += 1
    }

    /// Ends a process and starts another one later.
    func crash(
        _ node: SimulatedNode, _ end: SimulatedNode.End, for range: ClosedRange<UInt64>
    ) {
        guard node.isUp else { return }
        node.crash(end)
        push(.start(node.position), at: now + chance.number(range))
    }

    /// A process has ended, and its connections with it.
    func lostProcess(of node: SimulatedNode) {
        properties.counts.crashes += 1
        for other in nodes.indices where other != node.position {
            for lane in Network.Lane.allCases {
                breakOff(.init(from: node.position, to: other, lane: lane))
                breakOff(.init(from: other, to: node.position, lane: lane), losingAll: true)
            }
        }
    }

    /// A node makes its connection to a peer anew.
    func reconnect(_ node: SimulatedNode, _ peer: NodeID) {
        trace.note("reconnects", node.position, peer.rawValue)
        breakOff(.init(from: node.position, to: Int(peer.rawValue) - 1, lane: .consensus))
    }

    /// Ends a connection; its sender makes another one later.
    private func breakOff(_ route: Network.Route, losingAll: Bool = false) {
        guard route.from != route.to,
            network.breakOff(route, losingAll: losingAll, &chance)
        else { return }
        // Not at once: this may be in the middle of what the sender does.
        push(.disconnect(route), at: now)
        // Soon enough, at times, that the new connection overtakes what the old one still holds.
        let pause = chance.happens(400) ? 200...3_000 : 5_000...500_000 as ClosedRange<UInt64>
        push(.connect(route), at: now + chance.number(pause))
    }

    /// Lets nothing through for a while; connections hold it back, or break.
    private func cut(from some: [Int], to others: [Int]) {
        let end = now + chance.number(50_000...4_000_000)
        for from in some {
            for to in others where from != to {
                for lane in Network.Lane.allCases {
                    let route = Network.Route(from: from, to: to, lane: lane)
                    if chance.happens(300) { breakOff(route) }
                    network.cut(route)
                    push(.heal(route), at: end)
                }
            }
        }
    }

    /// Mends a disk, and has the operator start a process again that stopped because of it.
    func freeDisk(of node: SimulatedNode) throws {
        guard node.disk.isRefusing else { return }
        node.disk.free()
        if node.process?.haltedBecause != nil { node.crash(.kill) }
        if node.isBegun { try start(node) }
    }

    /// Ends all faults: from here on everything must come right by itself.
    func mend() throws {
        isMended = true
        trace.note("everything is mended")
        for node in nodes {
            node.pausedUntil = min(node.pausedUntil, now)
            node.disk.latency = scenario.diskLatency
            node.disk.stallsPerMille = 0
            node.clock.offsetMillis = 0
            node.actionsUntilCrash = 0
            try freeDisk(of: node)
            for other in nodes {
                for lane in Network.Lane.allCases {
                    push(
                        .heal(.init(from: node.position, to: other.position, lane: lane)), at: now)
                    push(
                        .connect(.init(from: node.position, to: other.position, lane: lane)),
                        at: now + 100_000)
                }
            }
            if node.isBegun { push(.start(node.position), at: now + 100_000) }
        }
    }
}
