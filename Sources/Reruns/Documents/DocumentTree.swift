import Serialisation
import TrialData
import Yams

/// A plan or a codebook as a tree that can be compared and changed key by key.
///
/// Every scalar is a text as written, because plans and codebooks take scalars so. Elements of a list that have names are
/// found by them, so that `analyses[linkage-cox].ties` means the same in two plans whatever stands before it.
public struct DocumentTree: Sendable, Equatable {
  public private(set) var root: JSONValue

  public init(root: JSONValue) { self.root = root }

  /// Reads a document.
  ///
  /// - Throws: `DataError` where the text is no YAML.
  public init(_ document: RunDocument) throws(DataError) {
    do {
      root = try Yams.compose(yaml: document.text).map(Self.value) ?? .null
    } catch {
      throw DataError([
        DataProblem(file: document.path, found: "text that cannot be parsed", expected: "YAML expected")
      ])
    }
  }

  private static func value(_ node: Node) -> JSONValue {
    switch node {
    case .scalar(let scalar): .string(scalar.string)
    case .sequence(let sequence): .array(sequence.map(value))
    case .mapping(let mapping):
      .object(mapping.map { JSONValue.Member($0.key.scalar?.string ?? "", value($0.value)) })
    case .alias: .null
    }
  }

  /// The tree as a document: JSON, which is YAML, with every scalar quoted.
  public func document(path: String) -> RunDocument {
    RunDocument(path: path, text: root.text(indented: true))
  }

  /// The value at a path; nil where there is none.
  public subscript(path: DocumentPath) -> JSONValue? {
    var value = root
    for step in path.steps {
      guard let next = Self.child(of: value, step) else { return nil }
      value = next
    }
    return value
  }

  static func child(of value: JSONValue, _ step: DocumentPath.Step) -> JSONValue? {
    switch step {
    case .key(let name): value[name]
    case .element(let name): value.elements.first { identity(of: $0) == name }
    }
  }

  /// The name by which an element of a list is known; nil for a scalar and for a nameless mapping.
  static func identity(of element: JSONValue) -> String? {
    for key in ["id", "name", "column", "file", "value"] {
      if let name = element[key]?.text { return name }
    }
    // A step of a derivation is named by what it does: `employment: {…}`.
    guard element.members.count == 1 else { return nil }
    return element.members[0].value.text ?? element.members[0].name
  }

  /// The names of a list's elements; nil where one has none or two share one.
  static func identities(of list: JSONValue) -> [String]? {
    guard case .array(let elements) = list, !elements.isEmpty else { return nil }
    let names = elements.compactMap(identity)
    guard names.count == elements.count, Set(names).count == names.count else { return nil }
    return names
  }

  /// The tree with a value put at a path, or with what is there taken away.
  ///
  /// - Parameters:
  ///   - value: nil takes the key or element away.
  ///   - neighbour: a new element of a list is put after the element of this name; first where nil.
  /// - Returns: nil where the path leads nowhere.
  public func setting(
    _ path: DocumentPath, to value: JSONValue?, after neighbour: String? = nil
  ) -> DocumentTree? {
    Self.setting(path.steps[...], to: value, after: neighbour, in: root).map(DocumentTree.init(root:))
  }

  private static func setting(
    _ steps: ArraySlice<DocumentPath.Step>, to value: JSONValue?, after neighbour: String?,
    in parent: JSONValue
  ) -> JSONValue? {
    guard let step = steps.first else { return value }
    let rest = steps.dropFirst()
    func replaced(_ child: JSONValue?) -> JSONValue?? {
      if rest.isEmpty { return .some(value) }
      guard let child, let new = setting(rest, to: value, after: neighbour, in: child) else { return .none }
      return .some(new)
    }
    switch (step, parent) {
    case (.key(let name), .object(var members)):
      let place = members.firstIndex { $0.name == name }
      guard let new = replaced(place.map { members[$0].value }) else { return nil }
      switch (place, new) {
      case (let place?, let new?): members[place].value = new
      case (let place?, nil): members.remove(at: place)
      case (nil, let new?): members.append(.init(name, new))
      case (nil, nil): break
      }
      return .object(members)
    case (.element(let name), .array(var elements)):
      let place = elements.firstIndex { identity(of: $0) == name }
      guard let new = replaced(place.map { elements[$0] }) else { return nil }
      switch (place, new) {
      case (let place?, let new?): elements[place] = new
      case (let place?, nil): elements.remove(at: place)
      case (nil, let new?):
        let before = neighbour.flatMap { name in elements.firstIndex { identity(of: $0) == name } }
        elements.insert(new, at: before.map { $0 + 1 } ?? 0)
      case (nil, nil): break
      }
      return .array(elements)
    default: return nil
    }
  }
}

/// Where a value stands in a document: `analyses[linkage-cox].ties`.
public struct DocumentPath: Sendable, Hashable, CustomStringConvertible {
  public enum Step: Sendable, Hashable {
    case key(String)
    /// An element of a list by its name.
    case element(String)
  }

  public var steps: [Step]

  public init(_ steps: [Step] = []) { self.steps = steps }

  /// Reads a path; nil for a bracket that does not close or an empty step.
  public init?(parsing text: String) {
    var steps: [Step] = []
    var rest = text[...]
    while !rest.isEmpty {
      if rest.first == "[" {
        guard let end = rest.firstIndex(of: "]") else { return nil }
        steps.append(.element(String(rest[rest.index(after: rest.startIndex)..<end])))
        rest = rest[rest.index(after: end)...]
        if rest.first == "." { rest.removeFirst() }
      } else {
        let name = rest.prefix { $0 != "." && $0 != "[" }
        guard !name.isEmpty else { return nil }
        steps.append(.key(String(name)))
        rest = rest[name.endIndex...]
        if rest.first == "." { rest.removeFirst() }
      }
    }
    self.steps = steps
  }

  func adding(_ step: Step) -> DocumentPath { DocumentPath(steps + [step]) }

  public var description: String {
    steps.reduce(into: "") { text, step in
      switch step {
      case .key(let name): text += (text.isEmpty ? "" : ".") + name
      case .element(let name): text += "[\(name)]"
      }
    }
  }
}
