import Files
import Peers

extension Authority {
    /// Reads an authority from its folder, as `dip consortium` makes them.
    static func read(folder: String) throws(AuthorityFault) -> Authority {
        try read(certificate: folder + "/authority.pem", key: folder + "/authority.key")
    }
}

extension NewFolder {
    /// Writes an authority into a folder `authority`, with a note on what it is for.
    func write(_ authority: Authority, note: String) throws {
        try makeFolder(named: "authority")
        try authority.write(
            certificate: self["authority/authority.pem"], key: self["authority/authority.key"])
        try write(note.utf8, to: "authority/README")
    }
}
