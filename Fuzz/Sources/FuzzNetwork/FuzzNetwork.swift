import FuzzLoop
import FuzzTargets
import NetworkFuzzTargets

/// Fuzzes the rest.
@main
struct FuzzNetwork {
    static func main() { FuzzLoop.run(among: FuzzTarget.networked) }
}
