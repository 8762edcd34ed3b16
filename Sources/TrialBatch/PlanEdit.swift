import ModelFormula
import TrialData
import Yams

/// A change of a plan's YAML: what an option of a batch does to the plan of a cell.
///
/// Working on the tree keeps every key that a batch does not name as the plan has it; the edited plan is then read, and its
/// faults found, like any other.
struct PlanEdit {
  /// What does not fit the plan that is edited.
  struct Mismatch: Error, Equatable, CustomStringConvertible {
    var path: String
    var reason: String

    var description: String { "\(path): \(reason)" }
  }

  /// The plan's tree.
  private(set) var root: Node

  /// - Throws: `DataError` where the text is no YAML with keys.
  init(_ text: String, file: String) throws(DataError) {
    _ = try YAMLMapping.root(of: text, faults: YAMLFaults(file: file))
    root = Self.node(of: text)
  }

  /// The edited plan as text, without the comments of the original.
  func text() -> String { Self.text(of: root) }

  /// A tree as text; serialising one that was composed cannot fail.
  static func text(of node: Node) -> String {
    (try? Yams.serialize(node: node, width: -1, allowUnicode: true)) ?? ""
  }

  /// The tree of a text that was composed before without a fault.
  private static func node(of text: String) -> Node {
    let composed = try? Yams.compose(yaml: text)
    return (composed ?? nil) ?? Node.mapping(Node.Mapping([]))
  }

  /// The ids of its analyses.
  var analyses: [String] { items(of: "analyses").compactMap { $0["id"]?.scalar?.string } }

  // MARK: Edits

  /// Leaves only some analyses, and drops what refers to the others: tables, figures and published values.
  mutating func keepAnalyses(_ ids: [String]) throws(Mismatch) {
    let known = analyses
    for id in ids where !known.contains(id) {
      let near = nearest(to: id, among: known)
      throw Mismatch(
        path: "analyses", reason: "no analysis '\(id)'" + (near.isEmpty ? "" : ", '\(near[0])' expected"))
    }
    set("analyses", to: items(of: "analyses").filter { ids.contains($0["id"]?.scalar?.string ?? "") })
    for key in ["tables", "figures"] where root[key] != nil {
      set(
        key,
        to: items(of: key).filter { output in
          let shown =
            output["of"]?.sequence.map { $0.compactMap(\.scalar?.string) }
            ?? [output["of"]?.scalar?.string].compactMap { $0 }
          return shown.allSatisfy(ids.contains)
        })
    }
  }

  /// Drops the values printed elsewhere: they belong to the plan as it was registered, and name its records.
  mutating func dropPublished() {
    root.mapping?[Node("published")] = nil
  }

  /// Keeps only the participants for whom a condition is true, in every analysis set.
  mutating func keepParticipants(where condition: String) {
    let exclusion = Node(
      [
        (Node("id"), Node("filter")),
        (Node("reason"), Self.quoted("Not in: \(condition)")),
        (Node("where"), Self.quoted("is.na(\(condition)) | !(\(condition))")),
      ] as [(Node, Node)])
    var sets = items(of: "sets")
    if sets.isEmpty {
      sets = [
        Node(
          [
            (Node("id"), Node("randomised")),
            (
              Node("label"),
              Node([(Node("en"), Node("All randomised")), (Node("nb"), Node("Alle randomiserte"))])
            ),
          ] as [(Node, Node)])
      ]
    }
    for i in sets.indices where sets[i]["from"] == nil {
      let own = sets[i]["exclude"]?.sequence.map { Array($0) } ?? []
      sets[i].mapping?[Node("exclude")] = Node([exclusion] + own)
    }
    set("sets", to: sets)
  }

  /// Gives the analyses that adjust other covariates: those that have the key, or variants that have it.
  ///
  /// - Throws: `Mismatch` where none has: the cell would be another's twin under a name of its own.
  mutating func setCovariates(_ names: [String]) throws(Mismatch) {
    let list = Node(names.map { Node($0) })
    var isReplaced = false
    set(
      "analyses",
      to: items(of: "analyses").map { analysis in
        var analysis = analysis
        let kind = analysis["kind"]?.scalar?.string ?? ""
        guard !["flow", "randomisation", "baseline"].contains(kind) else { return analysis }
        if analysis["covariates"] != nil {
          analysis.mapping?[Node("covariates")] = list
          isReplaced = true
        }
        if let variants = analysis["variants"]?.sequence {
          analysis.mapping?[Node("variants")] = Node(
            variants.map { variant in
              var variant = variant
              if variant["covariates"] != nil {
                variant.mapping?[Node("covariates")] = list
                isReplaced = true
              }
              return variant
            })
        }
        return analysis
      })
    if !isReplaced {
      throw Mismatch(path: "covariates", reason: "no analysis that is carried out has covariates to replace")
    }
  }

