import JSON
import Ledger
import Settlement
import YAML

/// A file with a template or with bindings, as YAML or JSON.
struct TemplateFile {
    let path: String
    private let content: Content

    private enum Content {
        /// Strict JSON, whose places the language itself finds.
        case json([UInt8])
        case yaml(DocumentNode)
    }

    /// Reads a file; one whose name ends in `.json` is JSON, any other YAML, of which JSON is a part.
    ///
    /// - Throws: ``FileFaults`` for what is neither.
    init(_ path: String) throws {
        let bytes = try Input.bytes(path, atMost: YAMLReader.Limit.bytes)
        self.path = path
        if path.hasSuffix(".json") {
            content = .json(bytes)
            return
        }
        do throws(SourceFault) {
            content = .yaml(try YAMLReader.read(bytes))
        } catch {
            throw FileFaults(path: path, error)
        }
    }

    // MARK: Templates

    /// The template.
    ///
    /// - Throws: ``FileFaults`` with everything that keeps it from being one.
    func template() throws -> Template {
        let faults: [TemplateFault]
        do throws(TemplateFault) {
            switch content {
            case .json(let bytes): return try Template(parsing: bytes)
            case .yaml(let document): return try Template(document)
            }
        } catch {
            switch content {
            case .json(let bytes): faults = Template.faults(parsing: bytes)
            case .yaml(let document): faults = Template.faults(of: document)
            }
            throw FileFaults(path: path, faults.isEmpty ? [error] : faults)
        }
    }

    // MARK: Bindings

    /// The file as a document; JSON is read as the YAML that it is too.
    ///
    /// - Throws: ``FileFaults``.
    func document() throws -> DocumentNode {
        switch content {
        case .yaml(let document): return document
        case .json(let bytes):
            do throws(SourceFault) {
                return try YAMLReader.read(bytes)
            } catch {
                throw FileFaults(path: path, error)
            }
        }
    }

    /// The bindings that the file has for a template.
    ///
    /// - Throws: ``FileFaults`` with everything that keeps them from being read.
    func bindings(for template: Template, _ reading: BindingsFile.Reading) throws -> Bound {
        let human = try document()
        let file: BindingsFile
        do throws(SourceFault) {
            file = try BindingsFile(human, for: template, reading)
        } catch {
            throw FileFaults(path: path, error)
        }
        do throws(TemplateFault) {
            return Bound(
                bindings: try TemplateBindings(file.document, for: template),
                pledges: file.pledges, document: file.document)
        } catch {
            let faults = TemplateBindings.faults(of: file.document, for: template)
            throw FileFaults(path: path, faults.isEmpty ? [error] : faults)
        }
    }
}

/// What a template is bound to, and what is pledged to the order.
struct Bound {
    let bindings: TemplateBindings
    let pledges: [IOrders.Pledge]
    /// Where each value stands in the file.
    let document: DocumentNode

    /// A fault of the bindings with its place in the file.
    func placed(_ fault: TemplateFault) -> TemplateFault {
        let name = fault.pointer.split(separator: "/").first.map(String.init) ?? ""
        let place = document[name]?.place ?? document.place
        return TemplateFault(fault.pointer, fault.why, at: fault.place ?? place)
    }
}

/// Everything that is wrong with a file, each with its place.
struct FileFaults: Error, CustomStringConvertible {
    let path: String
    let faults: [TemplateFault]

    init(path: String, _ faults: [TemplateFault]) {
        self.path = path
        self.faults = faults
    }

    init(path: String, _ fault: SourceFault) {
        self.init(path: path, [TemplateFault("", fault.why, at: fault.place)])
    }

    /// `file:line:column: why (pointer)`, a line each.
    var description: String { lines.joined(separator: "\n") }

    var lines: [String] {
        faults.map { fault in
            let place = fault.place.map { ":\($0.line):\($0.column)" } ?? ""
            let pointer = fault.pointer.isEmpty ? "" : " (\(fault.pointer))"
            return Output.clean("\(path)\(place): \(fault.why)\(pointer)", atMost: 600)
        }
    }

    /// As programs read it.
    var json: [JSON] {
        faults.map { fault in
            .members([
                ("file", .string(path)), ("line", fault.place.map { .integer($0.line) }),
                ("column", fault.place.map { .integer($0.column) }),
                ("pointer", .string(fault.pointer)), ("why", .string(fault.why)),
            ])
        }
    }
}
