extension MethodDescription {
    /// Methods that administer the node: on its socket file only.
    static let administration: [MethodDescription] = [
        MethodDescription(
            "admin_transferLeadership",
            "On the node's socket file: hands leadership to a bank, or to the one furthest along.",
            [.may("bank", .object)], gives: .object, as: "target"),
        MethodDescription(
            "admin_backup",
            "On the node's socket file: begins a backup into a new folder on its machine.",
            [.need("to", .text)], gives: .object, as: "status"),
        MethodDescription(
            "admin_backupStatus",
            "On the node's socket file: how the backup stands that was asked for last.",
            gives: .object, as: "status"),
    ]
}
