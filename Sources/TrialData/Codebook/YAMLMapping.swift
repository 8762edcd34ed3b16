import ModelFormula
import Yams

/// A place in a YAML file.
public struct YAMLPlace: Sendable, Equatable {
  /// Counted from 1.
  public var line: Int
  /// Counted from 1.
  public var column: Int
  /// The keys that lead there, such as `files[1].columns[3].type`.
  public var path: String

  public init(line: Int, column: Int, path: String) {
    self.line = line
    self.column = column
    self.path = path
  }
}

/// A value of a YAML file with its place.
public struct Placed<Value: Sendable & Equatable>: Sendable, Equatable {
  public var value: Value
  public var place: YAMLPlace

  public init(value: Value, place: YAMLPlace) {
    self.value = value
    self.place = place
  }
}

extension DataProblem {
  /// A fault at a place of a YAML file: `FILE:LINE:COLUMN: key: what was found, what was expected`.
  public init(file: String, place: YAMLPlace, found: String, expected: String) {
    self.init(
      file: file, line: place.line, column: "\(place.column)",
      found: place.path.isEmpty ? found : "\(place.path): \(found)", expected: expected)
    isOfWrittenFile = true
  }

  /// What is expected in place of a name that is not known: the nearest there is, or one of all.
  public static func expectation(insteadOf name: String, among names: [String]) -> String {
    let near = nearest(to: name, among: names)
    return near.isEmpty ? "one of \(names.joined(separator: ", ")) expected" : "'\(near[0])' expected"
  }
}

/// Gathers the faults of a YAML file, so that one run names all of them.
package final class YAMLFaults {
  package let file: String
  package private(set) var problems: [DataProblem] = []

  package init(file: String) { self.file = file }

  package func note(_ found: String, expected: String, at place: YAMLPlace) {
    problems.append(DataProblem(file: file, place: place, found: found, expected: expected))
  }

  package func throwIfAny() throws(DataError) {
    guard !problems.isEmpty else { return }
    throw DataError(
      problems.enumerated().sorted { ($0.element.line!, $0.offset) < ($1.element.line!, $1.offset) }.map(
        \.element))
  }
}

