import JSON
import Ledger
import Settlement

/// What a template and its parts are called in a language, and its rules as phrases.
struct TemplateTexts {
    let template: Template
    let words: TemplateWords
    private let locale: Template.Locale?
    private let json: JSON

    /// Takes a template.
    ///
    /// - Parameters:
    ///   - template: a well-formed one.
    ///   - language: the code of a language, such as `zh`; what it does not say is said as the template's
    ///     own text does.
    init(_ template: Template, language: String) {
        self.template = template
        locale = template.locale(language)
        words = language == "zh" ? .chinese : .english
        json = (try? JSON(parsing: template.canonicalBytes)) ?? .null
    }

    var id: String { template.id.hex }

    var name: String { clean(locale?.name ?? template.name, atMost: 200) }

    var description: String {
        clean(locale?.description ?? template.description, atMost: 4000)
    }

    func role(_ index: Int) -> String {
        label(template.roles[index].name, among: locale?.roles)
    }

    func parameter(_ index: Int) -> String {
        label(template.parameters[index].name, among: locale?.parameters)
    }

    func gate(_ index: Int) -> String {
        label(template.gates[index].name, among: locale?.gates)
    }

    private func label(_ name: String, among labels: [Template.Label]?) -> String {
        clean(labels?.first { $0.name == name }?.text ?? name, atMost: 120)
    }

    /// The ledger keeps control characters out of texts; what a file says is not trusted that far.
    private func clean(_ text: String, atMost limit: Int) -> String {
        Output.clean(text.replacing("\n", with: " "), atMost: limit)
    }

    /// Which roles must be attested entities; empty where none.
    var requiredEntities: [String] {
        let roles = template.entityRoles.map { role($0) }
        return roles.isEmpty ? [] : [words.entities(roles.joined(separator: words.comma))]
    }

    // MARK: Phrases

    /// What the buyer owes, as the template writes it.
    var price: String { expression(json["price"]?.string ?? words.price) }

    /// An expression with the labels of its parameters.
    private func expression(_ text: String) -> String {
        guard let index = template.parameters.firstIndex(where: { $0.name == text }) else {
            return clean(text, atMost: 400)
        }
        return parameter(index)
    }

    private func value(_ value: Template.Value, isShare: Bool) -> String {
        switch value {
        case .literal(let number):
            isShare ? Arguments.percent(bps: UInt64(clamping: number)) : String(number)
        case .parameter(let index): parameter(index)
        }
    }

    /// How much a line is.
    func amount(_ line: Template.LineRule) -> String {
        switch line.amount {
        case .fixed(.parameter(let index)): parameter(index)
        case .fixed(let value):
            self.value(value, isShare: false) + (template.roles[line.to].isMany ? words.each : "")
        case .share(.parameter(let index)): parameter(index)
        case .share(let value): words.share(self.value(value, isShare: true))
        case .rest: words.rest
        }
    }

    /// What is kept back of a line.
    func retention(_ retention: Template.Retention) -> String {
        value(retention.share, isShare: true)
    }

    /// A moment of a gate.
    func moment(_ moment: Template.Moment) -> String {
        switch moment {
        case .after(let seconds): words.within(words.span(seconds))
        case .parameter(let index):
            template.parameters[index].type == .duration
                ? words.within(parameter(index)) : words.by(parameter(index))
        }
    }

    /// A length of time: a number of days, or the parameter that says it.
    private func length(_ moment: Template.Moment) -> String {
        switch moment {
        case .after(let seconds): words.span(seconds)
        case .parameter(let index): parameter(index)
        }
    }

    /// Who decides a gate, until when, and what happens else.
    func rule(_ index: Int) -> String {
        let gate = template.gates[index]
        guard gate.isAttested else {
            return gate.from.map { words.later(length($0)) } ?? words.atOnce
        }
        let most = gate.attest.reduce(0) { $0 + template.roles[$1].members.upperBound }
        let who = gate.attest.map { role($0) }
        var parts = [words.said(who, gate.need == most ? nil : gate.need)]
        if let from = gate.from { parts.append(words.notBefore(length(from))) }
        if let by = gate.by { parts.append(moment(by)) }
        switch gate.late {
        case .fail: parts.append(words.elseFails)
        case .meet: parts.append(words.elseMet)
        case .arbitrate:
            let arbiter = template.roles.firstIndex(where: \.isArbiter).map { role($0) } ?? "?"
            parts.append(
                words.elseArbiter(
                    arbiter, gate.arbitration.map { length($0) } ?? "",
                    isMet: gate.silenceMeets))
        }
        return parts.joined(separator: words.comma)
    }
}
