import Storage

/// How it stands with a backup that a running node was asked for.
enum BackupStatus: Sendable {
    /// None was asked for since the node started.
    case none
    /// It is being written.
    case running(to: String, CheckpointControl)
    /// It was written.
    case done(to: String, BackupManifest)
    /// It could not be written.
    case failed(to: String, String)

    /// Whether one is being written.
    var isRunning: Bool { if case .running = self { true } else { false } }
}
