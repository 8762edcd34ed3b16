import ModelFormula
import Yams

/// Where the readers of a plan's parts note what is wrong.
///
/// Reading goes on with empty values after a fault, so that one run names all of them; the plan is discarded if there is
/// any.
final class PlanProblems {
  private(set) var list: [PlanError.Problem] = []

  func note(_ message: String, at position: PlanPosition) {
    list.append(PlanError.Problem(message, at: position))
  }
}

/// One mapping of the plan's YAML: typed access by key, with places and a check for keys that nobody asked for.
///
/// Scalars are taken as written, whatever type YAML 1.1 would give them: a level `no` stays the text `no`.
final class PlanMapping {
  let position: PlanPosition
  let problems: PlanProblems
  private let entries: [(key: String, place: PlanPosition, node: Node)]
  private var known: [String] = []

  init(_ node: Node, at position: PlanPosition, problems: PlanProblems) {
    self.position = position
    self.problems = problems
    guard case .mapping(let mapping) = node else {
      problems.note("found \(Self.kind(of: node)), expected keys with values", at: position)
      entries = []
      return
    }
    var entries: [(String, PlanPosition, Node)] = []
    for (keyNode, value) in mapping {
      let key = keyNode.scalar?.string ?? ""
      let path = position.path.isEmpty ? key : position.path + "." + key
      let place = PlanPosition(keyNode.mark, path: path, or: position)
      if entries.contains(where: { $0.0 == key }) { problems.note("the key is here twice", at: place) }
      entries.append((key, place, value))
    }
    self.entries = entries.map { (key: $0.0, place: $0.1, node: $0.2) }
  }

  /// The keys in the order of the file.
  var keys: [String] { entries.map(\.key) }

  /// True where the key is present; it then counts as known.
  func has(_ key: String) -> Bool { entry(key) != nil }

  /// The place of a key, or of the whole mapping where the key is absent.
  func place(of key: String) -> PlanPosition { entries.first { $0.key == key }?.place ?? position }

  /// Notes every key that no reader asked for, with the nearest one that it might have been.
  func finish() {
    for entry in entries where !known.contains(entry.key) {
      let near = nearest(to: entry.key, among: known)
      let hint =
        near.isEmpty
        ? "the keys here are \(known.joined(separator: ", "))" : "did you mean \(near[0])?"
      problems.note("unknown key \"\(entry.key)\"; \(hint)", at: entry.place)
    }
  }

  private func entry(_ key: String) -> (key: String, place: PlanPosition, node: Node)? {
    if !known.contains(key) { known.append(key) }
    return entries.first { $0.key == key }
  }

  private static func kind(of node: Node) -> String {
    switch node {
    case .scalar(let scalar): scalar.string.isEmpty ? "nothing" : "\"\(scalar.string)\""
    case .mapping: "keys with values"
    case .sequence: "a list"
    default: "an alias"
    }
  }

  // MARK: Scalars

  /// The text of a scalar; an empty value counts as absent.
  func located(_ key: String) -> Located<String>? {
    guard let entry = entry(key) else { return nil }
    return scalar(entry.node, at: entry.place)
  }

  private func scalar(_ node: Node, at place: PlanPosition) -> Located<String>? {
    guard case .scalar(let scalar) = node else {
      problems.note("found \(Self.kind(of: node)), expected one value", at: place)
      return nil
    }
    return scalar.string.isEmpty ? nil : Located(scalar.string, at: place)
  }

  func text(_ key: String) -> String? { located(key)?.value }

  /// A text that must be there; empty where it is not, with a problem noted.
  func requiredText(_ key: String) -> Located<String> {
    if let value = located(key) { return value }
    problems.note("the key \"\(key)\" is required here", at: place(of: key))
    return Located("", at: place(of: key))
  }

  /// One of the raw values of an enumeration.
  func choice<Choice: RawRepresentable & CaseIterable>(_ key: String, _ type: Choice.Type) -> Choice?
  where Choice.RawValue == String {
    guard let value = located(key) else { return nil }
    if let choice = Choice(rawValue: value.value) { return choice }
    noteUnknown(value, what: "value", among: Choice.allCases.map(\.rawValue))
    return nil
  }

  /// Notes that a name is none of those that exist, with the nearest.
  func noteUnknown(_ name: Located<String>, what: String, among names: [String]) {
    let near = nearest(to: name.value, among: names)
    let hint = near.isEmpty ? "expected one of \(names.joined(separator: ", "))" : "did you mean \(near[0])?"
    problems.note("unknown \(what) \"\(name.value)\"; \(hint)", at: name.position)
  }

