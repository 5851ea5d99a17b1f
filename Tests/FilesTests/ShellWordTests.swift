import Files
import Testing

/// Paths in commands that somebody is told to run.
@Suite struct ShellWordTests {
    @Test(
        arguments: [
            ("banks/bank1/node.json", "banks/bank1/node.json"), ("a b", "'a b'"), ("", "''"),
            ("it's", #"'it'\''s'"#), ("$HOME", "'$HOME'"), ("~/desk", "'~/desk'"), ("a;b", "'a;b'"),
            ("Müller", "'Müller'"),
        ])
    func `a word is quoted where a shell would change it`(_ text: String, _ word: String) {
        #expect(ShellWord.quoted(text) == word)
    }
}
