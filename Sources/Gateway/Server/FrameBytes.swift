import NIOCore
import NIOWebSocket

/// Counts the bytes of a WebSocket frame that has not come in as a whole.
///
/// The decoder keeps them and does not say how many there are.
final class FrameBytes: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    /// Bytes that came in and of which no frame was made yet; a few too many, for frames' heads.
    private(set) var count = 0

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        count += unwrapInboundIn(data).readableBytes
        context.fireChannelRead(data)
    }

    /// The decoder gave a frame.
    func take(_ frame: WebSocketFrame) {
        let size = frame.data.readableBytes + (frame.extensionData?.readableBytes ?? 0)
        // A head has two bytes, a mask of four, and two or eight for a length beyond 125.
        count = max(0, count - size - (size > 65_535 ? 14 : size > 125 ? 8 : 6))
    }
}
