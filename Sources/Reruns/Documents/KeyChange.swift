import Serialisation

/// One key in which two plans or codebooks differ.
public struct KeyChange: Sendable, Equatable {
  public var path: DocumentPath
  /// The value in the first document; nil where the key is new.
  public var old: JSONValue?
  /// The value in the second; nil where the key is gone.
  public var new: JSONValue?
  /// For a new element of a list, the element of the second document that it follows.
  var neighbour: String?
  /// True where the same named elements stand in another order; the values then are the lists of names.
  var isOrder = false

  /// Every key in which a document differs from another, in the order of the first.
  ///
  /// Comments, layout and the order of keys are no differences, except that the first of the data files is the
  /// participants'.
  public static func between(_ old: DocumentTree, _ new: DocumentTree) -> [KeyChange] {
    changes(old.root, new.root, at: DocumentPath())
  }

  private static func changes(_ old: JSONValue, _ new: JSONValue, at path: DocumentPath) -> [KeyChange] {
    if old == new { return [] }
    switch (old, new) {
    case (.object(let olds), .object(let news)):
      let names = olds.map(\.name) + news.map(\.name).filter { old[$0] == nil }
      var found = names.flatMap { name in
        change(old[name], new[name], at: path.adding(.key(name)), after: nil)
      }
      if path == DocumentPath([.key("data")]) {
        found += orderChange(olds.map(\.name), news.map(\.name), at: path)
      }
      return found
    case (.array, .array):
      guard let olds = DocumentTree.identities(of: old), let news = DocumentTree.identities(of: new) else {
        break
      }
      let names = olds + news.filter { !olds.contains($0) }
      let found = names.flatMap { name in
        let step = DocumentPath.Step.element(name)
        let place = news.firstIndex(of: name)
        return change(
          DocumentTree.child(of: old, step), DocumentTree.child(of: new, step), at: path.adding(step),
          after: place.flatMap { $0 > 0 ? news[$0 - 1] : nil })
      }
      return found + orderChange(olds, news, at: path)
    default: break
    }
    return [KeyChange(path: path, old: old, new: new)]
  }

  private static func change(
    _ old: JSONValue?, _ new: JSONValue?, at path: DocumentPath, after neighbour: String?
  ) -> [KeyChange] {
    if let old, let new { return changes(old, new, at: path) }
    return old == nil && new == nil
      ? [] : [KeyChange(path: path, old: old, new: new, neighbour: neighbour)]
  }

  private static func orderChange(_ old: [String], _ new: [String], at path: DocumentPath) -> [KeyChange] {
    let a = old.filter(new.contains)
    let b = new.filter(old.contains)
    guard a != b else { return [] }
    return [KeyChange(path: path, old: .strings(a), new: .strings(b), isOrder: true)]
  }

  /// The first document with this key as it is in the second.
  ///
  /// - Returns: nil where the key's surroundings are not there.
  func applied(to tree: DocumentTree) -> DocumentTree? {
    guard isOrder else { return tree.setting(path, to: new, after: neighbour) }
    guard let list = tree[path] else { return nil }
    let order = new?.elements.compactMap(\.text) ?? []
    switch list {
    case .array(let elements):
      return tree.setting(path, to: .array(Self.ordered(elements, by: order, DocumentTree.identity)))
    case .object(let members):
      return tree.setting(path, to: .object(Self.ordered(members, by: order) { $0.name }))
    default: return nil
    }
  }

  /// The elements with those that have a place in an order put into it; the others stay where they are.
  private static func ordered<T>(_ elements: [T], by order: [String], _ name: (T) -> String?) -> [T] {
    func rank(_ place: Int) -> Int? { name(elements[place]).flatMap(order.firstIndex) }
    let places = elements.indices.filter { rank($0) != nil }
    var result = elements
    for (place, source) in zip(places, places.sorted { rank($0)! < rank($1)! }) {
      result[place] = elements[source]
    }
    return result
  }

  /// The change in one line: `analyses[linkage-cox].ties: efron → breslow`.
  public var text: String {
    if isOrder { return "\(path): another order" }
    switch (old, new) {
    case (nil, let new?): return "\(path): new" + Self.short(new).map { " (\($0))" }.orEmpty
    case (let old?, nil): return "\(path): gone" + Self.short(old).map { " (\($0))" }.orEmpty
    case (let old?, let new?):
      if case (.array(let a), .array(let b)) = (old, new) { return "\(path): \(Self.listChange(a, b))" }
      guard let a = Self.short(old), let b = Self.short(new) else { return "\(path): changed" }
      return "\(path): \(a) → \(b)"
    default: return path.description
    }
  }

  private static func listChange(_ old: [JSONValue], _ new: [JSONValue]) -> String {
    let gone = old.filter { !new.contains($0) }.compactMap(short)
    let added = new.filter { !old.contains($0) }.compactMap(short)
    let parts = [
      gone.isEmpty ? nil : "without \(gone.joined(separator: ", "))",
      added.isEmpty ? nil : "with \(added.joined(separator: ", "))",
    ].compactMap { $0 }
    return parts.isEmpty ? "another order" : parts.joined(separator: ", ")
  }

  /// A value as one short text; nil for a mapping.
  private static func short(_ value: JSONValue) -> String? {
    switch value {
    case .string(let text): text.count <= 60 ? text : String(text.prefix(59)) + "…"
    case .array(let elements):
      elements.allSatisfy { $0.text != nil } ? elements.compactMap(\.text).joined(separator: ", ") : nil
    default: nil
    }
  }
}

extension String? {
  fileprivate var orEmpty: String { self ?? "" }
}
