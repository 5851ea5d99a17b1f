import FuzzLoop
import FuzzTargets

/// Fuzzes what needs no network library.
@main
struct Fuzz {
    static func main() { FuzzLoop.run(among: FuzzTarget.plain) }
}
