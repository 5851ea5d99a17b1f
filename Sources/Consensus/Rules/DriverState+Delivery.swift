// Towards the application.
extension DriverState {
    /// What the application is told next; nil if nothing is due.
    package func nextDelivery() -> Delivery? {
        if let toTell, delivered >= toTell.after, installing == nil {
            return .leadership(toTell.leadership)
        }
        if let installing {
            return installing.isDurable ? .restore(installing.marker) : nil
        }
        if let snapshot, delivered + 1 < firstIndex { return .restore(snapshot) }
        guard delivered < deliverable else { return nil }
        let wanted = (delivered + 1)..<(deliverable + 1)
        guard let entries = cache.entries(wanted) else {
            return .stored(wanted.lowerBound..<min(wanted.upperBound, cache.first))
        }
        var bytes = 0
        let batch = entries.prefix { entry in
            defer { bytes += entry.payload.count }
            return bytes < limits.deliveryBytes
        }
        return .entries(first: wanted.lowerBound, Array(batch))
    }

    /// Takes note that the application has everything up to here.
    package mutating func delivered(through index: LogIndex) {
        delivered = max(delivered, index)
        evict()
    }

    /// Takes note that the application knows who leads.
    package mutating func told(_ leadership: Leadership) {
        told = leadership
        if toTell?.leadership == leadership { toTell = nil }
    }

    /// Takes note that the application has the state of a snapshot that it was told to fetch.
    ///
    /// A newer one may have come meanwhile, which it must then fetch too.
    package mutating func restored(
        _ marker: SnapshotMarker, at now: UInt64
    ) throws(CoreFault) -> [DriverAction] {
        var actions: [DriverAction] = [.deliver]
        delivered = max(delivered, marker.point.index)
        guard let pending = installing, pending.marker == marker else { return actions }
        installing = nil
        try step(.persistedSnapshot(pending.marker.point), now, &actions)
        return actions
    }
}
