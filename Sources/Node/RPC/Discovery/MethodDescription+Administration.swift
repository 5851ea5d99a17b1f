extension MethodDescription {
    /// Methods that administer the node; scope `admin`.
    static let administration: [MethodDescription] = [
        MethodDescription(
            "admin_backup", "Begins to write a backup into a new folder on the node's machine.",
            [.need("to", .text)], gives: .object, as: "status"),
        MethodDescription(
            "admin_backupStatus", "How the backup stands that was asked for last.",
            gives: .object, as: "status"),
    ]
}
