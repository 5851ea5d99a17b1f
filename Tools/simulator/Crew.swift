import Glibc
import Simulation

/// What a worker said about a seed.
struct Result {
    let seed: UInt64
    /// The name of the property that did not hold.
    var property: String?
    /// What did not hold, and the end of the story.
    var words: [String] = []
    var hash = ""
    var counts = Counts()
}

/// Several processes that run seeds, so that one that crashes or never ends takes nothing else with it.
final class Crew {
    /// How long a seed may take, seconds; most take a few hundredths.
    private static let patience = 120

    private struct Member {
        var process: pid_t
        var input: Int32
        var output: Int32
        var unread: [UInt8] = []
        var result: Result?
        var deadline = 0
    }

    private let program: String
    private let sabotage: Sabotage?
    private var members: [Member] = []

    init(program: String, workers: Int, sabotage: Sabotage?) {
        self.program = program
        self.sabotage = sabotage
        for _ in 0..<workers { members.append(spawn()) }
    }

    /// Runs seeds until there are no more.
    ///
    /// - Parameters:
    ///   - next: the next seed, nil at the end.
    ///   - take: takes a result, in the order in which they come.
    func run(_ next: () -> UInt64?, _ take: (Result) -> Void) {
        for index in members.indices { give(next(), to: index) }
        while members.contains(where: { $0.result != nil }) {
            for index in wait() {
                guard let result = read(index) else { continue }
                take(result)
                give(next(), to: index)
            }
        }
    }

    /// Ends the processes.
    func dismiss() {
        for member in members {
            close(member.input)
            close(member.output)
            waitpid(member.process, nil, 0)
        }
        members = []
    }

    // MARK: Processes

    private func spawn() -> Member {
        var toChild: [Int32] = [0, 0]
        var fromChild: [Int32] = [0, 0]
        guard pipe(&toChild) == 0, pipe(&fromChild) == 0 else {
            fatalError("no pipe: \(String(cString: strerror(errno)))")
        }
        // Another worker must not hold this one's ends open.
        for end in toChild + fromChild { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawn_file_actions_adddup2(&actions, toChild[0], 0)
        posix_spawn_file_actions_adddup2(&actions, fromChild[1], 1)
        var arguments = [program, "--worker"]
        if let sabotage { arguments += ["--sabotage", sabotage.rawValue] }
        var pointers = arguments.map { strdup($0) } + [nil]
        var process: pid_t = 0
        let code = posix_spawn(&process, program, &actions, nil, &pointers, environ)
        guard code == 0 else { fatalError("no process: \(String(cString: strerror(code)))") }
        for pointer in pointers { free(pointer) }
        posix_spawn_file_actions_destroy(&actions)
        close(toChild[0])
        close(fromChild[1])
        return Member(process: process, input: toChild[1], output: fromChild[0])
    }

    private func give(_ seed: UInt64?, to index: Int) {
        guard let seed else { return }
        members[index].result = Result(seed: seed)
        members[index].deadline = time(nil) + Self.patience
        let line = Array("\(seed)\n".utf8)
        _ = write(members[index].input, line, line.count)
    }

    /// Waits until somebody has something to say, or has taken too long.
    private func wait() -> [Int] {
        let busy = members.indices.filter { members[$0].result != nil }
        var descriptors = busy.map {
            pollfd(fd: members[$0].output, events: Int16(POLLIN), revents: 0)
        }
        poll(&descriptors, nfds_t(descriptors.count), 1_000)
        return busy.enumerated().filter { position, index in
            descriptors[position].revents != 0 || members[index].deadline < time(nil)
        }.map(\.element)
    }

    /// Reads what a worker says.
    /// - Returns: its result, if that is complete.
    private func read(_ index: Int) -> Result? {
        guard members[index].deadline >= time(nil) else {
            kill(members[index].process, SIGKILL)
            return lost(index, "did not end within \(Self.patience) s")
        }
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        let count = Glibc.read(members[index].output, &buffer, buffer.count)
        guard count > 0 else { return lost(index, "crashed") }
        members[index].unread += buffer[..<count]
        while let end = members[index].unread.firstIndex(of: UInt8(ascii: "\n")) {
            let line = String(decoding: members[index].unread[..<end], as: UTF8.self)
            members[index].unread.removeFirst(end + 1)
            if take(line, index) {
                defer { members[index].result = nil }
                return members[index].result
            }
        }
        return nil
    }

    /// - Returns: whether this was a result's last line.
    private func take(_ line: String, _ index: Int) -> Bool {
        let text = String(line.dropFirst(2))
        switch line.first {
        case "!":
            let words = text.split(separator: " ", maxSplits: 1)
            members[index].result?.property = words.first.map(String.init)
            members[index].result?.words.append(words.last.map(String.init) ?? text)
        case ".": members[index].result?.words.append("    " + text)
        case "=":
            let words = text.split(separator: " ")
            members[index].result?.hash = words.first.map(String.init) ?? ""
            members[index].result?.counts = Counts(
                numbers: words.dropFirst().compactMap { Int($0) })
            return true
        default: members[index].result?.words.append("    " + line)
        }
        return false
    }

    /// A worker is gone; another takes its place.
    private func lost(_ index: Int, _ how: String) -> Result? {
        var status: Int32 = 0
        waitpid(members[index].process, &status, 0)
        close(members[index].input)
        close(members[index].output)
        var result = members[index].result
        result?.property = "nodes-keep-going"
        result?.words.append("the program \(how) (signal \(status & 0x7f))")
        members[index] = spawn()
        return result
    }
}
