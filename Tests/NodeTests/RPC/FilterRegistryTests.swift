import TestSupport
import Testing

@testable import Node

/// Which filters go when there are too many.
@Suite struct FilterRegistryTests {
    @Test func `the one unused longest goes, however filters are used and removed`() {
        let limit = 20
        let registry = FilterRegistry(limit: limit, wordLimit: 1_000)
        // Ids in the order of their last use.
        var ids: [String] = []
        var gone: [String] = []
        var random = SeededNumbers(seed: 7)
        for _ in 0..<20_000 {
            let index = ids.isEmpty ? 0 : random.below(ids.count)
            switch random.below(8) {
            case 0..<3:
                if ids.count == limit { gone.append(ids.removeFirst()) }
                ids.append(registry.add(.blocks, from: 1))
            case 3 where !ids.isEmpty:
                let id = ids.remove(at: index)
                #expect(registry.remove(id))
                #expect(!registry.remove(id))
                gone.append(id)
            case 4...7 where !ids.isEmpty:
                let id = ids.remove(at: index)
                #expect(registry.use(id) != nil)
                ids.append(id)
            default: break
            }
            #expect(registry.load.filters == ids.count)
        }
        #expect(gone.count > 1_000)
        #expect(gone.allSatisfy { registry.kind(of: $0) == nil })
        #expect(ids.allSatisfy { registry.kind(of: $0) != nil })
    }

    @Test func `a filter that is used for ever leaves no more than a few uses`() {
        let registry = FilterRegistry(limit: 10, wordLimit: 1_000)
        let id = registry.add(.blocks, from: 1)
        for _ in 0..<10_000 { _ = registry.use(id) }
        #expect(registry.load.uses < 100)
        for _ in 0..<10_000 { #expect(registry.remove(registry.add(.blocks, from: 1))) }
        #expect(registry.load.filters == 1 && registry.load.uses < 100)
    }
}