  func number(_ key: String) -> Double? {
    guard let value = located(key) else { return nil }
    if let number = Double(value.value), number.isFinite { return number }
    problems.note("found \"\(value.value)\", expected a number", at: value.position)
    return nil
  }

  func integer(_ key: String, atLeast minimum: Int = 0) -> Int? {
    guard let value = located(key) else { return nil }
    if let number = Int(value.value), number >= minimum { return number }
    problems.note("found \"\(value.value)\", expected a whole number from \(minimum)", at: value.position)
    return nil
  }

  func bool(_ key: String) -> Bool? {
    guard let value = located(key) else { return nil }
    switch value.value {
    case "true", "yes": return true
    case "false", "no": return false
    default:
      problems.note("found \"\(value.value)\", expected true or false", at: value.position)
      return nil
    }
  }

  /// A text for readers: one wording, or one a language under `en` and `nb`.
  func label(_ key: String) -> Label? {
    guard let entry = entry(key) else { return nil }
    return label(entry.node, at: entry.place)
  }

  func requiredLabel(_ key: String) -> Label {
    if let label = label(key) { return label }
    if !has(key) { problems.note("the key \"\(key)\" is required here", at: position) }
    return Label("")
  }

  private func label(_ node: Node, at place: PlanPosition) -> Label? {
    guard case .mapping = node else { return scalar(node, at: place).map { Label($0.value) } }
    let mapping = PlanMapping(node, at: place, problems: problems)
    let english = mapping.text("en")
    let norwegian = mapping.text("nb")
    mapping.finish()
    guard let first = english ?? norwegian else {
      problems.note("found no wording, expected en or nb", at: place)
      return nil
    }
    return Label(first, nb: norwegian ?? first)
  }

  // MARK: Lists and mappings

  /// The mapping under a key.
  func mapping(_ key: String) -> PlanMapping? {
    guard let entry = entry(key) else { return nil }
    return PlanMapping(entry.node, at: entry.place, problems: problems)
  }

  /// The mappings of a list.
  func mappings(_ key: String) -> [PlanMapping] {
    items(key).map { PlanMapping($0.node, at: $0.place, problems: problems) }
  }

  /// A list of texts, or one text in place of a list of one.
  func texts(_ key: String) -> [Located<String>] {
    guard let entry = entry(key) else { return [] }
    if case .scalar = entry.node { return scalar(entry.node, at: entry.place).map { [$0] } ?? [] }
    return items(key).compactMap { scalar($0.node, at: $0.place) }
  }

  func numbers(_ key: String) -> [Double] {
    texts(key).compactMap { text in
      if let number = Double(text.value), number.isFinite { return number }
      problems.note("found \"\(text.value)\", expected a number", at: text.position)
      return nil
    }
  }

  /// Every key of the mapping under `key` with its mapping.
  func namedMappings(_ key: String) -> [(name: Located<String>, mapping: PlanMapping)] {
    guard let outer = mapping(key) else { return [] }
    return outer.entries.map {
      (Located($0.key, at: $0.place), PlanMapping($0.node, at: $0.place, problems: problems))
    }
  }

  /// Every key of the mapping under `key` with its wording.
  func labels(_ key: String) -> [(name: Located<String>, label: Label)] {
    guard let outer = mapping(key) else { return [] }
    return outer.entries.map { entry in
      (Located(entry.key, at: entry.place), label(entry.node, at: entry.place) ?? Label(entry.key))
    }
  }

  private func items(_ key: String) -> [(node: Node, place: PlanPosition)] {
    guard let entry = entry(key) else { return [] }
    guard case .sequence(let sequence) = entry.node else {
      if case .scalar(let scalar) = entry.node, scalar.string.isEmpty { return [] }
      problems.note("found \(Self.kind(of: entry.node)), expected a list", at: entry.place)
      return []
    }
    return sequence.enumerated().map { index, node in
      (node, PlanPosition(node.mark, path: "\(entry.place.path)[\(index + 1)]", or: entry.place))
    }
  }
}

extension PlanPosition {
  /// The place of a YAML node.
  init(_ mark: Mark?, path: String, or parent: PlanPosition) {
    self.init(line: mark?.line ?? parent.line, column: mark?.column ?? parent.column, path: path)
  }
}
