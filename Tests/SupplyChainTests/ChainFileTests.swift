import SupplyChain
import Testing

@Suite struct ChainFileTests {
    @Test func `rows may stop early and go on with pairs`() throws {
        let chain = try chain("Engine,7,4500.0", "Car,1,10,,Engine,1,Wheel,4,,", "Wheel,2,5.50,,")
        #expect(chain.stages.map(\.name) == ["Engine", "Car", "Wheel"])
        #expect(chain.stages[1].supplies.map(\.stage) == [0, 2])
        #expect(chain.stages[1].supplies.map(\.quantity.description) == ["1", "4"])
        #expect(chain.customers == [[1], [], [1]])
        #expect(chain.products == [1])
    }

    @Test func `what is sold is a product even where others need it`() throws {
        let chain = try chain("Car,1,10,,Engine,1", "Engine,1,5,20")
        #expect(chain.products == [0, 1])
    }

    @Test(arguments: [
        ("A,1,x", "chain.txt:2: the cost of A is no decimal number: 'x'"),
        ("A,1,-5", "chain.txt:2: the cost of A is no decimal number: '-5'"),
        ("A,1", "chain.txt:2: the cost of A is no decimal number: ''"),
        (",1,5", "chain.txt:2: the stage has no name"),
        ("A,1,5,many", "chain.txt:2: the demand for A is no decimal number"),
        ("A,1,5,,B,1", "chain.txt:2: stage A needs B, which is no stage of this chain"),
        ("A,1,5,,A,1", "chain.txt:2: stage A needs itself"),
        ("A,1,5,,B", "chain.txt:2: B, needed by A, has no quantity"),
        ("A,1,5,,B,x", "chain.txt:2: B, needed by A, has no quantity"),
        ("A,1,5,,,1", "chain.txt:2: a supplier of A has no name"),
        ("A,1,5,,B,0\nB,1,5", "chain.txt:2: stage A needs 0 units of B"),
        ("A,1,5,,B,1,B,1\nB,1,5", "chain.txt:2: stage A names B twice"),
        ("A,1,5\nB,1,5\nA,1,5", "chain.txt:4: stage A is already in line 2"),
        (
            "P,1,1,,A,1\nA,1,1,,B,1\nB,1,1,,C,1\nC,1,1,,A,1",
            "chain.txt: stages need each other in a circle: A needs B needs C needs A"
        ),
        ("", "chain.txt: there is no stage"),
    ])
    func `a fault names its line`(rows: String, expected: String) {
        #expect(fault { _ = try chain(rows) } == expected)
    }

    @Test(arguments: [
        ("stage_id,lead_time,up_stages\n", "f:1: the header has no column cost or cost_rate"),
        ("name,cost,up_stages\n", "f:1: the header has no column stage_id"),
        (
            "stage_id,up_stages,cost\n",
            "f:1: up_stages must be the last column, as its pairs go on to the end of a row"
        ),
        ("", "f: the file is empty"),
    ])
    func `a header without its columns is refused`(text: String, expected: String) {
        #expect(fault { _ = try ChainFile(Array(text.utf8), file: "f") } == expected)
    }

    private let lines = """
        {"chain":7,"stages":[{"name":"A","cost":9.69999999999999,"demand":null},\
        {"name":"B","cost":0,"demand":3}],"links":[["A","B"]]}

        {"name":"small","stages":[{"name":"A","cost":1,"demand":null}],"links":[]}
        """

    @Test func `a line of JSON is a chain, chosen by name or place`() throws {
        let file = try ChainFile(Array(lines.utf8), file: "f")
        #expect(file.chains.map(\.name) == ["7", "small"])
        let chain = try file.chain("1", file: "f")
        #expect(chain.stages.map(\.cost.description) == ["9.69999999999999", "0"])
        #expect(chain.stages[1].supplies.map(\.stage) == [0])
        #expect(chain.stages[1].supplies.map(\.quantity) == [.one])
        #expect(try file.chain("small", file: "f").stages.count == 1)
        #expect(
            fault { _ = try file.chain(nil, file: "f") }
                == "f: it holds 2 chains; say which one: 7, small")
        #expect(
            fault { _ = try file.chain("9", file: "f") } == "f: it has no chain 9, only 7, small")
    }

    @Test(arguments: [
        ("{", "f:1: the text ends too early at byte 1"),
        ("{}", "f:1: no array 'stages'"),
        (#"{"stages":[]}"#, "f:1: no array 'links'"),
        (#"{"stages":[],"links":[]}"#, "f: there is no stage"),
        (#"{"stages":[{"cost":1}],"links":[]}"#, "f:1: stages[0] has no name"),
        (
            #"{"stages":[{"name":"A","cost":"1"}],"links":[]}"#,
            "f:1: the cost of A is no decimal number"
        ),
        (
            #"{"stages":[{"name":"A","cost":1}],"links":[["A"]]}"#,
            "f:1: links[0] is no pair of names"
        ),
        (
            #"{"stages":[{"name":"A","cost":1}],"links":[["A","B"]]}"#,
            "f:1: links[0] leads to B, which is no stage"
        ),
        (
            #"{"stages":[{"name":"A","cost":1}],"links":[["B","A"]]}"#,
            "f:1: stage A needs B, which is no stage of this chain"
        ),
        (
            #"{"stages":[{"name":"A","cost":1},{"name":"A","cost":1}],"links":[]}"#,
            "f:1: stage A is there twice"
        ),
    ])
    func `a fault in JSON names its line`(text: String, expected: String) {
        #expect(fault { _ = try ChainFile(Array(text.utf8), file: "f") } == expected)
    }
}
