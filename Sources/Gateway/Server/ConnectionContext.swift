import NIOCore
import NIOSSL

/// What HTTP and WebSocket connections ask of their channel.
extension ChannelHandlerContext {
    /// Bytes of answers that the system has not taken, for the client does not read.
    var unsentBytes: Int {
        (try? channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
    }

    /// Closes the connection at once.
    ///
    /// With TLS without its farewell: that would wait behind all that the other side does not read, for seconds in
    /// which all of it stays in memory.
    func cutOff() {
        let tls = try? pipeline.syncOperations.context(handlerType: NIOSSLServerHandler.self)
        (tls ?? self).close(promise: nil)
    }
}
