extension TemplateReader {
    mutating func price(_ field: Field) -> LinearForm? {
        guard let text = reader.string(field, bytes: 1...512) else { return nil }
        do throws(ExpressionReader.Fault) {
            let form = try ExpressionReader.sum(text, roles, parameters)
            let named = parameters.firstIndex { $0.name == "price" }
            var alone = LinearForm()
            if let named { alone.add(.one, .parameter(named)) }
            guard named == nil || form == alone else {
                reader.fault(field, "a parameter called price is the price")
                return nil
            }
            return form
        } catch {
            reader.fault(field, error.text)
            return nil
        }
    }

    mutating func requirements(
        _ field: Field, price: LinearForm
    ) -> [Template.Requirement]? {
        guard let elements = reader.elements(field, limit: Template.requirementLimit) else {
            return nil
        }
        var found: [Template.Requirement] = []
        for element in elements {
            guard let text = reader.string(element, bytes: 1...512), !reader.isFull else {
                continue
            }
            do throws(ExpressionReader.Fault) {
                found.append(
                    try ExpressionReader.comparison(text, roles, parameters, price: price))
            } catch {
                reader.fault(element, error.text)
            }
        }
        return found
    }
}
