import Glibc
import Simulation

/// What the command line asks for.
struct Command {
    /// The first seed.
    var first: UInt64 = 1
    /// How many seeds, one after the other.
    var seeds: UInt64 = 200
    /// For how long to go on, in place of a number of seeds.
    var minutes: UInt64?
    /// Only this seed, with its story's end.
    var replay: UInt64?
    /// Whether to tell the whole story of the seed that is replayed.
    var tellsAll = false
    /// A rule to break.
    var sabotage: Sabotage?
    /// Whether to break every rule, one after the other, and see that it is noticed.
    var checksSabotage = false
    /// Whether this process runs seeds that it is told on its standard input.
    var isWorker = false
    /// How many processes run seeds.
    var workers = max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))))

    static let usage = """
        Runs whole nodes in simulated worlds, each following from a seed, and checks what must hold.

          Tools/simulate [--seeds N] [--first SEED] [--minutes M] [--workers N]
          Tools/simulate --replay SEED [--trace]     one seed, and the end of its story, or all of it
          Tools/simulate --sabotage RULE …           with a rule broken on purpose
          Tools/simulate --sabotage-check            breaks every rule and sees that it is noticed

        Rules that can be broken:
        \(Sabotage.allCases.map { "  \($0.rawValue): \($0.deed)" }.joined(separator: "\n"))
        """

    /// Reads the command line; says what is wrong with it and ends the process if it must.
    init(_ arguments: [String]) {
        var rest = arguments[...]
        func value() -> String {
            guard let value = rest.popFirst() else { Self.fail("a value is missing at the end") }
            return value
        }
        func number() -> UInt64 {
            let text = value()
            guard let number = UInt64(text) else { Self.fail("\(text) is no number") }
            return number
        }
        while let argument = rest.popFirst() {
            switch argument {
            case "--first": first = number()
            case "--seeds": seeds = number()
            case "--minutes": minutes = number()
            case "--workers": workers = Int(clamping: max(number(), 1))
            case "--replay": replay = number()
            case "--trace": tellsAll = true
            case "--sabotage":
                let name = value()
                sabotage = Sabotage(rawValue: name)
                if sabotage == nil { Self.fail("there is no rule called \(name)") }
            case "--sabotage-check": checksSabotage = true
            case "--worker": isWorker = true
            case "--help", "-h":
                print(Self.usage)
                exit(0)
            default: Self.fail("unknown argument \(argument)")
            }
        }
    }

    private static func fail(_ reason: String) -> Never {
        print("\(reason)\n\n\(usage)")
        exit(2)
    }
}
