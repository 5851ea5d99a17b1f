import ArgumentParser

/// `dip key …`.
struct Key: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "key",
        abstract: "Make, keep and use keys.",
        discussion: """
            Keys lie in the keystore's folder, each in a file of its own, encrypted under a \
            password by scrypt and AES: the Web3 Secret Storage format of version 3, which geth, \
            MetaMask and most other wallets read and write. Passwords are asked for at the \
            terminal, or come from --password-file or --password-fd; neither passwords nor keys \
            are ever taken from the command line or the environment, where others could see them.
            """,
        subcommands: [
            KeyNew.self, KeyImport.self, KeyExport.self, KeyList.self, KeyAddress.self,
            KeySign.self,
        ])
}
