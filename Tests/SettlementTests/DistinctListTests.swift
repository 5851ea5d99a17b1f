import Testing

@testable import Settlement

struct DistinctListTests {
    /// Adds some in turn, and says which were not there.
    private func added(_ elements: some Sequence<Int>, to list: inout DistinctList<Int>) -> [Int] {
        var new: [Int] = []
        for element in elements where list.add(element) { new.append(element) }
        return new
    }

    /// Beyond 64 elements it looks up by hash; what was taken away may come again on either side of that.
    @Test(arguments: [3, 63, 64, 65, 200])
    func `each element is there once, in order, also after some were taken away`(count: Int) {
        var list = DistinctList<Int>()
        let all = Array(0..<count)
        #expect(added(all, to: &list) == all)
        #expect(added(all, to: &list) == [])
        #expect(list.elements == all)

        // As a refusal takes back what it added, past the border and down to nothing.
        for _ in all { list.removeLast() }
        #expect(added(all + all, to: &list) == all)
        #expect(list.elements == all)

        list.removeFirst(2)
        #expect(added([0, 2, 0], to: &list) == [0])
        #expect(list.elements == Array(2..<count) + [0])
    }
}
