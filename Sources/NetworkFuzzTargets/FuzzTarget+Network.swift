import FuzzTargets

extension FuzzTarget {
    /// Those that need NIO, be it only because of the module they are in.
    public static let networked: [FuzzTarget] =
        documents + peers + [.proof, .calls, .rpc, .http, .client]
}
