import NIOCore
import Synchronization

/// What a connection's handler does for its outlet, on the connection's thread.
protocol OutletOwner: AnyObject {
    /// Takes answers that became complete on other threads.
    func take(_ responses: [(tag: Int, response: ByteBuffer?)])
    /// The session's feed has something to do.
    func react(to signal: SubscriptionFeed.Signal)
    /// The timer has fired.
    func timeOut()
    /// There may be room again for what had to wait.
    func goOn()
    /// Ends when what was asked is answered.
    func drain()
    /// Ends at once.
    func abort()
}

/// Carries answers from any thread to a connection.
///
/// Answers that come while earlier ones wait to be fetched travel together: one wake-up and one
/// flush serve them all.
final class ConnectionOutlet: RPCOutlet, ServerConnection {
    private let eventLoop: any EventLoop
    private let owner: NIOLoopBoundBox<(any OutletOwner)?>
    /// What waits to be fetched; nil once the connection has ended, and then nothing is kept.
    private let mailbox = Mutex<[(tag: Int, response: ByteBuffer?)]?>([])
    /// Held while the event loop is handed something: an answer may come long after the connection has ended, and
    /// with it perhaps the server's loops.
    private let isOpen = Mutex(true)
    let kept: KeptBytes.Part

    /// On the event loop of the connection.
    init(eventLoop: any EventLoop, kept: KeptBytes.Part) {
        self.eventLoop = eventLoop
        self.kept = kept
        owner = NIOLoopBoundBox(nil, eventLoop: eventLoop)
    }

    /// Sets whose answers these are; on the event loop.
    func serve(_ handler: any OutletOwner) { owner.value = handler }

    /// Lets go of what comes from now on; on the event loop, when the connection ends.
    func end() {
        owner.value = nil
        isOpen.withLock { $0 = false }
        mailbox.withLock { $0 = nil }
        kept.end()
    }

    private func onLoop(_ job: @escaping @Sendable () -> Void) {
        isOpen.withLock { if $0 { eventLoop.execute(job) } }
    }

    func deliver(_ response: ByteBuffer?, tag: Int) {
        let isFirst = mailbox.withLock { mailbox in
            mailbox?.append((tag, response))
            return mailbox?.count == 1
        }
        if isFirst { onLoop { self.collect() } }
    }

    private func collect() {
        let responses = mailbox.withLock { mailbox in
            defer { if mailbox != nil { mailbox = [] } }
            return mailbox
        }
        if let responses { owner.value?.take(responses) }
    }

    var isOver: Bool { kept.isOver }

    var client: ClientAddress { kept.client.address }

    var refusals: RefusalBudget? { kept.client.refusals }

    func keep(_ change: Int) { kept.change(by: change) }

    func signal(_ signal: SubscriptionFeed.Signal) {
        if case .nothing = signal { return }
        onLoop { self.owner.value?.react(to: signal) }
    }

    /// Lets the connection look again in a moment whether there is room; on the event loop.
    func goOnSoon() {
        eventLoop.scheduleTask(in: .milliseconds(5)) { self.owner.value?.goOn() }
    }

    /// On the event loop.
    func timeOut() { owner.value?.timeOut() }

    func drain() { onLoop { self.owner.value?.drain() } }

    func abort() { onLoop { self.owner.value?.abort() } }
}