/// One mapping of a YAML file: typed access by key, and at the end a look for keys that nobody asked for.
///
/// Scalars are taken as they are written, whatever type YAML 1.1 would give them: a level `no` stays the text `no`.
package final class YAMLMapping {
  package let place: YAMLPlace
  package let faults: YAMLFaults
  private var entries: [(key: String, place: YAMLPlace, node: Node)] = []
  private var asked: [String] = []

  package init(_ node: Node, at place: YAMLPlace, faults: YAMLFaults) {
    self.place = place
    self.faults = faults
    guard case .mapping(let mapping) = node else {
      faults.note("found \(Self.kind(of: node))", expected: "keys with values expected", at: place)
      return
    }
    for (keyNode, value) in mapping {
      let key = keyNode.scalar?.string ?? ""
      let path = place.path.isEmpty ? key : "\(place.path).\(key)"
      entries.append((key, Self.place(of: keyNode, path: path, in: place), value))
    }
  }

  /// The root of a file.
  ///
  /// - Throws: `DataError` where the text is not YAML.
  package static func root(of text: String, faults: YAMLFaults) throws(DataError) -> YAMLMapping {
    let start = YAMLPlace(line: 1, column: 1, path: "")
    let node: Node?
    do {
      node = try Yams.compose(yaml: text)
    } catch let error as YamlError {
      let (found, mark) = describe(error)
      faults.note(
        found, expected: "YAML expected",
        at: YAMLPlace(line: mark?.line ?? 1, column: mark?.column ?? 1, path: ""))
      throw DataError(faults.problems)
    } catch {
      faults.note("text that cannot be parsed", expected: "YAML expected", at: start)
      throw DataError(faults.problems)
    }
    guard let node else {
      faults.note("found nothing", expected: "keys with values expected", at: start)
      throw DataError(faults.problems)
    }
    return YAMLMapping(node, at: start, faults: faults)
  }

  private static func describe(_ error: YamlError) -> (String, Mark?) {
    switch error {
    case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
      .composer(let context, let problem, let mark, _):
      (([context?.text, problem].compactMap { $0 }).joined(separator: ": "), mark)
    case .duplicatedKeysInMapping(let duplicates, let context):
      ("the key \(duplicates.map { "'\($0)'" }.joined(separator: ", ")) twice", context.mark)
    case .reader(let problem, _, _, _): (problem, nil)
    default: ("text that cannot be parsed", nil)
    }
  }

  private static func place(of node: Node, path: String, in parent: YAMLPlace) -> YAMLPlace {
    YAMLPlace(line: node.mark?.line ?? parent.line, column: node.mark?.column ?? parent.column, path: path)
  }

  private static func kind(of node: Node) -> String {
    switch node {
    case .scalar(let scalar): scalar.string.isEmpty ? "nothing" : "'\(scalar.string)'"
    case .mapping: "keys with values"
    case .sequence: "a list"
    case .alias: "an alias"
    }
  }

  private func entry(_ key: String) -> (key: String, place: YAMLPlace, node: Node)? {
    if !asked.contains(key) { asked.append(key) }
    return entries.first { $0.key == key }
  }

  /// The keys in the order of the file, with their places.
  package var keys: [Placed<String>] { entries.map { Placed(value: $0.key, place: $0.place) } }

  /// True where a key is present.
  package func has(_ key: String) -> Bool { entry(key) != nil }

  /// The place of a key, or of the mapping where the key is absent.
  package func place(of key: String) -> YAMLPlace { entries.first { $0.key == key }?.place ?? place }

  /// Notes every key that no reader asked for, with the nearest that it may have been meant for.
  package func finish() {
    for entry in entries where !asked.contains(entry.key) {
      let near = nearest(to: entry.key, among: asked)
      let expected = near.isEmpty ? asked.joined(separator: ", ") : "'\(near[0])'"
      faults.note("unknown key '\(entry.key)'", expected: "\(expected) expected", at: entry.place)
    }
  }

  // MARK: Scalars

  private func scalar(_ node: Node, at place: YAMLPlace) -> Placed<String>? {
    guard case .scalar(let scalar) = node else {
      faults.note("found \(Self.kind(of: node))", expected: "one value expected", at: place)
      return nil
    }
    return Placed(value: scalar.string, place: place)
  }

  /// The text under a key; nil where the key or its value is absent.
  package func text(_ key: String) -> Placed<String>? {
    guard let entry = entry(key), let value = scalar(entry.node, at: entry.place), !value.value.isEmpty else {
      return nil
    }
    return value
  }

  /// A text that must be there.
  package func requiredText(_ key: String) -> Placed<String>? {
    if let value = text(key) { return value }
    faults.note("no '\(key)'", expected: "a value for '\(key)' expected", at: place(of: key))
    return nil
  }

  /// One of the raw values of an enumeration.
  package func choice<C: RawRepresentable & CaseIterable>(_ key: String, _ type: C.Type) -> C?
  where C.RawValue == String {
    guard let value = text(key) else { return nil }
    if let choice = C(rawValue: value.value) { return choice }
    noteUnknown(value, among: C.allCases.map(\.rawValue))
    return nil
  }

  /// Notes that a text is none of those it may be.
  package func noteUnknown(_ value: Placed<String>, among names: [String]) {
    faults.note(
      "found '\(value.value)'", expected: DataProblem.expectation(insteadOf: value.value, among: names),
      at: value.place)
  }

  package func bool(_ key: String) -> Bool? {
    guard let value = text(key) else { return nil }
    switch value.value {
    case "true", "yes": return true
    case "false", "no": return false
    default:
      faults.note("found '\(value.value)'", expected: "true or false expected", at: value.place)
      return nil
    }
  }

  package func number(_ key: String) -> Double? { text(key).flatMap(number) }

  /// The number that a scalar spells.
  package func number(_ value: Placed<String>) -> Double? {
    if let number = DecimalNumber.parse(value.value, mark: .point) { return number }
    faults.note("found '\(value.value)'", expected: "a number expected", at: value.place)
    return nil
  }

  package func integer(_ key: String) -> Int? {
    guard let value = text(key) else { return nil }
    if let number = Int(value.value) { return number }
    faults.note("found '\(value.value)'", expected: "a whole number expected", at: value.place)
    return nil
  }

  /// A text for readers: one wording, or one a language under `en` and `nb`.
  package func wording(_ key: String) -> Wording? {
    guard let entry = entry(key) else { return nil }
    return wording(entry.node, at: entry.place)
  }

  private func wording(_ node: Node, at place: YAMLPlace) -> Wording? {
    guard case .mapping = node else {
      return scalar(node, at: place).map { Wording($0.value) }
    }
    let mapping = YAMLMapping(node, at: place, faults: faults)
    let english = mapping.text("en")?.value
    let norwegian = mapping.text("nb")?.value
    mapping.finish()
    guard let first = english ?? norwegian else {
      faults.note("no wording", expected: "'en' or 'nb' expected", at: place)
      return nil
    }
    return Wording(first, nb: norwegian)
  }

  /// The node under a key as YAML gives it, for a reader that carries it elsewhere.
  package func node(_ key: String) -> Node? { entry(key)?.node }

  // MARK: Lists and mappings

  /// The mapping under a key.
  package func mapping(_ key: String) -> YAMLMapping? {
    guard let entry = entry(key) else { return nil }
    return YAMLMapping(entry.node, at: entry.place, faults: faults)
  }

  /// The mappings of a list.
  package func mappings(_ key: String) -> [YAMLMapping] {
    items(key).map { YAMLMapping($0.node, at: $0.place, faults: faults) }
  }

  /// A list of texts, or one text in place of a list of one. An empty element stays an empty text.
  package func texts(_ key: String) -> [Placed<String>] {
    guard let entry = entry(key) else { return [] }
    if case .scalar = entry.node { return scalar(entry.node, at: entry.place).map { [$0] } ?? [] }
    return items(key).compactMap { scalar($0.node, at: $0.place) }
  }

  /// A list whose elements are texts or mappings.
  package func textsOrMappings(_ key: String) -> [(
    text: Placed<String>?, mapping: YAMLMapping?, place: YAMLPlace
  )] {
    items(key).map { item in
      if case .scalar = item.node { return (scalar(item.node, at: item.place), nil, item.place) }
      return (nil, YAMLMapping(item.node, at: item.place, faults: faults), item.place)
    }
  }

  /// Every key of the mapping under a key, with its texts (one or a list).
  package func namedTexts(_ key: String) -> [(name: Placed<String>, values: [Placed<String>])] {
    guard let outer = mapping(key) else { return [] }
    return outer.entries.map { entry in
      (Placed(value: entry.key, place: entry.place), outer.texts(entry.key))
    }
  }

  private func items(_ key: String) -> [(node: Node, place: YAMLPlace)] {
    guard let entry = entry(key) else { return [] }
    switch entry.node {
    case .sequence(let sequence):
      return sequence.enumerated().map { index, node in
        (node, Self.place(of: node, path: "\(entry.place.path)[\(index + 1)]", in: entry.place))
      }
    case .scalar(let scalar) where scalar.string.isEmpty: return []
    default:
      faults.note("found \(Self.kind(of: entry.node))", expected: "a list expected", at: entry.place)
      return []
    }
  }
}