  /// Gives the key at a path a value; every key but the last must be there.
  ///
  /// - Parameter path: keys between points, items of a list in brackets by their name (as `hekta diff` prints it) or by
  ///   number from 1, as messages count them.
  /// - Parameter value: YAML.
  mutating func set(path: String, to value: String) throws(Mismatch) {
    root = try Self.setting(root, Self.steps(of: path)[...], to: Self.node(of: value), path: path)
  }

  /// Gives a key of the root a value.
  mutating func set(_ key: String, toText text: String) {
    root.mapping?[Node(key)] = Node(text)
  }

  // MARK: The tree

  private func items(of key: String) -> [Node] { root[key]?.sequence.map { Array($0) } ?? [] }

  private mutating func set(_ key: String, to items: [Node]) { root.mapping?[Node(key)] = Node(items) }

  private static func quoted(_ text: String) -> Node {
    .scalar(Node.Scalar(text, Tag(.str), .doubleQuoted))
  }

  private enum Step: Equatable {
    case key(String)
    case item(String)
  }

  /// Looks at the form of a path.
  static func checkPath(_ path: String) throws(Mismatch) { _ = try steps(of: path) }

  private static func steps(of path: String) throws(Mismatch) -> [Step] {
    var steps: [Step] = []
    for part in path.split(separator: ".", omittingEmptySubsequences: false) {
      let pieces = part.split(separator: "[", omittingEmptySubsequences: false)
      guard let key = pieces.first, !key.isEmpty else {
        throw Mismatch(path: path, reason: "a key is missing")
      }
      steps.append(.key(String(key)))
      for piece in pieces.dropFirst() {
        guard piece.last == "]", piece.count > 1 else { throw Mismatch(path: path, reason: "no ']'") }
        if piece == "0]" { throw Mismatch(path: path, reason: "lists count from 1, so that [0] is none") }
        steps.append(.item(String(piece.dropLast())))
      }
    }
    return steps
  }

  private static func setting(
    _ node: Node, _ steps: ArraySlice<Step>, to value: Node, path: String
  ) throws(Mismatch) -> Node {
    guard let step = steps.first else { return value }
    let rest = steps.dropFirst()
    var node = node
    switch step {
    case .key(let key):
      guard node.mapping != nil else {
        throw Mismatch(path: path, reason: "nothing with keys before '\(key)'")
      }
      let old = node[key]
      if old == nil, !rest.isEmpty {
        let near = nearest(to: key, among: node.mapping!.keys.compactMap(\.scalar?.string))
        throw Mismatch(
          path: path, reason: "the plan has no '\(key)'" + (near.isEmpty ? "" : ", '\(near[0])' expected"))
      }
      node.mapping?[Node(key)] = try setting(old ?? Node(""), rest, to: value, path: path)
    case .item(let name):
      guard let sequence = node.sequence else {
        throw Mismatch(path: path, reason: "no list before [\(name)]")
      }
      var items = Array(sequence)
      guard
        let place = items.firstIndex(where: { Self.name(of: $0) == name })
          ?? Int(name).flatMap({ items.indices.contains($0 - 1) ? $0 - 1 : nil })
      else {
        let near = nearest(to: name, among: items.compactMap(Self.name))
        throw Mismatch(
          path: path,
          reason: "the plan's list of \(items.count) has no [\(name)]"
            + (near.isEmpty ? "" : ", [\(near[0])] expected"))
      }
      items[place] = try setting(items[place], rest, to: value, path: path)
      node = Node(items)
    }
    return node
  }

  /// The name by which an item of a list is known; a step of a derivation goes by what it does: `employment: {…}`.
  private static func name(of item: Node) -> String? {
    for key in ["id", "name", "column", "file", "value"] {
      if let name = item[key]?.scalar?.string { return name }
    }
    guard let members = item.mapping, members.count == 1, let member = members.first else { return nil }
    return member.value.scalar?.string ?? member.key.scalar?.string
  }
}
