import Glibc
import Simulation

let command = Command(Array(CommandLine.arguments.dropFirst()))
// A worker that is gone is noticed when it does not answer.
signal(SIGPIPE, SIG_IGN)
let program = "/proc/self/exe"
if command.isWorker {
    Worker.run(command.sabotage)
} else if let seed = command.replay {
    exit(Replay(seed: seed, sabotage: command.sabotage).run(tellsAll: command.tellsAll) ? 0 : 1)
} else if command.checksSabotage {
    exit(SabotageCheck(program: program, workers: command.workers).run() ? 0 : 1)
} else {
    exit(Campaign(command, program: program).run() ? 0 : 1)
}
