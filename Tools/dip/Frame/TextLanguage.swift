import ArgumentParser
import Glibc

/// In which language the texts of templates are shown.
struct LanguageOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The language of a template's texts, such as zh or en; without it the environment's.",
            valueName: "code"))
    var language: String?

    /// The code in lower case, such as `zh`; `en` where nothing says otherwise.
    var code: String {
        if let language { return Self.code(of: language) ?? "en" }
        // As gettext looks for it: the first that is set counts, whatever it says.
        for name in ["LC_ALL", "LC_MESSAGES", "LANG"] {
            guard let value = getenv(name).map({ String(cString: $0) }), !value.isEmpty else {
                continue
            }
            return Self.code(of: value) ?? "en"
        }
        return "en"
    }

    /// The language of `zh_CN.UTF-8`, `zh-Hans` or `zh`; nil for `C`, `POSIX` and anything odd.
    static func code(of locale: String) -> String? {
        let letters = locale.prefix { $0.isASCII && $0.isLetter }.lowercased()
        return letters.utf8.count == 2 || letters.utf8.count == 3 ? letters : nil
    }
}
